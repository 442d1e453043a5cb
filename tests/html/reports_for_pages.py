"""Reports made up for the page: of every verdict, of any size, of hostile text."""

import datetime

from stackproof.report.model import (
    AttestationPart,
    CheckPart,
    EvidencePart,
    PhasePart,
    Report,
    RequirementPart,
    ServicePart,
    SpecificationPart,
    TargetPart,
    ViewPart,
    WaiverPart,
)
from stackproof.verdict import Level, Verdict

STARTED = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
HOSTILE = (
    "</pre></details></style></script><script>alert(1)</script><img src=x onerror=alert(2)>"
    "\"' onfocus=alert(3) autofocus {{ 7*7 }} {% raw %} \x00\x1b[31m\u202edesrever\ud800 ]]> &lt;b&gt;"
)
CYCLE = (Verdict.SATISFIED, Verdict.VIOLATED, Verdict.NOT_ASSESSED, Verdict.ERROR, Verdict.NOT_APPLICABLE)


def requirement(number, verdict, words="as the clause says", evidence=2, **changes):
    bad = verdict is Verdict.VIOLATED
    check = CheckPart(
        id=f"suite/topic::check_{number}",
        title=f"Fact number {number} holds. {words}",
        verdict=verdict,
        reason=f"reason {number}: {words}",
        expected=f"expected {words}" if bad else "",
        seen=f"seen {words}" if bad else "",
        reproduce=f"stackproof run --target stackproof.toml --only some.clause-{number} {words}" if bad else "",
        remedy=f"change it {words}" if bad else "",
        seconds=number / 100,
        evidence=tuple(
            EvidencePart(kind="exchange", title=f"GET /{one} {words}", detail={"body": words})
            for one in range(evidence)
        ),
    )
    given = {
        "id": f"some.clause-{number}",
        "chapter": f"Chapter {number // 20}",
        "line": number + 1,
        "text": f"Clause {number} {words}",
        "kind": "flag",
        "value": True,
        "demand": f"demand {words}",
        "strength": "required",
        "understood": True,
        "required": True,
        "verdict": verdict,
        "reason": f"reason {number}: {words}",
        "checks": (check,),
    }
    return RequirementPart(**{**given, **changes})


def report(requirements, derived=(), words="", **changes):
    counts = {verdict.value: sum(one.verdict is verdict for one in requirements) for verdict in Verdict}
    level = Level.NON_CONFORMANT if counts["violated"] else Level.INCOMPLETE
    given = {
        "stackproof_version": "0.1.0",
        "run_id": "00000000-0000-4000-8000-000000000001",
        "started": STARTED,
        "seconds": 12.5,
        "level": level,
        "exit_code": int(level.exit_code),
        "profile": "full",
        "specification": SpecificationPart(path=f"spec/tech-stack.md{words}", sha256="0" * 64),
        "target": TargetPart(name=f"service {words}", base_url="https://service.example", kind="described"),
        "services": (ServicePart(role="postgres", product="PostgreSQL", version="16", how="described", note=words),),
        "views": {"http": ViewPart(open=True), "redis": ViewPart(open=False, reason=f"not named {words}")},
        "options": {"only": [words] if words else [], "strict": False},
        "counts": counts,
        "phases": (PhasePart(name=f"checks {words}", seconds=10), PhasePart(name="services", seconds=2.5)),
        "requirements": tuple(requirements),
        "derived": tuple(derived),
        "derived_counts": {verdict.value: sum(one.verdict is verdict for one in derived) for verdict in Verdict},
    }
    return Report(**{**given, **changes})


def mixed(count=40, words="as the clause says"):
    """Verdicts in turn, one waived and one attested."""
    clauses = [requirement(number, CYCLE[number % len(CYCLE)], words) for number in range(count)]
    day = datetime.date(2026, 12, 31)
    waiver = WaiverPart(owner=f"owner {words}", reason=f"because {words}", expires=day)
    clauses.append(requirement(count, Verdict.WAIVED, words, waiver=waiver))
    attested = AttestationPart(who=f"somebody {words}", when=day, link=f"javascript:alert(4) {words}", expires=day)
    clauses.append(requirement(count + 1, Verdict.ATTESTED, words, attestation=attested))
    derived = [
        requirement(
            1000 + number, CYCLE[number % len(CYCLE)], words, source=f"RFC 8725, section {words}", required=False
        )
        for number in range(5)
    ]
    return report(clauses, derived, words if words != "as the clause says" else "")
