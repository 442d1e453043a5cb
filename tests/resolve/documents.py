"""Documents to look at."""

from __future__ import annotations

BOTH = ">=3.12,<3.14"


def table(*rows: str, python: str = ">=3.12,<3.13") -> str:
    """A document: a row each, "component | version | constraint", below one for Python (line 5)."""
    head = "# Stack\n\n| Component | Version | Constraint |\n|---|---|---|\n"
    lines = [f"| Python | 3.12.x | `{python}` |", *(f"| {row} |" for row in rows)]
    return head + "\n".join(lines) + "\n"
