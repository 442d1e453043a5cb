"""The badge for shields.io: the JSON that its endpoint badge reads from an address."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reports.badge.said import COLOURS, said_of
from stackproof.report.model import Report


def pieces(report: Report) -> Iterator[str]:
    """The JSON."""
    label, message, colour = said_of(report)
    told = {"schemaVersion": 1, "label": label, "message": message, "color": COLOURS[colour]}
    yield json.dumps(told | ({"isError": True} if colour == "red" else {}), indent=2) + "\n"
