"""The report as one HTML file: no network, no script but its own, and everything from a target escaped.

The page's Content-Security-Policy admits one style sheet and one script by their digests (CSP level 3, section 2.3.1),
and nothing else: text that slipped through the template's escaping could still do nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.html import page
from stackproof.report.model import Report
from stackproof.report.words import tally
from stackproof.verdict import Level, Verdict

HERE = Path(__file__).parent
WORDS = {
    Level.CONFORMANT: "Everything that was promised was looked at, and holds.",
    Level.CONFORMANT_WITH_WAIVERS: "Everything that was promised was looked at; what does not hold is waived.",
    Level.NON_CONFORMANT: "At least one clause is violated.",
    Level.INCOMPLETE: "Nothing that counts is violated, but not everything that counts was looked at.",
}


def write(report: Report, earlier: Sequence[Report] = ()) -> str:
    """The whole page.

    Args:
        earlier: reports of runs before this one, in any order, for the trend.
    """
    return "".join(pieces(report, earlier))


def pieces(report: Report, earlier: Sequence[Report] = ()) -> Iterator[str]:
    """The page piece by piece."""
    template = _environment().get_template("template.html.j2")
    yield from template.generate(**_context(report, earlier))


def _context(report: Report, earlier: Sequence[Report]) -> dict[str, Any]:
    chapters = page.chapters_of(report)
    clauses = [one for chapter in chapters for one in chapter.clauses]
    counting = [one for one in clauses if one.requirement.required]
    own = tally(report.requirements)
    style, script = (_asset("style.css"), _asset("script.js"))
    return {
        "report": report,
        "chapters": chapters,
        "words": WORDS[report.level],
        "violated": [one for one in counting if one.requirement.verdict is Verdict.VIOLATED],
        "failed": [one for one in counting if one.requirement.verdict is Verdict.ERROR],
        "reasons": page.reasons_of(counting),
        "besides": [one for one in clauses if one.requirement.verdict in page.BAD and not one.requirement.required],
        "total": own.total,
        "assessed": own.assessed,
        "own_counts": page.counted(report.requirements),
        "derived_counts": page.counted(report.derived),
        "bar": page.stretches((verdict.value, count) for verdict, count in page.counted(report.requirements)),
        "verdicts": page.counted([*report.requirements, *report.derived]),
        "phases": page.stretches((one.name, one.seconds) for one in report.phases),
        "longest": page.longest(report),
        "history": list(page.history(report, earlier)) if earlier else [],
        "style": style,
        "script": script,
        "policy": f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup | int | float) else page.cleaned(value),
    )
    environment.filters["seconds"] = lambda value: f"{value:.1f} s" if value >= 0.1 else f"{value * 1000:.0f} ms"
    return environment


@cache
def _asset(name: str) -> Markup:
    return Markup((HERE / name).read_text(encoding="utf-8"))  # noqa: S704 - our own files


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
