"""The result of a rehearsal for people: on a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stackproof.evidence import printable

if TYPE_CHECKING:
    from rich.console import Console

    from stackproof.rehearse.result import ChangedPart, CulpritPart, Result

LISTED = 40  # packages that a terminal shows
SEEN = 200  # characters
_ESCAPED = str.maketrans({one: f"\\{one}" for one in "\\`*_[]<>|#"})

type Section = tuple[str, list[str]]


def sections_of(result: Result) -> Iterator[Section]:
    """Headings and lines, those that are empty left out."""
    yield "", [f"rehearsed {result.asked} on {result.project}"]
    if not result.resolves:
        yield "it does not resolve", [result.conflict]
        yield "rows in conflict", list(result.conflicting_rows)
    changed = [*map(_changed, result.services), *map(_changed, result.packages)]
    yield f"what changes ({len(changed)})", changed
    yield "held back by others", [f"{one.name} {one.before}, and {one.after} is the newest" for one in result.held_back]
    yield "the service does not start", [result.trouble] if result.trouble else []
    yield "newly violated", list(result.newly_violated)
    yield "nobody can tell any more", [] if result.trouble else list(result.newly_unseen)
    yield "mended", list(result.mended)
    yield "demanded by the edited document, and not met today either", list(result.by_document)
    yield from _culprits(result)
    yield "not explained by any of the changes", list(result.unexplained)
    yield "not looked at", list(result.not_looked_at)
    yield "to know", list(result.notes)
    yield "files", list(result.files)


def show(result: Result, console: Console) -> None:
    """Print it; everything from outside is made printable first."""
    from rich.text import Text

    for heading, lines in sections_of(result):
        if not lines:
            continue
        if heading:
            console.print(Text(heading, style="bold"))
        for line in lines[:LISTED]:
            console.print(Text(f"{'  ' if heading else ''}{printable(line)}"))
        if len(lines) > LISTED:
            console.print(Text(f"  and {len(lines) - LISTED} more: see rehearsal.json"))
    style = "bold red" if result.exit_code else "bold green"
    console.print(Text(f"{result.outcome} (exit {result.exit_code})", style=style))


def to_markdown(result: Result) -> str:
    """The same as Markdown."""
    lines = [f"# Rehearsal: {_escaped(result.outcome)}", ""]
    for heading, entries in sections_of(result):
        if not entries:
            continue
        if heading:
            lines += [f"## {_escaped(heading[:1].upper() + heading[1:])}", ""]
        lines += [f"{'- ' if heading else ''}{_escaped(one)}" for one in entries]
        lines.append("")
    return "\n".join(lines)


def _culprits(result: Result) -> Iterator[Section]:
    by_name = {one.name: one for one in (*result.packages, *result.services)}
    seen = {f"{one.requirement} ({one.check})": one for one in result.symptoms}
    for one in result.culprits:
        told = [_verdict_on(one), *(f"has to come with {name}" for name in one.companions)]
        for key in one.symptoms:
            part = seen.get(key)
            if part:
                told.append(f"{part.requirement}: {part.before or 'nothing'} -> {part.after}: {part.seen_after[:SEEN]}")
                told.append(f"    before: {part.seen_before[:SEEN]}; seen by {part.check}")
        yield f"the culprit: {_named(one, by_name)}", told
    if result.runs:
        yield "", [f"the search took {counted(result.runs, 'run')}"]


def _named(one: CulpritPart, by_name: dict[str, ChangedPart]) -> str:
    return " with ".join(_changed(by_name[name]) if name in by_name else name for name in one.changes)


def _verdict_on(one: CulpritPart) -> str:
    told = f"failed in {one.failed} of {one.tried} runs with it and without the other changes"
    if not one.steady:
        told += "; it comes and goes, so that this is a suspicion"
    if one.given_up:
        told += "; the search was given up, a smaller set may do"
    elif not one.smallest:
        told += "; nothing could tell its parts apart"
    return told


def _changed(one: ChangedPart) -> str:
    if not one.before:
        return f"{one.name} {one.after} (new)"
    return f"{one.name} {one.before} -> {one.after}" if one.after else f"{one.name} {one.before} (no longer needed)"


def counted(number: int, what: str) -> str:
    """A number of things."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _escaped(text: str) -> str:
    return " ".join(printable(text).split()).translate(_ESCAPED)
