"""What the resolver answered: the releases that go together, or why none do; and the error where it did not answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from stackproof.errors import InfrastructureError

SAID_AT_MOST = 1_200  # characters of the resolver's own words

_NAME = r"(?P<name>[a-z0-9][a-z0-9._-]*)"
_PIN = re.compile(rf"{_NAME}(?:\[[^\]]*\])?==(?P<version>[^\s;#]+)[^#]*(?:#\s*via\s+(?P<via>.*))?")
_PASSWORD = re.compile(r"(?<=://)[^/\s@]+@")
_CONTROL = re.compile(r"[^\x20-\x7e\n\u00a0-\U0010ffff]")
_BUILD = re.compile(
    r"building from source|(?:no|without) (?:usable |compatible )?wheels?\b|no wheels with a matching"
    r"|[Ww]heels are (?:required|available) for",
)
_ABSENT = re.compile(rf"{_NAME} was not found in (?:the package registry|the provided package locations)")
_UNSEEN = re.compile(
    r"network was disabled|needs to be downloaded from a registry|not found in the cache|[Ff]ailed to fetch"
    r"|could not be queried|returned a 4\d\d|authentication credentials|error sending request|status code 5\d\d"
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Releases that go together.

    Attributes:
        pins: the version of each package, the asked ones and those that they need, by normalised name.
        via: who asked for a package; empty for one that only the caller asked for.
    """

    pins: Mapping[str, str]
    via: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict:
    """No releases go together.

    Attributes:
        said: the resolver's own words, capped.
        absent: packages that the index does not have at all.
        needs_build: it might be otherwise if source distributions were built, which is never done.
    """

    said: str
    absent: tuple[str, ...] = ()
    needs_build: bool = False


type Answer = Resolved | Conflict


class Unanswered(InfrastructureError):
    """The resolver could not tell: no index, an empty cache, too slow, a program that fails."""


def resolved(output: str) -> Resolved:
    """The releases that are listed one a line, with "# via" behind each."""
    matches = [match for line in output.splitlines() if (match := _PIN.match(line))]
    via = {one["name"]: tuple(_askers(one["via"] or "")) for one in matches}
    return Resolved({one["name"]: one["version"] for one in matches}, via)


def _askers(written: str) -> list[str]:
    names = (name.strip() for name in written.split(","))
    return [name for name in names if name and not name.startswith("-")]


def refused(errors: str) -> Conflict | None:
    """Why nothing goes together; None where the words show that the resolver did not see everything it needed."""
    said = spoken(errors)
    if _UNSEEN.search(said):
        return None
    absent = tuple(sorted({match["name"] for match in _ABSENT.finditer(said)}))
    return Conflict(said[:SAID_AT_MOST], absent, bool(_BUILD.search(said)))


def spoken(errors: str) -> str:
    """The resolver's words without warnings, colours, indents and what stands before an @ in an address."""
    lines = _CONTROL.sub("", errors).splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith(("error", "  ×", "×"))), 0)
    kept = " ".join(line.strip() for line in lines[first:] if line.strip())
    kept = kept.removeprefix("error: No solution found when resolving dependencies").removeprefix(" cause: ")
    return _PASSWORD.sub("", " ".join(kept.split()))
