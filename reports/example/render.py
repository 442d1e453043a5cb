"""Renders the example in every format, into the folder of each: `python -m reports.example.render`."""

from __future__ import annotations

from pathlib import Path

from stackproof.report.files import load, write_pieces
from stackproof.report.formats import FORMATS, Format, pieces_of

REPORT = Path(__file__).with_name("report.json")
NOT_KEPT = frozenset({"json", "html"})  # itself, and a page of 400 KB that each change of style rewrites


def place_of(form: Format) -> Path:
    """Where the rendered example of a format stands."""
    return REPORT.parents[1] / form.module.split(".")[1] / form.file


def main() -> None:
    """Write them all."""
    report = load(REPORT)
    for form in FORMATS:
        if form.name not in NOT_KEPT:
            write_pieces(pieces_of(report, form.name), place_of(form))


if __name__ == "__main__":
    main()
