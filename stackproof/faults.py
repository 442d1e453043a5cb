"""Declared ways of breaking the reference service, as data: `sample_app/faults/<name>.toml`."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stackproof.declared import pick_declared, read_declared


class Serve(BaseModel):
    """How the faulty service is served."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tls_minimum: Literal["", "1.0", "1.1", "1.2"] = ""
    certificate: Literal["", "expired", "other-name", "unknown-authority"] = ""
    plain_on_tls_port: bool = False
    renewal: Literal["", "unnoticed"] = ""
    worker: bool = True
    supervised: bool = True
    beat: bool = True


class FileChange(BaseModel):
    """How a file of the service's project differs.

    Attributes:
        replace: each text is replaced wherever it stands; it must stand there.
        text: the whole file, in place of what there was; "{secret_key}" and "{random}" are filled in.
        append: put behind it.
        committed: False where the change is made after everything was committed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    replace: dict[str, str] = {}
    text: str | None = None
    append: str = ""
    delete: bool = False
    committed: bool = True


class Fault(BaseModel):
    """One deviation from the conforming service, and the checks that must notice it.

    Attributes:
        name: the file's stem.
        summary: the misbehaviour, in one sentence.
        notices: check ids; each must find `violated`.
        settings: Django settings, dotted names lead into dictionaries.
        postgres: settings of the server; `cache` and `broker` likewise for Redis.
        plain_postgres: the server admits connections without TLS beside those with it.
        pins: other versions in the service's environment.
        sql: statements that the owner of the database runs once the service is up.
        files: changes of the project's files by their names; the project is then a copy, a repository of its own.
        backup: "late" restores past the chosen moment, "old" has no base backup of the last two days.
        one_redis: cache and broker are the same server.
        as_of: the day on which support is judged; nothing else of the service is moved to it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    summary: str = Field(min_length=10)
    notices: tuple[str, ...] = Field(min_length=1)
    settings: dict[str, Any] = {}
    postgres: dict[str, str] = {}
    cache: dict[str, str] = {}
    broker: dict[str, str] = {}
    plain_postgres: bool = False
    pins: dict[str, str] = {}
    sql: tuple[str, ...] = ()
    files: dict[str, FileChange] = {}
    backup: Literal["", "late", "old"] = ""
    one_redis: bool = False
    as_of: datetime.date | None = None
    serve: Serve = Serve()

    @property
    def changes_services(self) -> bool:
        """Whether PostgreSQL or Redis has to be started anew for it."""
        return bool(self.postgres or self.cache or self.broker or self.sql or self.plain_postgres)


def read_faults(app: Path) -> tuple[Fault, ...]:
    """Every fault of a service's `faults/` folder, ordered by name.

    Raises:
        UsageError: a file does not fit; every fault of every file is listed.
    """
    hint = "a fault file has summary, notices, and what it changes"
    return read_declared(app / "faults", Fault, hint=hint)


def pick_faults(faults: tuple[Fault, ...], names: tuple[str, ...]) -> tuple[Fault, ...]:
    """The faults of those names, all where none is given.

    Raises:
        UsageError: a name is no fault's.
    """
    picked = pick_declared({one.name: one for one in faults}, names, "fault")
    return picked if names else faults
