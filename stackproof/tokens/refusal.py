"""What a check says of a row of tries at a gate: all refused, one accepted, or some unclear."""

from __future__ import annotations

from collections.abc import Sequence

from stackproof.check import not_assessed
from stackproof.expect import Expect
from stackproof.tokens.gates import Gate, Make
from stackproof.tokens.looks import Look, Outcome


def expect_refused(gate: Gate, expect: Expect, make: Make, *, what: str, excuse: str = "") -> None:
    """Each forgery of `make` is refused at the gate.

    Args:
        what: of the forgeries, in the plural, for the report: "tokens without a signature".
        excuse: why one may be accepted all the same, so that nothing is said where it is.

    Raises:
        Violation: one was accepted, and nothing excuses that.
        NotAssessed: none was accepted, and not all were seen to be refused.
    """
    looks = gate.show_all(make)
    record(expect, looks)
    accepted = [one for one in looks if one.outcome is Outcome.ACCEPTED]
    if accepted:
        names = "; ".join(one.name for one in accepted)
        if excuse:
            not_assessed(f"accepted as {gate.what} ({names}): {accepted[0].described}; {excuse}")
        expect.holds(
            False,
            expected=f"{what} to be refused as {gate.what}",
            seen=f"{len(accepted)} of {len(looks)} accepted ({names}): {accepted[0].described}",
        )
    clear_or_not_assessed(looks)
    expect.holds(
        True,
        expected=f"{what} to be refused as {gate.what}",
        seen=f"{looks[0].name}: refused ({looks[0].described}), and a good {gate.what} accepted"
        if len(looks) == 1
        else f"{len(looks)} {what} were refused as {gate.what}, a good one accepted: {_statuses(looks)}",
    )


def record(expect: Expect, looks: Sequence[Look]) -> None:
    """Leave what was tried in the evidence, whatever came of it."""
    for one in looks:
        expect.measured(f"{one.name}: {one.outcome.value}", answer=one.described)


def clear_or_not_assessed(looks: Sequence[Look]) -> None:
    """End the check where a try was neither accepted nor refused.

    Raises:
        NotAssessed: there is such a try; the reason names it.
    """
    unclear = [one for one in looks if one.outcome not in {Outcome.REFUSED, Outcome.ACCEPTED}]
    if unclear:
        first = unclear[0]
        more = f", and {len(unclear) - 1} more like it" if len(unclear) > 1 else ""
        broken = "; jwt.unhandled-input judges that" if first.outcome is Outcome.BROKEN else ""
        not_assessed(f"none was accepted, but {first.name}: {first.described}, which is no clear refusal{more}{broken}")


def _statuses(looks: Sequence[Look]) -> str:
    counts: dict[int, int] = {}
    for one in looks:
        counts[one.status] = counts.get(one.status, 0) + 1
    return ", ".join(f"{status} {count} times" for status, count in sorted(counts.items()))
