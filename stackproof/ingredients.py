"""What the reference service is built of, where it is not what the lock and the specification have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import UsageError

RESOLUTIONS = ("locked", "lowest", "highest")


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Versions of services, of packages and of Python; "" each for the usual one.

    Attributes:
        postgres: "17" or "17.9".
        redis: "redis" or "valkey".
        redis_version: of that product.
        resolution: "lowest" or "highest" of what the service's own constraints admit, resolved anew.
        python: "3.13": the interpreter that the service runs on.
        project: folder that takes the place of the reference service's, with a `pyproject.toml` and a `uv.lock` of
            its own; None for the reference service's.
        interpreter: of a ready environment with its packages; None where one is to be built from the lock.
    """

    postgres: str = ""
    redis: str = ""
    redis_version: str = ""
    resolution: str = ""
    python: str = ""
    project: Path | None = None
    interpreter: Path | None = None

    @property
    def told(self) -> dict[str, str]:
        """What was asked for, by the names of the options."""
        redis = f"{self.redis}:{self.redis_version}" if self.redis_version else self.redis
        given = {
            "postgres": self.postgres,
            "redis": redis,
            "resolution": self.resolution,
            "python": self.python,
            "project": str(self.project or ""),
        }
        return {name: value for name, value in given.items() if value}


USUAL = Ingredients()


def ingredients(
    postgres: str = "", redis: str = "", resolution: str = "", python: str = "", project: Path | None = None
) -> Ingredients:
    """From the words of the command line.

    Args:
        redis: "redis", "valkey", or with a version: "redis:7.2".
        resolution: "locked" is the usual one.

    Raises:
        UsageError: a word is none of those that can be used.
    """
    if resolution and resolution not in RESOLUTIONS:
        raise UsageError(f"--resolution {resolution!r}: is none", hint=f"use one of {', '.join(RESOLUTIONS)}")
    if python and not re.fullmatch(r"3\.\d{1,2}", python):
        raise UsageError(f"--python {python!r}: is no version of Python", hint="write it as 3.13")
    for option, version in (("--postgres", postgres), ("--redis", redis.partition(":")[2])):
        if version and not re.fullmatch(r"\d{1,3}(\.\d{1,3}){0,2}", version):
            raise UsageError(f"{option}: {version!r} is no version", hint="write it as 17 or 17.9")
    product, colon, version = redis.partition(":")
    if product not in {"", "redis", "valkey"} or (colon and not (product and version)):
        raise UsageError(f"--redis {redis!r}: is no product", hint="write it as redis, valkey or redis:7.2")
    if project is not None and resolution not in {"", "locked"}:
        raise UsageError("--resolution is about the reference service's own project", hint="give one of them")
    return Ingredients(postgres, product, version, "" if resolution == "locked" else resolution, python, project)
