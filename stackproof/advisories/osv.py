"""Records in the OSV format (https://ossf.github.io/osv-schema/), and which releases they speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from stackproof.advisories.model import Known, Release, in_order

IDS_CAP = 12
ID_CAP = 80  # characters

type Event = tuple[str, Version | None]  # its kind, and its version; None stands for "before every version"


@dataclass(frozen=True, slots=True)
class Affected:
    """A package that a record speaks of.

    Attributes:
        name: normalised.
        versions: those that are listed.
        ranges: events of each range, in the order of their versions.
    """

    name: str
    versions: frozenset[Version]
    ranges: tuple[tuple[Event, ...], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One record about packages of the Python Package Index.

    Attributes:
        ids: its own and its aliases.
        modified: the day on which it was changed last; the earliest day there is where it does not say.
    """

    ids: tuple[str, ...]
    affected: tuple[Affected, ...]
    modified: date


def record_of(data: Any) -> Record | None:
    """A record from its data, or None where it is withdrawn or speaks of no package of the index.

    Raises:
        ValueError: it is no record of that format; the message says what is wrong.
    """
    name = data.get("id") if isinstance(data, Mapping) else None
    if not (name and isinstance(name, str)):
        raise ValueError("is no record of the OSV format: it has no id")
    if str(data.get("withdrawn") or "null") not in {"null", "~"}:
        return None
    try:
        affected = tuple(_affected(one) for one in data.get("affected") or () if _on_the_index(one))
        ids = [name, *(one for one in data.get("aliases") or () if isinstance(one, str))]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{_shown(name)}: is no record of the OSV format ({type(error).__name__})") from None
    if not affected:
        return None
    return Record(tuple(map(_shown, ids[:IDS_CAP])), affected, _day(data.get("modified")))


def _on_the_index(one: Any) -> bool:
    """The ecosystem is PyPI itself; "TuxCare:PyPI" and the like are rebuilt packages of somebody else."""
    package = one.get("package", {})
    return isinstance(package.get("name"), str) and str(package.get("ecosystem", "")).partition(":")[0] == "PyPI"


def _affected(one: Any) -> Affected:
    listed = (_version(str(version)) for version in one.get("versions") or ())
    ranges = [_events(part) for part in one.get("ranges") or () if part.get("type") == "ECOSYSTEM"]
    name = str(canonicalize_name(one["package"]["name"]))
    return Affected(name, frozenset(version for version in listed if version), tuple(part for part in ranges if part))


def _events(part: Any) -> tuple[Event, ...]:
    """The events of a range; one that cannot be ordered makes the range unusable, and the listed versions decide."""
    found: list[Event] = []
    for event in part.get("events") or ():
        for kind in ("introduced", "fixed", "last_affected"):
            if kind not in event:
                continue
            written = str(event[kind])
            version = None if (kind, written) == ("introduced", "0") else _version(written)
            if version is None and written != "0":
                return ()
            found.append((kind, version))
    return tuple(sorted(found, key=_place))


def _place(event: Event) -> tuple[bool, Version]:
    return event[1] is not None, event[1] or Version("0")


def is_affected(version: Version, affected: Affected) -> bool:
    """Whether a version is one of those: it is listed, or a range holds it."""
    return version in affected.versions or any(_holds(version, part) for part in affected.ranges)


def _holds(version: Version, events: Sequence[Event]) -> bool:
    inside = False
    for kind, bound in events:
        if kind == "introduced" and (bound is None or version >= bound):
            inside = True
        elif bound is None:
            continue
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            inside = False
    return inside


def fixes_of(version: Version, affected: Affected) -> tuple[str, ...]:
    """The versions that end it, of the ranges that hold this one; of every range where only the list does."""
    ranges = [one for one in affected.ranges if _holds(version, one)] or list(affected.ranges)
    bounds = [bound for events in ranges for kind, bound in events if kind == "fixed" and bound is not None]
    return in_order(str(bound) for bound in bounds if bound > version)


def known_of(release: Release, records: Sequence[Record]) -> Iterator[Known]:
    """What the records know against a release."""
    version = _version(release.version)
    for record in records if version is not None else ():
        for one in record.affected:
            if version is not None and one.name == release.name and is_affected(version, one):
                yield Known(release, record.ids, fixes_of(version, one))


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _day(written: Any) -> date:
    try:
        return date.fromisoformat(str(written)[:10])
    except ValueError:
        return date.min


def _shown(text: str) -> str:
    return text[:ID_CAP]
