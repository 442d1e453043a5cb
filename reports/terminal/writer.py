"""The report for a person at a terminal: what is violated first, then what went wrong, then the counts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from stackproof.report.build import NOT_ASKED_FOR
from stackproof.report.model import CheckPart, Report, RequirementPart
from stackproof.report.words import clean, tally
from stackproof.verdict import Level, Verdict

COLOURS = {
    Verdict.SATISFIED: "green",
    Verdict.VIOLATED: "bold red",
    Verdict.WAIVED: "magenta",
    Verdict.ATTESTED: "cyan",
    Verdict.NOT_ASSESSED: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.ERROR: "bold yellow",
}
LEVEL_COLOURS = {Level.NON_CONFORMANT: "bold red", Level.INCOMPLETE: "bold yellow"}


def _text(text: str, style: str = "", justify: JustifyMethod | None = None) -> Text:
    """Text as it is: no markup, and nothing that acts on a terminal (a report may come from anywhere)."""
    return Text(clean(text), style=style, justify=justify)


def pieces(report: Report) -> Iterator[str]:
    """What `write` prints, as plain text of 120 columns for a file."""
    text = io.StringIO()
    write(report, Console(file=text, width=120, soft_wrap=True, no_color=True, highlight=False))
    yield text.getvalue()


def write(report: Report, console: Console, *, verbose: bool = True) -> None:
    """Print the report; text from a target is printed as text, never as markup."""
    for requirement in report.requirements:
        if requirement.verdict in {Verdict.VIOLATED, Verdict.ERROR}:
            _trouble(requirement, report, console)
    for requirement in report.derived:
        if requirement.verdict in {Verdict.VIOLATED, Verdict.ERROR}:
            _trouble(requirement, report, console)
    if verbose:
        _not_assessed(report.requirements, "Not assessed", console)
        if report.strict:
            _not_assessed(report.derived, "Derived requirements that were not assessed", console)
    _ends_soon(report, console)
    for fault in report.faults:
        console.print(_text(f"waivers: {fault}", style="bold red"))
    _totals(report, console)


def _trouble(requirement: RequirementPart, report: Report, console: Console) -> None:
    style = COLOURS[requirement.verdict]
    console.print(Text.assemble((requirement.verdict.upper(), style), "  ", (clean(requirement.id), "bold")))
    if requirement.source:
        counts = "counts, the run being strict" if report.strict else "does not count without --strict"
        console.print(_text(f"  derived     {requirement.text} ({requirement.source}; {counts})"))
        console.print(_text(f"  stands on   {report.specification.path}:{requirement.line}"))
    else:
        console.print(_text(f"  clause      {report.specification.path}:{requirement.line}  {requirement.text}"))
    deciding = [check for check in requirement.checks if check.verdict is requirement.verdict]
    for check in deciding:
        _check(check, console)
    for remedy in dict.fromkeys(one.remedy for one in deciding if one.remedy):
        console.print(_text("  remedy      " + remedy.replace("\n", "\n              ")))
    for command in dict.fromkeys(one.reproduce for one in deciding if one.reproduce):
        console.print(_text(f"  reproduce   {command}", style="bold"))
    console.print()


def _check(check: CheckPart, console: Console) -> None:
    console.print(_text(f"  check       {check.id}"))
    if check.verdict is Verdict.VIOLATED:
        console.print(_text(f"  expected    {check.expected}"))
        console.print(_text(f"  seen        {check.seen}"))
    else:
        console.print(_text(f"  reason      {check.reason}"))


def _not_assessed(requirements: Sequence[RequirementPart], heading: str, console: Console) -> None:
    by_reason: dict[str, list[str]] = {}
    for requirement in requirements:
        if requirement.verdict is Verdict.NOT_ASSESSED:
            by_reason.setdefault(requirement.reason, []).append(requirement.id)
    if not by_reason:
        return
    console.print(_text(heading, style="bold"))
    for reason, ids in by_reason.items():
        if reason == NOT_ASKED_FOR:
            console.print(_text(f"  {len(ids)} clauses: {reason}"))
            continue
        console.print(_text(f"  {reason}"))
        console.print(_text(f"    {', '.join(ids)}", style="yellow"))
    console.print()


def _ends_soon(report: Report, console: Console) -> None:
    """What is supported still, and not for long: notes of checks that carry a day on which something ends."""
    told = dict.fromkeys(
        (str(seen.detail["ends"]), seen.title)
        for requirement in report.requirements
        for check in requirement.checks
        for seen in check.evidence
        if check.verdict is Verdict.SATISFIED and seen.kind == "note" and "ends" in seen.detail
    )
    if told:
        console.print(_text("Ends soon", style="bold"))
        for _, title in sorted(told):
            console.print(_text(f"  {title}", style="yellow"))
        console.print()


def _totals(report: Report, console: Console) -> None:
    own = tally(report.requirements)
    table = Table.grid(padding=(0, 2))
    for verdict in Verdict:
        count = own.by_verdict[verdict]
        if count:
            table.add_row(_text(str(count), justify="right"), _text(verdict.value, style=COLOURS[verdict]))
    console.print(table)
    for service in report.services:
        note = f" ({service.note})" if service.note else ""
        console.print(_text(f"{service.role}: {service.product} {service.version}, {service.how}{note}", style="dim"))
    seen = f"a verdict on {own.assessed} of {own.total} clauses"
    level = Text.assemble(
        (report.level.value, LEVEL_COLOURS.get(report.level, "bold green")),
        clean(f": {seen} of {report.specification.path} in {report.seconds:.1f} s"),
    )
    if report.derived:
        said = ", ".join(f"{count} {verdict}" for verdict, count in report.derived_counts.items() if count)
        counts = "they count" if report.strict else "they count with --strict; report.html tells each"
        console.print(_text(f"derived from public standards: {said} ({counts})", style="dim"))
    console.print(level)
    if report.partial:
        console.print(_text(f"partial: {report.partial_reason}", style="yellow"))
