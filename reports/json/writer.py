"""The report as JSON, by its schema (`report.schema.json`); every other format is made of this one."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.report.files import as_json
from stackproof.report.model import Report


def pieces(report: Report) -> Iterator[str]:
    """The text of the whole report."""
    yield as_json(report)
