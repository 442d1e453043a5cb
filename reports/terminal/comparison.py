"""Two reports side by side for a person at a terminal: what got worse first, the outcome last."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reports.terminal.writer import COLOURS, LEVEL_COLOURS
from stackproof.errors import ExitCode
from stackproof.report.comparison import Change, Comparison, Movement, Side
from stackproof.report.sections import VALUES, Section, sections, seen_of, was_and_is
from stackproof.report.words import one_line

OUTCOME_COLOURS = {ExitCode.CONFORMANT: "bold green", ExitCode.NON_CONFORMANT: "bold red"}


def _text(text: str, style: str = "") -> Text:
    """Text on one line: no markup, nothing that acts on a terminal, and no line that passes for one of ours."""
    return Text(one_line(text, 1_000), style=style)


def write(comparison: Comparison, console: Console) -> None:
    """Print the comparison; text of a report is printed as text, never as markup."""
    for section in sections(comparison):
        _section(section, console)
    derived = list(sections(comparison, derived=True))
    if derived:
        counts = "they count" if comparison.strict else "they count with --strict"
        console.print(_text(f"Derived from public standards ({counts})", style="bold underline"))
    for section in derived:
        _section(section, console)
    for word, faults in (("out of order", comparison.new_faults), ("in order again", comparison.gone_faults)):
        for fault in faults:
            console.print(Text.assemble(f"waivers, {word}: ", _text(fault)))
    for note in comparison.notes:
        console.print(Text.assemble(("differs  ", "dim"), _text(note, style="dim")))
    _totals(comparison, console)


def _section(section: Section, console: Console) -> None:
    console.print(Text(f"{section.title}: {len(section.changes)}", style="bold red" if section.worse else "bold"))
    for one in section.changes:
        verdict = one.after.verdict if one.after else None
        console.print(
            Text.assemble("  ", _text(one.id, "bold"), "  ", (was_and_is(one), COLOURS[verdict] if verdict else "dim"))
        )
        if section.whole:
            for word, text in seen_of(one):
                console.print(Text.assemble(f"    {word:<12}", _text(text)))
        elif section.title == VALUES:
            _values(one, console)
    console.print()


def _values(change: Change, console: Console) -> None:
    if change.before and change.after:
        console.print(Text.assemble("    ", _text(change.before.demand), " -> ", _text(change.after.demand)))


def _totals(comparison: Comparison, console: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("", "before", "after"):
        table.add_column(heading, overflow="fold")
    before, after = comparison.before, comparison.after
    levels = [Text(one.level.value, style=LEVEL_COLOURS.get(one.level, "bold green")) for one in (before, after)]
    table.add_row("level", *levels)
    for word, about in (("read from", _where), ("target", _target), ("specification", _specification), ("run", _run)):
        table.add_row(word, _text(about(before)), _text(about(after)))
    console.print(table)
    said = [f"{count} {name}" for name, count in comparison.counts.items() if count]
    console.print(_text(f"clauses: {', '.join(said) or 'none'}"))
    said = [f"{count} {name}" for name, count in comparison.derived_counts.items() if count]
    if said:
        console.print(_text(f"derived: {', '.join(said)}", style="dim"))
    outside = comparison.counts[Movement.OUTSIDE.value]
    if outside:
        told = f"outside of the comparison, as one of the runs was not asked for them: {outside}"
        console.print(_text(told, style="yellow"))
    style = OUTCOME_COLOURS.get(ExitCode(comparison.exit_code), "bold yellow")
    console.print(Text.assemble(_text(comparison.outcome, style), f" (clauses compared: {comparison.compared})"))


def _where(side: Side) -> str:
    return side.where


def _target(side: Side) -> str:
    services = ", ".join(f"{one.role} {one.product} {one.version}" for one in side.services)
    return f"{side.target}; {services}" if services else side.target


def _specification(side: Side) -> str:
    return f"{side.specification} ({side.sha256[:12]})"


def _run(side: Side) -> str:
    return f"{side.started:%Y-%m-%d %H:%M} UTC, profile {side.profile}, stackproof {side.stackproof_version}"
