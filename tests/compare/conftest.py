"""Reports to compare, made by hand: one requirement a line."""

import datetime

import pytest

from stackproof.report.build import NOT_ASKED_FOR
from stackproof.report.model import CheckPart, Report, RequirementPart, SpecificationPart, TargetPart
from stackproof.verdict import Level, Verdict


def requirement(name, verdict="satisfied", *, value=1, seen="it was seen", required=True, source=None, **changes):
    """A clause with this verdict; a violated one was found so by a check that saw `seen`."""
    found = Verdict(verdict)
    broken = found in {Verdict.VIOLATED, Verdict.WAIVED}
    check = CheckPart(
        id="a/b::c", title="T.", verdict=Verdict.VIOLATED if broken else Verdict.SATISFIED, reason="r", seen=seen
    )
    given = {
        "id": name,
        "chapter": "Chapter",
        "line": 7,
        "text": f"{name} is so",
        "kind": "threshold",
        "value": value,
        "demand": f"at least {value}",
        "strength": "required",
        "understood": True,
        "source": source,
        "required": required,
        "verdict": found,
        "reason": "the reason",
        "checks": (check,),
    }
    return RequirementPart(**{**given, **changes})


def not_asked_for(name, **changes):
    """A clause that `--only` left out."""
    return requirement(name, "not-assessed", reason=NOT_ASKED_FOR, checks=(), **changes)


def counted(parts):
    """How many of each verdict."""
    return {one.value: sum(part.verdict is one for part in parts) for one in Verdict}


def report(*parts, derived=(), **changes):
    """A report on these clauses."""
    given = {
        "stackproof_version": "0.1.0",
        "run_id": "one",
        "started": datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC),
        "seconds": 1.0,
        "level": Level.INCOMPLETE,
        "exit_code": 4,
        "profile": "full",
        "specification": SpecificationPart(path="spec.md", sha256="0" * 64),
        "target": TargetPart(name="shop", base_url="https://shop.example", kind="described"),
        "counts": counted(parts),
        "requirements": parts,
        "derived": tuple(derived),
        "derived_counts": counted(derived),
    }
    return Report(**{**given, **changes})


@pytest.fixture
def save(tmp_path):
    """Write a report into a file of this name."""

    def write(name, made):
        path = tmp_path / name
        path.write_text(made.model_dump_json(), encoding="utf-8")
        return path

    return write
