"""Compare two reports: what got worse, what was mended, and what cannot be told.

Only what both runs were asked for is compared. A clause that one of them was not asked for (`--only`) is outside of the
comparison: it is neither lost nor found. Where it is violated in the second report all the same, nobody knows whether
that is new, and the exit code says so (4).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stackproof.errors import ExitCode, UsageError
from stackproof.evidence import TEXT_CAP, printable
from stackproof.report.build import NOT_ASKED_FOR
from stackproof.report.comparison import Change, Comparison, Look, Movement, Side, Worse
from stackproof.report.model import Report, RequirementPart
from stackproof.verdict import Verdict

BROKEN = frozenset({Verdict.VIOLATED, Verdict.WAIVED})
APART = frozenset({Movement.OUTSIDE, Movement.ADDED, Movement.REMOVED})  # not in both, so not compared
TOLD = frozenset({Verdict.VIOLATED, Verdict.ERROR})  # told of also where nothing changed

OPTIONS = ("ignore_waivers", "allow_writes", "drill", "strict", "postgres", "redis", "resolution", "python", "project")

_BY_OUTCOME = {
    Verdict.VIOLATED: Movement.NEWLY_VIOLATED,
    Verdict.ERROR: Movement.NEWLY_IN_ERROR,
    Verdict.WAIVED: Movement.NEWLY_WAIVED,
    Verdict.ATTESTED: Movement.NEWLY_ATTESTED,
    Verdict.NOT_APPLICABLE: Movement.NEWLY_NOT_APPLICABLE,
}
# What is another one in every run and says nothing about the target
_OF_ONE_RUN = re.compile(
    r"(?<=127\.0\.0\.1:)\d+|(?<=localhost:)\d+|/\S*stackproof-\w+"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*"
)


def compare(before: Report, after: Report, *, strict: bool = False, where: tuple[str, str] = ("A", "B")) -> Comparison:
    """What became of every requirement from one report to the other.

    Args:
        strict: derived requirements count for the exit code; they do so too where the second run was a strict one.
        where: what each report is called.

    Raises:
        UsageError: a report has a requirement twice.
    """
    strict = strict or after.strict
    own = list(_changes(before.requirements, after.requirements, where, derived=False, strict=strict))
    missing = (not before.derived) != (not after.derived)  # written before there were any: nobody asked for them
    derived = list(_changes(before.derived, after.derived, where, derived=True, strict=strict, outside=missing))
    compared = sum(one.movement not in APART for one in own)
    every = [*own, *derived]
    new_faults = tuple(_text(one) for one in after.faults if one not in before.faults)
    exit_code, outcome = _outcome(every, new_faults, any(one.movement not in APART for one in every))
    return Comparison(
        before=_side(before, where[0]),
        after=_side(after, where[1]),
        exit_code=int(exit_code),
        outcome=outcome,
        compared=compared,
        counts=_count(own),
        derived_counts=_count(derived),
        notes=tuple(_notes(before, after, where)),
        new_faults=new_faults,
        gone_faults=tuple(_text(one) for one in before.faults if one not in after.faults),
        changes=tuple(one for one in own if _is_told(one)),
        derived=tuple(one for one in derived if _is_told(one)),
        strict=strict,
    )


def movement_of(before: Verdict, after: Verdict) -> Movement:
    """What became of a requirement that both runs were asked for."""
    if before is after:
        return Movement.UNCHANGED
    if after is Verdict.SATISFIED:
        return Movement.MENDED if before in BROKEN else Movement.NEWLY_ASSESSED
    if after is Verdict.NOT_ASSESSED:
        return Movement.NO_LONGER_IN_ERROR if before is Verdict.ERROR else Movement.NEWLY_NOT_ASSESSED
    return _BY_OUTCOME[after]


def _changes(
    before: Sequence[RequirementPart],
    after: Sequence[RequirementPart],
    where: tuple[str, str],
    *,
    derived: bool,
    strict: bool,
    outside: bool = False,
) -> Iterator[Change]:
    """One for each requirement of either report: in the order of the second one, what was removed at the end."""
    earlier, later = (_by_id(group, name) for group, name in zip((before, after), where, strict=True))
    for name in dict.fromkeys([*later, *earlier]):
        old, new = earlier.get(name), later.get(name)
        counts = strict if derived else bool(new and (new.required or new.verdict is Verdict.VIOLATED))
        yield _change(old, new, outside=outside or _outside(old) or _outside(new), counts=counts)


def _by_id(requirements: Iterable[RequirementPart], where: str) -> dict[str, RequirementPart]:
    found: dict[str, RequirementPart] = {}
    for one in requirements:
        if one.id in found:
            raise UsageError(f"{where}: has the requirement {_text(one.id)!r} twice", hint="run the suites again")
        found[one.id] = one
    return found


def _outside(one: RequirementPart | None) -> bool:
    return one is not None and one.verdict is Verdict.NOT_ASSESSED and one.reason == NOT_ASKED_FOR


def _change(old: RequirementPart | None, new: RequirementPart | None, *, outside: bool, counts: bool) -> Change:
    shown = new or old
    assert shown is not None
    if outside:
        movement = Movement.OUTSIDE
    elif old is None or new is None:
        movement = Movement.REMOVED if new is None else Movement.ADDED
    else:
        movement = movement_of(old.verdict, new.verdict)
    before, after = _look(old), _look(new)
    return Change(
        id=shown.id,
        chapter=_text(shown.chapter),
        text=_text(shown.text),
        movement=movement,
        worse=_worse(movement, old, new) if counts else Worse.NO,
        before=before,
        after=after,
        value_changed=old is not None and new is not None and _substance(old) != _substance(new),
        seen_changed=_seen_changed(before, after),
    )


def _worse(movement: Movement, old: RequirementPart | None, new: RequirementPart | None) -> Worse:
    if new is None or movement is Movement.UNCHANGED:
        return Worse.NO
    if movement is Movement.OUTSIDE:
        hidden = new.verdict is Verdict.VIOLATED and (old is None or old.verdict is not Verdict.VIOLATED)
        return Worse.UNSEEN if hidden else Worse.NO
    if new.verdict is Verdict.VIOLATED:
        return Worse.VIOLATED
    unseen = new.verdict in {Verdict.NOT_ASSESSED, Verdict.ERROR} and movement is not Movement.NO_LONGER_IN_ERROR
    return Worse.UNSEEN if unseen else Worse.NO


def _look(one: RequirementPart | None) -> Look | None:
    if one is None:
        return None
    checks = [check for check in one.checks if check.verdict is Verdict.VIOLATED]
    seen = "; ".join(dict.fromkeys(check.seen or check.reason for check in checks))
    return Look(
        verdict=one.verdict,
        reason=_text(one.reason),
        demand=_text(one.demand),
        line=one.line,
        required=one.required,
        seen=_text(seen) if one.verdict in BROKEN else "",
    )


def _substance(one: RequirementPart) -> tuple[object, ...]:
    """What a clause demands; without a value it is the words themselves."""
    value = json.dumps(one.value, sort_keys=True, default=str)
    return (one.kind, value, one.strength, one.understood, None if one.understood else one.text)


def _seen_changed(before: Look | None, after: Look | None) -> bool:
    if before is None or after is None or not {before.verdict, after.verdict} <= BROKEN:
        return False
    return _lasting(before.seen) != _lasting(after.seen)


def _lasting(seen: str) -> str:
    """What was seen, without the numbers of one run: free ports, identifiers, folders, moments."""
    return _OF_ONE_RUN.sub("…", seen)


def _is_told(one: Change) -> bool:
    if one.movement is not Movement.UNCHANGED or one.value_changed:
        return True
    return bool(one.after and one.after.verdict in TOLD)


def _count(changes: Iterable[Change]) -> dict[str, int]:
    counts = Counter(one.movement for one in changes)
    return {movement.value: counts[movement] for movement in Movement}


def _outcome(changes: Sequence[Change], new_faults: Sequence[str], compared: bool) -> tuple[ExitCode, str]:
    violated = sum(one.worse is Worse.VIOLATED for one in changes)
    unseen = sum(one.worse is Worse.UNSEEN for one in changes)
    told = []
    if violated:
        told.append(f"{violated} newly violated")
    if new_faults:
        told.append(f"{len(new_faults)} of the waivers and attestations newly out of order")
    if unseen:
        told.append(f"{unseen} of which nobody can tell any more")
    if not compared:
        told.append("no clause that both runs were asked for, so that nothing was compared")
    if violated or new_faults:
        return ExitCode.NON_CONFORMANT, "; ".join(told)
    return (ExitCode.INCOMPLETE, "; ".join(told)) if told else (ExitCode.CONFORMANT, "nothing got worse")


def _side(report: Report, where: str) -> Side:
    return Side(
        where=_text(where),
        run_id=_text(report.run_id),
        started=report.started,
        stackproof_version=_text(report.stackproof_version),
        level=report.level,
        exit_code=report.exit_code,
        partial_reason=_text(report.partial_reason),
        profile=_text(report.profile),
        strict=report.strict,
        specification=_text(report.specification.path),
        sha256=_text(report.specification.sha256),
        target=_text(report.target.name),
        base_url=_text(report.target.base_url),
        kind=report.target.kind,
        python=_text(report.environment.get("python", "")),
        services=report.services,
        counts=report.counts,
        derived_counts=report.derived_counts,
    )


def _notes(before: Report, after: Report, where: tuple[str, str]) -> Iterator[str]:
    """Differences of the runs themselves, which may explain those of the verdicts."""
    facts: Mapping[str, tuple[str, str]] = {
        "the target": (before.target.name, after.target.name),
        "the specification (SHA-256)": (before.specification.sha256[:12], after.specification.sha256[:12]),
        "the profile": (before.profile, after.profile),
        "stackproof": (before.stackproof_version, after.stackproof_version),
        "Python of the harness": (before.environment.get("python", "?"), after.environment.get("python", "?")),
        **{f"--{name.replace('_', '-')}": (_option(before, name), _option(after, name)) for name in OPTIONS},
    }
    for what, (old, new) in facts.items():
        if old != new:
            yield _text(f"{what}: {old} -> {new}")
    roles = [one.role for one in (*before.services, *after.services)]
    for role in dict.fromkeys(roles):
        one, other = (_service(report, role) for report in (before, after))
        if one != other:
            yield _text(f"{role}: {one} -> {other}")
    for report, name in ((before, where[0]), (after, where[1])):
        if report.partial:
            yield _text(f"{name} is partial: {report.partial_reason}")
    for name, view in after.views.items():
        earlier = before.views.get(name)
        if earlier and earlier.open != view.open:
            yield _text(f"the view {name}: " + ("opened" if view.open else f"closed ({view.reason})"))


def _option(report: Report, name: str) -> str:
    given = report.options.get(name)
    if isinstance(given, bool):
        return "yes" if given else "no"
    return str(given or "not given")


def _service(report: Report, role: str) -> str:
    found = next((one for one in report.services if one.role == role), None)
    return f"{found.product} {found.version}, {found.how}" if found else "none"


def _text(text: str) -> str:
    """Text of a report, which may come from anywhere: nothing that acts on a terminal, and at most so much."""
    return printable(text[:TEXT_CAP]) + ("…" if len(text) > TEXT_CAP else "")
