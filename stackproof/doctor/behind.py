"""What stands behind the service, tried once: PostgreSQL, both Redis, the interpreter and its settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from stackproof.check import NotAssessed, View
from stackproof.descriptor.model import Descriptor
from stackproof.discovery.writing import one_line
from stackproof.doctor.operations import LONGEST, Finding, State
from stackproof.evidence import Recorder, Redactor
from stackproof.target.views import Opening

type Try = Callable[[Descriptor, Recorder, Redactor], str]


def look_behind(
    descriptor: Descriptor, redactor: Redactor, openings: dict[View, Opening], required: Collection[View]
) -> list[Finding]:
    """One finding for each part whose view is open; what the profile does not need is a remark where it fails."""
    found = []
    for subject, view, attempt in _tries(descriptor):
        if not openings[view].open:
            continue
        try:
            text = attempt(descriptor, Recorder(redactor), redactor)
        except NotAssessed as error:
            state: State = "trouble" if view in required else "remark"
            found.append(Finding(subject, state, one_line(redactor.text(str(error)), LONGEST)))
        else:
            found.append(Finding(subject, "ok", one_line(redactor.text(text), LONGEST)))
    return found


def _tries(descriptor: Descriptor) -> Iterator[tuple[str, View, Try]]:
    yield "postgres", View.POSTGRES, _postgres
    for role in ("cache", "broker"):
        given = getattr(descriptor.redis, role)
        if given is not None and not given.unused:
            yield f"redis.{role}", View.REDIS, _redis(role)
    yield "project", View.PROJECT, _interpreter
    if descriptor.project is not None and descriptor.project.settings_module:
        yield "settings", View.PROJECT, _settings


def _postgres(descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> str:
    from stackproof.target.postgres import PostgresView

    view = PostgresView(descriptor, recorder, redactor)
    try:
        return f"PostgreSQL {view.version} answers"
    finally:
        view.close()


def _redis(role: str) -> Try:
    def attempt(descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> str:
        from stackproof.target.redis import RedisView

        view = RedisView(descriptor, role, recorder, redactor)
        try:
            return f"{view.product} {view.version} answers"
        finally:
            view.close()

    return attempt


def _interpreter(descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> str:
    from stackproof.target.project import ProjectView

    return f"the service's interpreter is Python {ProjectView(descriptor, recorder, redactor).python_version()}"


def _settings(descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> str:
    from stackproof.target.project import ProjectView

    ProjectView(descriptor, recorder, redactor).settings()
    named = descriptor.project.settings_module if descriptor.project else ""
    return f"{named} loads in the service's interpreter"
