"""Renders the example in every format, into the folder of each: `python -m reports.example.render`."""

from __future__ import annotations

from pathlib import Path

from stackproof.report.files import load, write_pieces
from stackproof.report.formats import FORMATS, Format, pieces_of

REPORT = Path(__file__).with_name("report.json")


def place_of(form: Format) -> Path:
    """Where the rendered example of a format stands."""
    return REPORT.parents[1] / form.module.split(".")[1] / form.file


def main() -> None:
    """Write them all; the report itself is read and never written."""
    report = load(REPORT)
    for form in FORMATS:
        if form.name != "json":
            write_pieces(pieces_of(report, form.name), place_of(form))


if __name__ == "__main__":
    main()
