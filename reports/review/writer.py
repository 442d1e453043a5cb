"""The document's review as a checklist in Markdown, filled as far as a run can tell; the rest is for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from stackproof.evidence import printable
from stackproof.report.model import Report, RequirementPart
from stackproof.verdict import Verdict

# Which judged requirements say something about a step; the rest of the steps is a person's word alone.
TELLS: Mapping[str, tuple[str, ...]] = {
    "review.security-advisories": ("advisories.locked-releases", "advisories.installed-releases"),
    "review.dependency-updates": ("advisories.no-yanked-release",),
    "review.lock-update": ("review.locks-in-time",),
}
AREAS = ("support.", "upgrade.", "licence.", "advisories.", "review.")
DONE = {Verdict.ATTESTED, Verdict.SATISFIED}
REASON_CAP = 400  # characters

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def pieces(report: Report) -> Iterator[str]:
    """The checklist, in one piece."""
    yield write(report)


def write(report: Report) -> str:
    """The checklist; pure."""
    every = {one.id: one for one in (*report.requirements, *report.derived)}
    steps = [one for one in report.requirements if one.id.startswith("review.")]
    day = report.options.get("as_of") or report.started.date().isoformat()
    lines = [f"# Review of {_plain(report.target.name)}, {_plain(str(day))}", ""]
    lines += [f"By {_plain(report.specification.path)}, Stackproof {_plain(report.stackproof_version)}.", ""]
    for one in steps:
        lines += _step(one, every)
    if not steps:
        lines += ["The document has no review.", ""]
    lines += _listed("Found", _found(every.values()))
    lines += _listed("Ends soon", _ends(report.requirements))
    return "\n".join(lines).rstrip() + "\n"


def _step(one: RequirementPart, every: Mapping[str, RequirementPart]) -> Iterator[str]:
    mark = "x" if one.verdict in DONE else " "
    yield f"- [{mark}] {_plain(one.text)} (line {one.line})"
    if one.attestation is not None:
        given = one.attestation
        link = f", {_plain(given.link)}" if given.link else ""
        yield f"  - attested by {_plain(given.who)} on {given.when}, until {given.expires}{link}"
    for name in TELLS.get(one.id, ()):
        told = every.get(name)
        if told is not None:
            yield f"  - {told.verdict.value}: {_plain(told.reason)}"
    if one.attestation is None:
        yield f'  - to be attested: `[[attestations]]` with `requirement = "{one.id}"` in stackproof.toml'
    yield ""


def _found(every: Iterable[RequirementPart]) -> Iterator[str]:
    """What is violated, or accepted for a while, among what a review is about."""
    for one in every:
        if one.verdict in {Verdict.VIOLATED, Verdict.WAIVED} and one.id.startswith(AREAS):
            waived = f" (waived until {one.waiver.expires} by {_plain(one.waiver.owner)})" if one.waiver else ""
            yield f"- {one.id}{waived}: {_plain(one.reason)}"


def _ends(requirements: Iterable[RequirementPart]) -> Iterator[str]:
    notes = (
        (str(seen.detail["ends"]), seen.title)
        for one in requirements
        for check in one.checks
        for seen in check.evidence
        if seen.kind == "note" and "ends" in seen.detail
    )
    return (f"- {_plain(title)}" for _, title in sorted(dict.fromkeys(notes)))


def _listed(heading: str, entries: Iterable[str]) -> list[str]:
    every = list(entries)
    return [f"## {heading}", "", *every, ""] if every else []


def _plain(text: str) -> str:
    """One line of text that Markdown takes as text."""
    line = " ".join(printable(text).split())
    line = line if len(line) <= REASON_CAP else f"{line[:REASON_CAP]}…"
    return _SPECIAL.sub(r"\\\1", line)
