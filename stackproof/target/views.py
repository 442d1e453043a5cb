"""Which views of the target are open, and why the others are not."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from stackproof.absent import PYTHON
from stackproof.accounts.credentials import credentials_of
from stackproof.check import NotAssessed, View
from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.model import Descriptor, from_environment
from stackproof.descriptor.redis import RedisRole

CONNECT_WITHIN = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a view is open; where it is not, `reason` says what would open it."""

    open: bool
    reason: str


def open_views(descriptor: Descriptor) -> dict[View, Opening]:
    """Every view with its opening; connects once to the service, and nowhere else."""
    trouble = ""
    try:
        credentials_of(descriptor.accounts)
    except NotAssessed as error:
        trouble = str(error)
    auth, accounts = descriptor.auth, descriptor.accounts
    postgres = descriptor.postgres
    return {
        View.HTTP: _reachable(descriptor.target.base_url, descriptor.target.resolve),
        View.WEBSOCKET: _first((descriptor.websocket is None, "stackproof.toml has no [websocket] table")),
        View.ACCOUNTS: _first(
            (descriptor.auth is None, "stackproof.toml has no [auth] table: it says how an account signs in"),
            (bool(trouble), trouble),
        ),
        View.POSTGRES: _first(
            (postgres is None, "stackproof.toml has no [postgres] table"),
            (
                postgres is not None and not postgres.own_dsn,
                f"no DSN: set {postgres.dsn_env if postgres else ''} in the environment, or postgres.dsn",
            ),
        ),
        View.REDIS: _first(
            (
                not any(redis_url(role) for role in (descriptor.redis.cache, descriptor.redis.broker)),
                "stackproof.toml names no [redis.cache] or [redis.broker] with a URL",
            )
        ),
        View.PROJECT: _project(descriptor),
        View.FILES: _files(descriptor),
        View.IMAGE: _image(descriptor),
        View.ENGINE: _first(
            (not descriptor.host.docker, "stackproof.toml gives no host.docker: words that run the engine's client"),
            (_is_missing(descriptor.host.docker), f"host.docker: there is no program {descriptor.host.docker[:1]}"),
        ),
        View.HOST: _first(
            (not descriptor.host.database_memory, "stackproof.toml gives no host.database_memory"),
        ),
        View.CLOCK: _first(
            (descriptor.clock is None, "the service's clock cannot be moved: stackproof.toml has no [clock] table"),
        ),
        View.KEY: _key(auth),
        View.DISPOSABLE: _first(
            (
                accounts.disposable is None or not (accounts.disposable.through_project or accounts.disposable.create),
                "stackproof.toml has no [accounts.disposable] table: accounts that may be made, changed and deleted",
            )
        ),
        View.RESTART: _first((descriptor.restart is None, "stackproof.toml has no [restart] table")),
        View.REPLICAS: _first(
            (
                not descriptor.target.also,
                "target.also names no other process of the service with its own address",
            ),
        ),
        View.BACKUP: _first(
            (
                postgres is None or postgres.backup is None,
                "stackproof.toml has no [postgres.backup] table: how base backups are found",
            ),
        ),
        View.WAITING: _first(
            (descriptor.waiting is None, "stackproof.toml has no [waiting] table: an operation that waits inside"),
        ),
        View.LOGS: _first(
            (
                descriptor.logs is None or not (descriptor.logs.files or descriptor.logs.command),
                "stackproof.toml has no [logs] table with files or a command: what the service writes",
            ),
        ),
        View.CELERY: _first((descriptor.celery is None, "stackproof.toml has no [celery] table")),
    }


def redis_url(role: RedisRole | None) -> str:
    """The URL of a Redis role, or "" where it is not given."""
    return "" if role is None else role.url or from_environment(role.url_env)


def _key(auth: Auth | None) -> Opening:
    key = auth.signing_key if auth else None
    if key is None:
        return Opening(False, "stackproof.toml has no [auth.signing_key] table: with the key, tokens can be forged")
    return _first(
        (key.file is not None and not key.file.is_file(), f"auth.signing_key.file is missing: {key.file}"),
        (key.file is None and not from_environment(key.env), f"no signing key: set {key.env} in the environment"),
        (
            bool(key.refresh_env) and not from_environment(key.refresh_env),
            f"no signing key of refresh tokens: set {key.refresh_env} in the environment",
        ),
    )


def _first(*faults: tuple[bool, str]) -> Opening:
    for present, reason in faults:
        if present:
            return Opening(False, reason)
    return Opening(True, "")


def _project(descriptor: Descriptor) -> Opening:
    project = descriptor.project
    if project is None:
        return Opening(False, "stackproof.toml has no [project] table")
    nowhere = project.python is None and PYTHON in project.unused
    return _first(
        (not project.path.is_dir(), f"project.path is no folder: {project.path}"),
        (nowhere, f"it is seen inside of Python alone, which project.unused says is not used ({PYTHON})"),
        (project.python is None, "project.python is not given: it names the service's interpreter"),
        (project.python is not None and not project.python.is_file(), f"project.python is missing: {project.python}"),
    )


def _files(descriptor: Descriptor) -> Opening:
    project = descriptor.project
    return _first(
        (project is None, "stackproof.toml has no [project] table"),
        (project is not None and not project.path.is_dir(), f"project.path is no folder: {project and project.path}"),
    )


def _image(descriptor: Descriptor) -> Opening:
    given = descriptor.project is not None and descriptor.project.image
    client = descriptor.host.docker or ("docker",)
    return _first(
        (not given, "project.image is not given: the image that runs"),
        (_is_missing(client), f"there is no program {client[0]} that could ask the engine for {given}"),
    )


def _is_missing(words: tuple[str, ...]) -> bool:
    return bool(words) and shutil.which(words[0]) is None


def _reachable(url: str, resolve: Mapping[str, str]) -> Opening:
    if not url:
        return Opening(False, "stackproof.toml gives no target.base_url: no service is looked at")
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        host = resolve.get(parts.hostname or "", parts.hostname or "")
        with socket.create_connection((host, port), timeout=CONNECT_WITHIN):
            return Opening(True, "")
    except (OSError, UnicodeError) as error:
        return Opening(False, f"{parts.hostname}:{port} cannot be reached: {error}")
