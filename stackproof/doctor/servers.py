"""Whether the database and the Redis servers that a descriptor names answer: each is asked once for its version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from stackproof.check import NotAssessed, View
from stackproof.descriptor.model import Descriptor
from stackproof.doctor.operations import Finding
from stackproof.evidence import Recorder, Redactor
from stackproof.report.build import PROFILE_VIEWS
from stackproof.target.postgres import PostgresView
from stackproof.target.redis import RedisView
from stackproof.target.views import redis_url


def knock(descriptor: Descriptor, redactor: Redactor, profile: str) -> list[Finding]:
    """Connect to each server that is named, and no other; silence is a trouble where `profile` looks."""
    found = []
    for subject, view, ask in _named(descriptor, redactor):
        looked_at = view in PROFILE_VIEWS.get(profile, frozenset(View))
        try:
            found.append(Finding(subject, "ok", ask()))
        except NotAssessed as error:
            found.append(Finding(subject, "trouble" if looked_at else "remark", redactor.text(str(error))))
    return found


def _named(descriptor: Descriptor, redactor: Redactor) -> Iterator[tuple[str, View, Callable[[], str]]]:
    if descriptor.postgres and descriptor.postgres.own_dsn:
        yield "postgres", View.POSTGRES, partial(_postgres, descriptor, redactor)
    for role in ("cache", "broker"):
        if redis_url(getattr(descriptor.redis, role)):
            yield f"redis.{role}", View.REDIS, partial(_redis, descriptor, redactor, role)


def _postgres(descriptor: Descriptor, redactor: Redactor) -> str:
    view = PostgresView(descriptor, Recorder(redactor), redactor)
    try:
        return f"PostgreSQL {view.version} answers"
    finally:
        view.close()


def _redis(descriptor: Descriptor, redactor: Redactor, role: str) -> str:
    view = RedisView(descriptor, role, Recorder(redactor), redactor)
    try:
        return f"{view.product} {view.version} answers"
    finally:
        view.close()
