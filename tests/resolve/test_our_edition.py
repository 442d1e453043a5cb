"""Against the package index itself: our own edition and others, by what releases that are out cannot take back."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from stackproof.resolve.survey import survey
from stackproof.spec.lint import subject_of
from tests.resolve.documents import table

pytestmark = pytest.mark.slow

REFERENCE = Path(__file__).parents[2] / "spec" / "tech-stack.md"
BEAT = "| django-celery-beat | 2.7.x | `>=2.7,<3.0`"


def look(path):
    """What was found, with everything looked at; without an index this says so and fails."""
    found = survey(subject_of(path, date(2026, 11, 24)))
    assert not found.incomplete, [one.message for one in found.findings]
    assert "index-unreached" not in {one.code for one in found.findings}, "the package index was not reached"
    return found


def line_of(text, passage):
    """The line on which a passage begins."""
    return text[: text.index(passage)].count("\n") + 1


def test_our_own_edition():
    """django-celery-beat 2.7 wants Django below 5.2: these two rows, no other, and a line inside beat's Constraint."""
    text = REFERENCE.read_text(encoding="utf-8")
    django, beat = line_of(text, "| Django |"), line_of(text, BEAT)

    found = look(REFERENCE)

    assert found.pythons == ("3.12", "3.13")
    (conflict,) = [one for one in found.findings if one.code == "versions-conflict"]
    assert conflict.lines == (django, beat)
    assert "django-celery-beat==2.7.0 depends on django" in conflict.message
    cure = re.match(
        r"write Version (\d+\.\d+)\.x instead of 2\.7\.x for django-celery-beat \(line \d+\)", conflict.cure
    )
    assert cure is not None, conflict.cure
    assert SpecifierSet(">=2.8,<3.0").contains(cure[1])
    floors = [one.lines for one in found.findings if one.code == "floor-unreachable"]
    assert (beat, django) in floors
    assert [one.code for one in found.findings if one.code == "constraints-conflict"] == []


def test_our_edition_with_what_its_findings_say(tmp_path):
    """The cures are ones on the real index, too."""
    text = REFERENCE.read_text(encoding="utf-8")
    for old, new in (
        (BEAT, "| django-celery-beat | 2.8.x | `>=2.8,<3.0`"),
        ("| Celery | 5.6.x", "| celery[redis] | 5.6.x"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "stack.md"
    path.write_text(text, encoding="utf-8")

    found = look(path).findings

    assert [one.message for one in found if one.code in {"versions-conflict", "constraints-conflict"}] == []
    assert [one.message for one in found if "kombu" in one.message or "django-celery-beat" in one.message] == []


def test_a_kombu_that_speaks_to_another_redis_py(tmp_path):
    """kombu 5.7.0 takes redis-py 6.4 or later, and says so in its extra alone."""
    path = tmp_path / "stack.md"
    path.write_text(table("kombu | 5.7.0 | `==5.7.0`", "redis (Python) | 5.2.x | `>=5.2,<6.0`"), encoding="utf-8")

    (trap,) = look(path).findings

    assert (trap.code, trap.lines) == ("extra-contradicts", (7, 6))
    assert "wants redis>=6.4.0,<9.0.0 by its own extra 'redis'" in trap.message


def test_another_teams_edition(tmp_path):
    """FastAPI 0.115.0 holds Starlette below 0.39."""
    path = tmp_path / "stack.md"
    rows = ("SQLAlchemy | 2.0.x | `~=2.0`", "FastAPI | 0.115.0 | `>=0.115,<1`", "Starlette | 0.46.x | `>=0.46`")
    path.write_text(table(*rows), encoding="utf-8")

    (conflict,) = [one for one in look(path).findings if one.code == "versions-conflict"]

    assert conflict.lines == (7, 8)
    assert re.match(r"write Version 0\.1\d\d\.\d+ instead of 0\.115\.0 for FastAPI \(line 7\)", conflict.cure)
