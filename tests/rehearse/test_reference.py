"""Upgrades of the reference service itself, with real packages from the index."""

import json

import pytest

from stackproof.harness import harness_root

pytestmark = pytest.mark.slow


def test_rows_that_never_went_together(rehearse, tmp_path):
    """django-celery-beat 2.7 refuses Django 5.2, and the resolver's words say so."""
    ran = rehearse("--set", "django-celery-beat=2.7.*", "--output", tmp_path / "out")

    assert ran.code == 1
    assert "django-celery-beat==2.7.0 depends on django>=2.2,<5.2" in ran.out
    assert "Django (line 14: >=5.2,<5.3)" in ran.out
    assert "django-celery-beat (line 38: >=2.7,<2.8)" in ran.out
    assert not (tmp_path / "out" / "lock.patch").exists()
    assert "+| django-celery-beat | 2.7.x | `>=2.7,<2.8` |" in (tmp_path / "out" / "specification.patch").read_text()


def test_another_redis_client_and_another_postgresql(rehearse, tmp_path):
    """Both rows at once: client, what it forces, and server differ; the document asks for another image, too."""
    project = harness_root() / "sample_app"
    before = {one: one.stat().st_mtime_ns for one in project.iterdir()}
    asked = ["--set", "redis (Python)=>=6.4", "--set", "PostgreSQL=17", "--suite", "stack", "--services", "embedded"]
    ran = rehearse(*asked, "--only", "version.*", "--output", tmp_path / "out")
    result = json.loads((tmp_path / "out" / "rehearsal.json").read_text())

    assert ran.code == result["exit_code"] == 1
    assert result["newly_violated"] == ["version.postgresql"]
    assert result["by_document"] == ["version.postgresql (stack/images::images_are_inside_the_constraint)"]
    assert result["culprits"] == []
    changed = {one["name"]: (one["before"], one["after"]) for one in result["packages"]}
    assert changed["redis"][0].startswith("5.")
    assert int(changed["redis"][1].split(".")[0]) >= 6
    assert set(changed) <= {"redis", "kombu", "pyjwt"}
    (server,) = result["services"]
    assert server["before"].startswith("PostgreSQL 16.")
    assert server["after"].startswith("PostgreSQL 17.")
    assert any("postgres:16-bookworm" in one for one in result["notes"])
    assert {one: one.stat().st_mtime_ns for one in project.iterdir()} == before


def test_a_server_that_cannot_be_had(rehearse, tmp_path):
    """No other one takes its place: exit 3, with what would help."""
    ran = rehearse("--set", "Redis=7.2", "--services", "embedded", "--output", tmp_path / "out")

    assert ran.code == 3
    assert "Redis cannot be had as an embedded service" in ran.err


def test_a_row_that_nobody_starts(rehearse, tmp_path):
    """Docker's version is no matter of a package: said, and not taken for rehearsed."""
    ran = rehearse("--set", "Docker=28", "--output", tmp_path / "out")

    assert ran.code == 4
    assert "Docker: is no package and no server that the harness starts" in ran.out
