"""Reports to try writers on: the committed example, one of every verdict, and one that is hostile in every field."""

from __future__ import annotations

import datetime
from pathlib import Path

from stackproof.report.files import load
from stackproof.report.model import Report, RequirementPart
from stackproof.verdict import Level, Verdict

EXAMPLE = Path(__file__).parents[2] / "reports" / "example" / "report.json"
HOSTILE = (
    "\x1b[31m\x1b]0;t\x07<script>alert(1)</script>]]>--><!-- \x00\x08\x7f\x9b | `` ``` ~~~ [b](javascript:x) @here #1 "
    "&amp; \"q\" 'q' {0} [x](1) \u202egnp.exe\u2066 \ud800 \udfff \ufffe \r\n\r\n# head\n=cmd|' /C calc'!A0\n"
)


def example() -> Report:
    """The committed example."""
    return load(EXAMPLE)


def requirement(identity: str, verdict: Verdict, text: str = "seen", **changes) -> RequirementPart:
    """A requirement with one check, every text of it the one that is given."""
    check = {
        "id": f"a/b::{identity}",
        "title": text,
        "verdict": Verdict.VIOLATED if verdict is Verdict.WAIVED else verdict,
        "reason": text,
        "expected": text,
        "seen": text,
        "reproduce": text,
        "remedy": text,
        "seconds": 0.25,
        "evidence": [{"kind": "file", "title": text, "detail": {"file": text, "line": 3, "a": [text]}}],
    }
    given = {
        "chapter": "Security > Tokens",
        "line": 12,
        "text": text,
        "kind": "flag",
        "value": True,
        "demand": text,
        "strength": "required",
        "understood": True,
        "required": True,
        "reason": text,
        "checks": [check],
    }
    if verdict is Verdict.WAIVED:
        given["waiver"] = {"owner": text, "reason": text, "expires": datetime.date(2027, 1, 31)}
    if verdict is Verdict.ATTESTED:
        day = datetime.date(2026, 1, 31)
        given["attestation"] = {"who": text, "when": day, "link": text, "expires": datetime.date(2027, 1, 31)}
    return RequirementPart(id=identity, verdict=verdict, **{**given, **changes})


def counts(parts) -> dict[str, int]:
    """How many of each verdict."""
    return {verdict.value: sum(one.verdict is verdict for one in parts) for verdict in Verdict}


def report(requirements, derived=(), **changes) -> Report:
    """A report of these requirements, its counts and level as they follow."""

    given = {
        "stackproof_version": "0.1.0",
        "run_id": "5a0b1d8e-3c57-4e47-9a55-6d0f9d5e2f10",
        "started": datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC),
        "seconds": 12.5,
        "level": Level.INCOMPLETE,
        "exit_code": 4,
        "profile": "full",
        "specification": {"path": "docs/tech-stack.md", "sha256": "a" * 64},
        "target": {"name": "shop", "base_url": "https://shop.example", "kind": "described"},
        "counts": counts(requirements),
        "requirements": tuple(requirements),
        "derived": tuple(derived),
        "derived_counts": counts(derived),
    }
    return Report(**{**given, **changes})


def of_every_verdict(text: str = "seen", **changes) -> Report:
    """One requirement, and one derived, of every verdict."""
    own = [requirement(f"own.{verdict}", verdict, text) for verdict in Verdict]
    derived = [
        requirement(
            f"derived.{verdict}", verdict, text, source=f"RFC 8725 {text}", required=bool(changes.get("strict"))
        )
        for verdict in Verdict
    ]
    return report(own, derived, **{"level": Level.NON_CONFORMANT, "exit_code": 1, **changes})


def hostile(text: str = HOSTILE, **changes) -> Report:
    """Every field that a text can be put into is hostile."""
    given = {
        "stackproof_version": text,
        "run_id": text,
        "partial": True,
        "partial_reason": text,
        "profile": text,
        "specification": {"path": text, "sha256": text},
        "target": {"name": text, "base_url": text, "kind": "described"},
        "services": [{"role": text, "product": text, "version": text, "how": text, "note": text}],
        "services_reason": text,
        "environment": {text: text},
        "options": {text: text},
        "views": {text: {"open": False, "reason": text}},
        "faults": (text,),
        "inputs": [{"name": "lock", "path": text, "sha256": text}],
        "phases": [{"name": text, "seconds": 1.0}],
    }
    made = of_every_verdict(text, **{**given, **changes})
    own = [one.model_copy(update={"id": f"{text}{one.id}", "chapter": text, "kind": text}) for one in made.requirements]
    return made.model_copy(update={"requirements": tuple(own)})


def conformant(**changes) -> Report:
    """Everything satisfied."""
    own = [requirement(f"own.{number}", Verdict.SATISFIED) for number in range(5)]
    return report(own, **{"level": Level.CONFORMANT, "exit_code": 0, **changes})
