"""The report as a badge (SVG): how many clauses were assessed, and green only where all were and nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from reports.badge.said import COLOURS, said_of
from stackproof.report.model import Report

HEIGHT = 20
_NARROW = set(" fijlrt.,:;'|!I()[]-")


def pieces(report: Report) -> Iterator[str]:
    """The picture."""
    label, message, colour = said_of(report)
    left, right = _width(label), _width(message)
    width, name = left + right, escape(f"{label}: {message}")
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" '
        f'role="img" aria-label="{name}">\n'
        f"  <title>{name}</title>\n"
        f'  <clipPath id="r"><rect width="{width}" height="{HEIGHT}" rx="3"/></clipPath>\n'
        '  <g clip-path="url(#r)">\n'
        f'    <rect width="{left}" height="{HEIGHT}" fill="#3f3f46"/>\n'
        f'    <rect x="{left}" width="{right}" height="{HEIGHT}" fill="{COLOURS[colour]}"/>\n'
        "  </g>\n"
        '  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\n'
        f'    <text x="{left / 2:g}" y="14" textLength="{left - 10}">{escape(label)}</text>\n'
        f'    <text x="{left + right / 2:g}" y="14" textLength="{right - 10}">{escape(message)}</text>\n'
        "  </g>\n"
        "</svg>\n"
    )


def _width(text: str) -> int:
    """About the width of the text in pixels, with five on each side; `textLength` makes it fit."""
    return 10 + round(sum(4.2 if one in _NARROW else 7.0 for one in text))
