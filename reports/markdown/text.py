"""Text of a report inside GitHub flavoured Markdown, where it must be nothing but text.

It stands in code spans alone: there nobody is mentioned, and nothing becomes a link, an image or HTML. Only the
writers' own words stand outside of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stackproof.report.words import one_line

LARGEST = 65_000  # characters; GitHub takes 65,536 in a comment


def code(text: str, most: int = 400) -> str:
    """The text as a code span on one line, fenced by more backticks than it has in a row."""
    line = one_line(text, most)
    if not line:
        return "–"
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence, pad = "`" * (longest + 1), " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def cell(text: str, most: int = 120) -> str:
    """The same in a table: there a pipe ends a cell even inside a code span, so that a broken bar is shown for it."""
    return code(text.replace("|", "¦"), most)


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join(f"| {' | '.join(one)} |" for one in lines)


def fitted(blocks: list[str], end: str) -> str:
    """The blocks that fit, in their order, and the end; says how many were left out.

    Args:
        blocks: each is whole in itself: a heading, a list, an element with its end.
    """
    room = LARGEST - len(end) - 200
    kept: list[str] = []
    for number, block in enumerate(blocks):
        room -= len(block) + 2
        if room < 0:
            left = len(blocks) - number
            kept.append(f"**Cut off**: {left} more parts do not fit here; `--format json` has them all.")
            break
        kept.append(block)
    return "\n\n".join([*kept, end]) + "\n"
