"""The formats of a report and their writers, as plain data: a row here and a folder in `reports/` make a format.

A writer is a module with `pieces(report)`, which yields the text piece by piece, so that a large report is never held
twice. It is pure: the clock, the host and the version come from the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, cast

from stackproof.errors import UsageError
from stackproof.harness import put_tree_on_path

if TYPE_CHECKING:
    from stackproof.report.model import Report


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: what `--format` takes.
        module: the writer; it has `pieces(report)`.
        file: the usual name of a file in this format.
        summary: what it is for, in a few words.
    """

    name: str
    module: str
    file: str
    summary: str


FORMATS = (
    Format("html", "reports.html.writer", "report.html", "one page for reading, without a network"),
    Format("terminal", "reports.terminal.writer", "report.txt", "for a person at a terminal"),
    Format("json", "reports.json.writer", "report.json", "everything, by a schema; all others are made of it"),
    Format("github", "reports.github.writer", "annotations.txt", "annotations of a GitHub workflow"),
    Format("gitlab", "reports.gitlab.writer", "gl-code-quality.json", "Code Quality of a GitLab merge request"),
    Format("junit", "reports.junit.writer", "junit.xml", "test results for Jenkins, GitLab and others"),
    Format("review", "reports.review.writer", "review.md", "the document's review as a checklist"),
    Format(
        "markdown", "reports.markdown.writer", "report.md", "a comment on a pull request, 65,000 characters at most"
    ),
    Format(
        "sarif", "reports.sarif.writer", "stackproof.sarif", "code scanning: what is violated or open, each at a line"
    ),
    Format("ctrf", "reports.ctrf.writer", "ctrf-report.json", "the common test report format"),
    Format("csv", "reports.csv.writer", "report.csv", "a row a requirement, for a spreadsheet"),
    Format("badge", "reports.badge.writer", "badge.svg", "a picture: how many clauses were assessed"),
    Format("shields", "reports.badge.shields", "badge.json", "the badge for an endpoint of shields.io"),
    Format(
        "in-toto", "reports.in_toto.writer", "statement.json", "a test-result statement; `stackproof sign` signs it"
    ),
    Format("oscal", "reports.oscal.writer", "oscal.json", "OSCAL assessment results for auditors"),
)


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        UsageError: there is none.
    """
    known = {one.name: one for one in FORMATS}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"--format {name}: there is no such format", hint=f"{hint}there are {', '.join(known)}")
    return known[name]


def pieces_of(report: Report, name: str, *more: object) -> Iterator[str]:
    """The report in that format, piece by piece.

    Args:
        more: what the format's writer takes beside the report; html: earlier reports.

    Raises:
        UsageError: there is no such format, or the report does not fit it.
    """
    chosen = format_named(name)
    put_tree_on_path()
    return cast("Iterator[str]", import_module(chosen.module).pieces(report, *more))


def text_of(report: Report, name: str) -> str:
    """The report in that format, in one piece."""
    return "".join(pieces_of(report, name))
