"""Conforming variations of the reference service, as data: `sample_app/variations/<name>.toml`.

No check may raise an alarm on one of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stackproof.declared import pick_declared, read_declared


class VariedServe(BaseModel):
    """How the service is served.

    Attributes:
        proxy: nginx ends TLS in front of it.
        replicas: processes of the service; with a proxy it shares the requests out, else each has its own address.
        prefix: path of the host below which the service lives.
        signing: algorithm of a pair of keys that is made for the run; "" for the service's own secret.
        username: what the account signs in with; "" for its e-mail address.
        server: Daphne by ASGI, or gunicorn by WSGI, which serves no WebSocket.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    proxy: bool = False
    replicas: int = Field(1, ge=1, le=4)
    prefix: str = Field("", pattern=r"^(/[a-z0-9/-]*[a-z0-9])?$")
    signing: Literal["", "RS256", "ES256"] = ""
    username: str = ""
    server: Literal["daphne", "gunicorn"] = "daphne"


class Variation(BaseModel):
    """One other way of keeping to the specification.

    Attributes:
        name: the file's stem.
        summary: what is other, in one sentence.
        settings: Django settings, dotted names lead into dictionaries.
        descriptor: tables of stackproof.toml, laid over the reference service's own.
        without: tables that this service's stackproof.toml does not have.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    summary: str = Field(min_length=10)
    settings: dict[str, Any] = {}
    serve: VariedServe = VariedServe()
    descriptor: dict[str, Any] = {}
    without: tuple[str, ...] = ()

    def missing(self) -> str:
        """What this machine lacks for it, or ""."""
        return "nginx is not installed" if self.serve.proxy and not nginx() else ""


def nginx() -> str:
    """The path of nginx, or "": Debian keeps it where an ordinary account does not look."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin") or ""


def read_variations(app: Path) -> tuple[Variation, ...]:
    """Every variation of a service's `variations/` folder, ordered by name.

    Raises:
        UsageError: a file does not fit; every fault of every file is listed.
    """
    hint = "a variation has summary, settings, serve and descriptor"
    return read_declared(app / "variations", Variation, hint=hint)


def pick_variations(variations: tuple[Variation, ...], names: tuple[str, ...]) -> tuple[Variation, ...]:
    """The variations of those names, none where none is given.

    Raises:
        UsageError: a name is no variation's.
    """
    return pick_declared({one.name: one for one in variations}, names, "variation")


def filled_in(value: Any, words: Mapping[str, str]) -> Any:
    """The part of a descriptor with `{word}` replaced in its texts; other braces are left alone."""
    if isinstance(value, Mapping):
        return {key: filled_in(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [filled_in(one, words) for one in value]
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(f"{{{word}}}", text)
    return value


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both tables in one; where both have a table, its keys are put together, else the upper value counts."""
    result = dict(below)
    for key, value in above.items():
        mine = result.get(key)
        result[key] = laid_over(mine, value) if isinstance(mine, Mapping) and isinstance(value, Mapping) else value
    return result
