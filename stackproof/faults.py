"""Declared ways of breaking the reference service, as data: `sample_app/faults/<name>.toml`."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stackproof.errors import UsageError


class Serve(BaseModel):
    """How the faulty service is served."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tls_minimum: Literal["", "1.0", "1.1", "1.2"] = ""
    certificate: Literal["", "expired", "other-name", "unknown-authority"] = ""
    plain_on_tls_port: bool = False
    worker: bool = True


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
        tracked: files that the service's repository holds besides, "{secret_key}" and "{random}" filled in.
        one_redis: cache and broker are the same server.
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
    tracked: dict[str, str] = {}
    one_redis: bool = False
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
    found, problems = [], []
    for path in sorted((app / "faults").glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            found.append(Fault.model_validate({"name": path.stem, **data}))
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{path}: is not TOML: {error}")
        except ValidationError as error:
            problems += [f"{path}: {'.'.join(str(at) for at in one['loc'])}: {one['msg']}" for one in error.errors()]
    if problems:
        raise UsageError("\n".join(problems), hint="a fault file has summary, notices, and what it changes")
    return tuple(found)


def pick_faults(faults: tuple[Fault, ...], names: tuple[str, ...]) -> tuple[Fault, ...]:
    """The faults of those names, all where none is given.

    Raises:
        UsageError: a name is no fault's.
    """
    known = {one.name: one for one in faults}
    for name in names:
        if name not in known:
            near = get_close_matches(name, list(known), n=3, cutoff=0.4)
            hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(known) or 'none'}"
            raise UsageError(f"--fault {name}: there is no such fault", hint=hint)
    return tuple(known[name] for name in names) if names else faults
