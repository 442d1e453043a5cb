"""When a lock was changed last, and whether that moved a release: by Git's objects, without any filter or hook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from stackproof.check import NotAssessed, not_assessed
from stackproof.project.locks.reading import READERS, LockFile
from stackproof.project.model import Lock
from stackproof.project.view import SIZE_CAP
from stackproof.target import git

DAYS = {
    r"week(?:ly)?": 7,
    r"fortnight(?:ly)?|two weeks": 14,
    r"month(?:ly)?": 31,
    r"quarter(?:ly)?|three months|3 months": 92,
    r"half[- ]year(?:ly)?|six months|6 months": 184,
    r"year(?:ly)?|annual(?:ly)?|twelve months": 366,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that changed a file.

    Attributes:
        written: the day on which its author wrote it.
        committed: the day on which it got its place; later where it was amended or rebased.
    """

    commit: str
    written: date
    committed: date


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a lock's releases between two commits.

    Attributes:
        updated: packages whose release is another one.
        added: packages that were not there before.
    """

    updated: tuple[str, ...]
    added: tuple[str, ...]


def period_of(words: str) -> int | None:
    """The days of the period that a clause speaks of ("quarterly": 92), None where it names none."""
    found = [days for form, days in DAYS.items() if re.search(rf"(?i)\b(?:{form})\b", words)]
    return min(found, default=None)


def last_change(root: Path, file: str) -> Change:
    """The newest commit of the current branch that changed the file.

    Raises:
        NotAssessed: Git cannot tell; the reason names the cure.
    """
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
        not_assessed(
            "the clone is shallow, so that its history does not tell when a file was changed: git fetch --unshallow"
        )
    found = _log(root, file)
    if found is None:
        not_assessed(f"{file} was never committed")
    return found


def before(root: Path, file: str, day: date) -> Change | None:
    """The newest commit that changed the file before a day, or None where there was none yet."""
    return _log(root, file, f"--before={day.isoformat()}T00:00:00Z")


def moved(root: Path, one: LockFile, earlier: Change, later: Change) -> Moved:
    """What a lock took at the earlier commit and takes otherwise at the later one.

    Raises:
        NotAssessed: one of the two cannot be read.
    """
    old, new = (_releases(_at(root, one, change)) for change in (earlier, later))
    updated = [name for name in new if name in old and old[name] != new[name]]
    return Moved(tuple(sorted(updated)), tuple(sorted(set(new) - set(old))))


def start_of(days: int, today: date) -> date:
    """The first day of the period that ends with today."""
    return today - timedelta(days=days)


def _releases(lock: Lock) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for one in lock.packages:
        if one.source == "index":
            found[one.name] = found.get(one.name, frozenset()) | {one.version}
    return found


def _at(root: Path, one: LockFile, change: Change) -> Lock:
    where = f"{change.commit}:./{one.file}"
    size = _git(root, "cat-file", "-s", where).strip()
    if not size.isdigit() or int(size) > SIZE_CAP:
        not_assessed(f"{one.file} of {change.committed} is too big, and is not read")
    content = _git(root, "cat-file", "blob", where)
    try:
        return READERS[one.tool](one.file, content.decode("utf-8-sig"))
    except NotAssessed as error:
        raise NotAssessed(f"of {change.committed}: {error}") from None
    except (UnicodeDecodeError, KeyError):
        raise NotAssessed(f"{one.file} of {change.committed} cannot be read") from None


def _log(root: Path, file: str, *options: str) -> Change | None:
    words = ["log", "-1", "--no-show-signature", "--format=%H %at %ct", *options, "--", f":(literal){file}"]
    told = _git(root, *words).decode("ascii", "replace").split()
    if len(told) != 3:
        return None
    try:
        written, committed = (datetime.fromtimestamp(int(one), UTC).date() for one in told[1:])
    except (ValueError, OverflowError, OSError):
        not_assessed(f"the commit that changed {file} has a date that is none")
    return Change(told[0], written, committed)


def _git(root: Path, *words: str) -> bytes:
    trouble = f"{root.name} has no history that Git can read"
    return git.told(root, *words, tells="when a file was changed", trouble=trouble)
