"""Lines that were meant as clauses but that Markdown reads as something else; none of them may get lost in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stackproof.spec.problems import Problem

_BRANCH = re.compile(r"[├└┣┗┝┕╠╚╰]|^[|\s]*(?:[|+`\\]-{1,4}|\|_{1,4})>?\s*[A-Za-z]")
_BULLET = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+\S")
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*$")
_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$")
_ODD_BULLET = re.compile(r"\s*[\u2022\u2023\u25aa\u25cf\u25e6\u2043\u00b7]\s*\S")
_LATE_NUMBER = re.compile(r"\s{0,3}\d{1,3}[.)]\s+\S")
_ACTIVE = re.compile(r"<\s*/?\s*(script|style|iframe|object|embed|form|svg|link|meta|base)\b", re.IGNORECASE)
_HOLDER = re.compile(r"<\s*(table|tr|td|ul|ol|li|dl|dt|dd)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def looks_like_drawing(lines: Sequence[str]) -> bool:
    """Whether the lines draw a tree with box characters or their ASCII stand-ins."""
    return any(_BRANCH.search(line) for line in lines)


def clause_lines(lines: Sequence[str]) -> list[int]:
    """Offsets of the lines that look like a bullet or a table row."""
    return [offset for offset, line in enumerate(lines) if _BULLET.match(line) or _TABLE_ROW.match(line)]


def is_closed(markup: str, lines: Sequence[str]) -> bool:
    """Whether a fenced block ends with its own fence."""
    last = lines[-1].strip(" \t>") if len(lines) > 1 else ""
    return len(last) >= len(markup) and set(last) == {markup[0]}


def in_paragraph(lines: Sequence[str], first_line: int) -> list[Problem]:
    """Rows of a malformed table and bullets of a word processor inside what reads as prose."""
    problems = []
    for offset, line in enumerate(lines):
        number = first_line + offset
        if _TABLE_ROW.match(line) or _DELIMITER.match(line):
            cure = "give the header row and the row of dashes below it the same number of cells, after an empty line"
            problems.append(Problem(number, "looks like a table's row but belongs to no table", cure))
        elif _ODD_BULLET.match(line):
            problems.append(
                Problem(number, f"begins with {line.strip()[0]!r}, which makes no list", "begin it with '- '")
            )
        elif offset and _LATE_NUMBER.match(line):
            cure = "put an empty line before the list"
            problems.append(Problem(number, "looks like a list's item but continues the paragraph above", cure))
    return problems


def in_html(content: str, first_line: int, *, in_clause: bool) -> list[Problem]:
    """Active content, and HTML that hides rows or bullets; comments are no part of the document."""
    visible = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), content)
    cure = "write plain Markdown there; put characters that are meant literally between backticks"
    problems = []
    if "<!--" in visible:
        problems.append(Problem(first_line, "opens a comment that is never closed", "end the comment with -->"))
        visible = visible[: visible.index("<!--")]
    for offset, line in enumerate(visible.split("\n")):
        number = first_line + offset
        if (match := _ACTIVE.search(line)) is not None:
            problems.append(Problem(number, f"holds markup or script: <{match[1].lower()}>", cure))
        elif (match := _HOLDER.search(line)) is not None:
            cure_list = "write tables and lists in Markdown"
            problems.append(Problem(number, f"holds an HTML <{match[1].lower()}>, which is not read", cure_list))
        elif _BULLET.match(line) or _TABLE_ROW.match(line):
            cure_blank = "put an empty line between the HTML and the list or table"
            problems.append(Problem(number, "stands inside an HTML block and is not read", cure_blank))
        elif in_clause and line.strip():
            problems.append(Problem(number, "list item holds markup or script", cure))
    return problems
