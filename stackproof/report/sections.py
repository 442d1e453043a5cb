"""The changes of a comparison in the order in which a person wants to read them: what got worse comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stackproof.report.comparison import Change, Comparison, Movement, Worse
from stackproof.verdict import Verdict

VALUES = "Changed value"
LATER = {
    "Mended": Movement.MENDED,
    "Newly assessed": Movement.NEWLY_ASSESSED,
    "Newly waived": Movement.NEWLY_WAIVED,
    "Newly attested": Movement.NEWLY_ATTESTED,
    "Newly not applicable": Movement.NEWLY_NOT_APPLICABLE,
    "No longer in error, and not assessed": Movement.NO_LONGER_IN_ERROR,
    "Added": Movement.ADDED,
    "Removed": Movement.REMOVED,
}


@dataclass(frozen=True, slots=True)
class Section:
    """Changes of one kind.

    Attributes:
        whole: each is told with what was seen; else a line each is enough.
        worse: what the exit code comes from.
    """

    title: str
    changes: tuple[Change, ...]
    whole: bool = False
    worse: bool = False


def sections(comparison: Comparison, *, derived: bool = False) -> Iterator[Section]:
    """Those that are not empty; a change whose value changed too is in two of them."""
    for one in _every(comparison, derived):
        if one.changes:
            yield one


def _every(comparison: Comparison, derived: bool) -> Iterator[Section]:
    changes = comparison.derived if derived else comparison.changes
    broken = tuple(one for one in changes if _became(one, Verdict.VIOLATED))
    failed = tuple(one for one in changes if _became(one, Verdict.ERROR))
    hidden = tuple(one for one in changes if one.movement is Movement.OUTSIDE and one.worse is Worse.UNSEEN)
    yield Section("Newly violated", broken, whole=True, worse=True)
    yield Section("Newly in error", failed, whole=True, worse=True)
    yield Section("Newly not assessed", comparison.of(Movement.NEWLY_NOT_ASSESSED, derived=derived), True, True)
    yield Section("Violated, and the first run was not asked for it", hidden, whole=True, worse=True)
    yield Section("Still violated", tuple(comparison.still(Verdict.VIOLATED, derived=derived)), whole=True)
    yield Section("Still in error", tuple(comparison.still(Verdict.ERROR, derived=derived)), whole=True)
    yield Section(VALUES, tuple(one for one in changes if one.value_changed))
    for title, movement in LATER.items():
        members = comparison.of(movement, derived=derived)
        yield Section(title, tuple(one for one in members if one not in broken and one not in failed))


def _became(one: Change, verdict: Verdict) -> bool:
    news = {Movement.NEWLY_VIOLATED, Movement.NEWLY_IN_ERROR, Movement.ADDED}
    return one.movement in news and one.after is not None and one.after.verdict is verdict


def was_and_is(change: Change) -> str:
    """What it was and what it is, in a few words."""
    before = change.before.verdict.value if change.before else "not there"
    after = change.after.verdict.value if change.after else "gone"
    return before if before == after else f"{before} -> {after}"


def seen_of(change: Change) -> tuple[tuple[str, str], ...]:
    """What a person has to know of a change, as (word, text)."""
    told: list[tuple[str, str]] = []
    if change.value_changed and change.before and change.after:
        told.append(("demanded", f"{change.before.demand} -> {change.after.demand}"))
    elif change.after and change.after.demand:
        told.append(("demands", change.after.demand))
    before, after = change.before, change.after
    if after is not None:
        told.append(("seen", after.seen) if after.seen else ("reason", after.reason))
    if before is not None and change.seen_changed:
        told.append(("seen before", before.seen))
    elif change.movement is Movement.UNCHANGED and after is not None and after.verdict is Verdict.VIOLATED:
        told.append(("before", "the same was seen"))
    return tuple((word, text) for word, text in told if text)
