"""Judging a version by the day until which its project, or the document, counts on its line."""

from __future__ import annotations

from datetime import date

from stackproof.check import not_assessed
from stackproof.expect import Expect
from stackproof.spec.model import Requirement, Specification, VersionRule
from stackproof.spec.support import SOON, Support, support_of


def is_supported(component: str, version: str, today: date, expect: Expect, *, of: str = "") -> None:
    """State that the project's own last day for the version's line is not past.

    Args:
        of: where the version was seen, "uv.lock:12"; "" where it is that of the running service.

    Raises:
        NotAssessed: nothing is known of the line.
        Violation: the support has ended.
    """
    known = support_of(component)
    line = _known_line(known, version)
    ends = known.ends[line]
    _say_age(known, today, expect)
    where = f" ({of})" if of else ""
    expect.holds(
        today <= ends,
        expected=f"{component} to be supported on {today}",
        seen=f"{component} is {version}{where}, and {line} {_until(ends, today)} ({known.source}, as of {known.as_of})",
    )
    _say_soon(f"{component} {line}", ends, today, expect)


def asks_for_support(requirement: Requirement) -> None:
    """A clause that asks for something else than a supported version is not judged.

    Raises:
        NotAssessed: it does.
    """
    if requirement.value is not True:
        not_assessed("the clause does not ask for a supported version, and what it asks for instead is not known")


def is_inside_support(
    component: str,
    version: str,
    today: date,
    expect: Expect,
    requirement: Requirement,
    specification: Specification,
    *,
    of: str = "",
) -> None:
    """State that the document's own date is not past, where the version belongs to the line that its row tells of.

    The date is the document's promise about the tested line. Of another line inside the constraint the document gives
    no date, so that the project's own counts. Where the two dates differ by more than the month, it is said.
    """
    row = specification.find(f"version.{requirement.id.removeprefix('support.')}")
    tested = _tested(row)
    if version != tested and not version.startswith(f"{tested}."):
        expect.note(f"{component} is {version}, and the document's date is about {tested or 'no line'}")
        is_supported(component, version, today, expect, of=of)
        return
    until = requirement.value
    if not isinstance(until, date):
        not_assessed(f"the document's date for {component} is not understood")
    known = support_of(component)
    line = known.line_of(version)
    if line and (known.ends[line].year, known.ends[line].month) != (until.year, until.month):
        expect.note(f"its project says {known.ends[line]} ({known.source}, as of {known.as_of})")
    where = f" ({of})" if of else ""
    expect.holds(
        today <= until,
        expected=f"{component} {tested} to be supported on {today}",
        seen=f"{component} is {version}{where}, and the document counts on it until {until}",
    )
    _say_soon(f"{component} {tested} by the document", until, today, expect)


def is_lts(component: str, version: str, today: date, expect: Expect, *, of: str = "") -> None:
    """State that the version's line has long-term support; a later such line that is out is worth a note."""
    known = support_of(component)
    line = _known_line(known, version)
    where = f" ({of})" if of else ""
    expect.holds(
        line in known.lts,
        expected=f"{component} to be a release with long-term support",
        seen=f"{component} is {version}{where}, and those with long-term support are {', '.join(known.lts)} "
        f"({known.source})",
    )
    later = known.next_lts(line, today)
    if later is not None:
        expect.note(
            f"the next release with long-term support, {later}, has been out since {known.begins[later]}: "
            f"move to it by {known.ends[line]}"
        )


def _known_line(known: Support, version: str) -> str:
    """The line of a version by the facts; a line that they do not know is neither supported nor unsupported."""
    line = known.line_of(version)
    if line is None:
        not_assessed(f"nothing is known here of the support of {known.component} {version} (as of {known.as_of})")
    return line


def _until(ends: date, today: date) -> str:
    return f"is supported until {ends}" if today <= ends else f"was supported until {ends}"


def _say_age(known: Support, today: date, expect: Expect) -> None:
    old = known.age_on(today)
    if old:
        expect.note(old)


def _say_soon(what: str, ends: date, today: date, expect: Expect) -> None:
    if today <= ends <= today + SOON:
        days = (ends - today).days
        expect.note(f"the support of {what} ends on {ends}, in {days} days", ends=ends.isoformat())
        expect.conclude(f"{expect.conclusion}; it ends in {days} days")


def _tested(row: Requirement | None) -> str:
    rule = row.value if row is not None and row.understood else None
    words = rule.line.split() if isinstance(rule, VersionRule) else []
    return words[0].removesuffix(".x") if words else ""
