"""Two reports side by side as GitHub flavoured Markdown, for a comment under a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from reports.markdown.text import cell, code, fitted, table
from stackproof.errors import ExitCode
from stackproof.report.comparison import Change, Comparison, Movement, Side
from stackproof.report.sections import VALUES, Section, sections, seen_of, was_and_is

LONG = 8  # changes of a section that are shown without a click
MOST = 100  # changes of one section

MARKS = {ExitCode.CONFORMANT: "✅", ExitCode.NON_CONFORMANT: "❌"}


def write(comparison: Comparison) -> str:
    """The comparison as Markdown of at most `LARGEST` characters; what got worse comes first."""
    mark = MARKS.get(ExitCode(comparison.exit_code), "⚠️")
    blocks = [f"### {mark} Stackproof: {_plain(comparison.outcome)}", _about(comparison)]
    blocks += [block for one in sections(comparison) for block in _section(one)]
    derived = list(sections(comparison, derived=True))
    if derived:
        counts = "they count" if comparison.strict else "they count with `--strict`"
        blocks.append(f"#### Derived from public standards ({counts})")
        blocks += [block for one in derived for block in _section(one)]
    faults = [*comparison.new_faults[:MOST], *comparison.gone_faults[:MOST]]
    if faults:
        words = ["out of order"] * len(comparison.new_faults[:MOST]) + ["in order again"] * len(faults)
        lines = [f"- {word}: {code(text)}" for word, text in zip(words, faults, strict=False)]
        blocks.append("\n".join(["#### Waivers and attestations", "", *lines]))
    if comparison.notes:
        notes = [f"- {code(one)}" for one in comparison.notes[:MOST]]
        blocks.append(_folded(f"What else differs between the runs ({len(comparison.notes)})", "\n".join(notes)))
    return fitted(blocks, _totals(comparison))


def _about(comparison: Comparison) -> str:
    sides = (comparison.before, comparison.after)
    rows = [
        ("level", *(f"**{one.level.value}**" for one in sides)),
        ("read from", *(cell(one.where) for one in sides)),
        ("target", *(cell(one.target) for one in sides)),
        ("specification", *(cell(f"{one.specification} ({one.sha256[:12]})") for one in sides)),
        ("profile", *(cell(one.profile) for one in sides)),
        ("services", *(cell(_services(one), 200) for one in sides)),
        ("run", *(cell(f"{one.started:%Y-%m-%d %H:%M} UTC, stackproof {one.stackproof_version}") for one in sides)),
    ]
    if any(one.partial_reason for one in sides):
        rows.append(("partial", *(cell(one.partial_reason) for one in sides)))
    return table(("", "before", "after"), rows)


def _services(side: Side) -> str:
    return ", ".join(f"{one.role} {one.product} {one.version}" for one in side.services)


def _section(section: Section) -> Iterator[str]:
    """A block for every few changes, so that what does not fit is left out and the rest is not."""
    shown = section.changes[:MOST]
    lines = []
    for one in shown:
        told = [f"  - {word}: {code(text)}" for word, text in seen_of(one)] if section.whole else []
        short = _values(one) if section.title == VALUES else ""
        line = f", line {one.after.line}" if one.after else ""
        lines.append("\n".join([f"- {code(one.id, 120)} {was_and_is(one)}{line}{short}", *told]))
    if len(section.changes) > MOST:
        lines.append(f"- and {len(section.changes) - MOST} more")
    title = f"{section.title}: {len(section.changes)}"
    if section.worse or len(lines) <= LONG:
        yield f"#### {title}"
        for start in range(0, len(lines), LONG):
            yield "\n".join(lines[start : start + LONG])
        return
    for start in range(0, len(lines), LONG * 2):
        yield _folded(
            title if not start else f"{title} (from {start + 1} on)", "\n".join(lines[start : start + LONG * 2])
        )


def _values(change: Change) -> str:
    return f": {code(change.before.demand)} to {code(change.after.demand)}" if change.before and change.after else ""


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _totals(comparison: Comparison) -> str:
    rows = []
    for movement in Movement:
        own, derived = (one.get(movement.value, 0) for one in (comparison.counts, comparison.derived_counts))
        if own or derived:
            rows.append((movement.value, str(own), str(derived)))
    said = f"Clauses that were compared: {comparison.compared}."
    outside = comparison.counts.get(Movement.OUTSIDE.value, 0)
    if outside:
        said += f" Outside, as one of the runs was not asked for them: {outside}."
    return _folded("Totals", f"{table(('', 'clauses', 'derived'), rows)}\n\n{said}")


def _plain(text: str) -> str:
    """Our own sentence; letters, digits and a few signs are all that it has."""
    return "".join(one for one in text if one.isalnum() or one in " ,;.'()-")
