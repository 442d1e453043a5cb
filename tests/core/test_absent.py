"""What a service says that it has not, and what is about nothing therefore."""

from pathlib import Path

import pytest

from stackproof.absent import lacking, with_what_follows
from stackproof.check import View
from stackproof.descriptor.reading import parse_descriptor
from stackproof.harness import reference_specification
from stackproof.run import Suites, run_suites
from stackproof.spec import read
from stackproof.verdict import Verdict

SPECIFICATION = read(reference_specification())
INSIDE = (View.PROJECT,)


@pytest.mark.parametrize(
    ("requirement", "unused"),
    [
        ("version.daphne", "version.daphne"),
        ("support.python", "version.python"),
        ("upgrade.python-security-window", "version.python"),
        ("upgrade.django-lts", "version.django"),
        ("password.hashers-setting", "version.django"),
        ("compatibility.daphne.django-channels", "version.django-channels"),
        ("compatibility.daphne.django-channels", "version.daphne"),
        ("configuration.frame-options", "version.django"),
        ("configuration.typed-variables", "version.pydantic-settings"),
        ("postgresql.async-connections", "version.psycopg"),
        ("serving.async-middleware", "version.daphne"),
        ("tasks.survive-child", "version.celery"),
    ],
)
def test_a_requirement_is_about_its_component(requirement, unused):
    """By its id, by the label of its clause, or by the row that implies it."""
    assert lacking(SPECIFICATION.find(requirement), (unused,), INSIDE) == unused
    assert not lacking(SPECIFICATION.find(requirement), ("version.black",), INSIDE)


@pytest.mark.parametrize("closed", [{View.CELERY}, {View.CELERY, View.HTTP, View.ACCOUNTS}], ids=len)
def test_all_that_only_celery_could_meet_falls_away_with_it(closed):
    """Another queue in Celery's place: the chapter on tasks, the broker's purpose, ids of requests in tasks' logs."""
    tasks = [one.id for one in SPECIFICATION.every if one.id.startswith("tasks.")]
    for name in (*tasks, "redis.purpose.celery-broker", "observability.task-request-id"):
        assert lacking(SPECIFICATION.find(name), ("version.celery",), closed) == "version.celery"
        assert not lacking(SPECIFICATION.find(name), ("version.black",), closed)
    assert len(tasks) > 10
    assert not lacking(SPECIFICATION.find("redis.broker.persistence"), ("version.celery",), {View.REDIS})


@pytest.mark.parametrize(
    "requirement",
    [
        "redis.purpose.cache",
        "password.hash-algorithm",
        "tls.postgresql.sslmode",
        "postgresql.connections-suffice",
        "postgresql.migrations.applied",
    ],
)
def test_what_any_service_may_do_stands(requirement):
    """It may have a cache, passwords and a database without a word of Python."""
    unused = tuple(
        one.id for one in SPECIFICATION.requirements if one.id.startswith("version.") and "redis" not in one.id
    )
    unused = tuple(one for one in unused if one != "version.postgresql")
    assert not lacking(SPECIFICATION.find(requirement), unused, INSIDE)


def test_a_view_that_anybody_can_open_leaves_the_question_open():
    """A service without Channels may have a WebSocket: that nobody looked is no word of the service's own."""
    waits = SPECIFICATION.find("serving.waits-do-not-block")
    assert waits.follows_from == "version.daphne"
    assert not lacking(waits, ("version.daphne",), (View.PROJECT, View.WAITING))
    assert not lacking(SPECIFICATION.find("cors.vary-origin"), ("version.django-cors-headers",), (View.ACCOUNTS,))


def test_a_service_without_python_has_none_of_its_packages(tmp_path):
    """One id stands for all rows that a package index has; those of servers and of the engine stay."""

    def unused(*listed):
        data = {"target": {"name": "x"}, "project": {"path": ".", "unused": list(listed)}}
        return with_what_follows(parse_descriptor(data, tmp_path / "stackproof.toml"), SPECIFICATION).unused

    assert unused("version.celery") == ("version.celery",)
    spelled = unused("version.python", "lock.tool")
    assert {"version.python", "lock.tool", "version.django", "version.ruff", "image.python"} <= set(spelled)
    assert not {"version.postgresql", "version.redis", "version.docker", "version.docker-compose"} & set(spelled)


def test_a_project_without_python_is_judged_by_what_it_has(tmp_path):
    """Its rows, edges and settings of Django's are not applicable; its tracked files are scanned, and may be clean."""
    (tmp_path / "Gemfile").write_text('gem "rails"\n')
    path = tmp_path / "stackproof.toml"
    path.write_text('[target]\nname = "shop"\n[project]\npath = "."\nunused = ["version.python"]\n')
    wanted = ("version.django", "version.python", "compatibility.*", "configuration.*", "support.python")
    told = {}
    for one in run_suites(Suites(Path(path), reference_specification(), only=wanted, workers=0)).results:
        told.setdefault(one.requirement, set()).add(one.verdict)

    scanned = told.pop("configuration.no-secret-in-repository")
    assert Verdict.NOT_APPLICABLE not in scanned
    assert all(Verdict.NOT_APPLICABLE in one for one in told.values()), told
