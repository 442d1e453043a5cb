"""Our own edition gives the requirements that the suites cite."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from stackproof.spec import Choice, Kind, Strength, Threshold, VersionRule, read

SPECIFICATION = read(Path(__file__).parents[2] / "spec" / "tech-stack.md")

VALUES = {
    "support.python": date(2028, 10, 31),
    "support.django": date(2028, 4, 30),
    "support.postgresql": date(2028, 11, 30),
    "api.openapi-version": Choice(("3.1",)),
    "licence.redis": Choice(("BSD",)),
    "pinning.production.compatible-release": Choice((">=X.Y,<X+1.0", "~=X.Y")),
    "pinning.production.minor": Choice(("minor",)),
    "pinning.production.quarterly-update": None,
    "pinning.development.minimum-version": Choice((">=X.Y",)),
    "pinning.development.flexibility": None,
    "lock.tool": Choice(("uv.lock", "pip-tools")),
    "lock.regenerated": True,
    "lock.committed": True,
    "postgresql.extension.uuid-ossp": True,
    "postgresql.extension.pg-trgm": True,
    "postgresql.max-connections": Threshold(100, ">="),
    "postgresql.shared-buffers": Threshold(0.25, "==", "RAM"),
    "postgresql.effective-cache-size": Threshold(0.75, "==", "RAM"),
    "postgresql.backup.daily": timedelta(days=1),
    "postgresql.backup.point-in-time-recovery": True,
    "redis.purpose.cache": True,
    "redis.purpose.celery-broker": True,
    "redis.purpose.channels-layer": True,
    "redis.cache.maxmemory-policy": Choice(("allkeys-lru",)),
    "redis.broker.maxmemory-policy": Choice(("noeviction",)),
    "redis.cache.persistence": Choice(("RDB",)),
    "redis.broker.persistence": Choice(("AOF",)),
    "redis.separate-instances": True,
    "image.python": "python:3.12-slim-bookworm",
    "image.postgresql": "postgres:16-bookworm",
    "image.redis": "redis:7.2-bookworm",
    "password.hash-algorithm": Choice(("argon2id",)),
    "password.hashers-setting": Choice(("argon2",)),
    "jwt.access-token-lifetime": timedelta(minutes=15),
    "jwt.refresh-token-lifetime": timedelta(days=7),
    "jwt.rotation": True,
    "jwt.blacklist": True,
    "tls.minimum-version": Choice(("1.2",)),
    "tls.postgresql.sslmode": Choice(("require",)),
    "tls.redis": True,
    "upgrade.django-lts": date(2028, 4, 30),
    "upgrade.postgresql-supported": True,
    "upgrade.python-security-window": True,
    "review.security-advisories": None,
    "review.dependency-updates": None,
    "review.staging-test": None,
    "review.lock-update": None,
    "review.rollback-plan": None,
}

PACKAGES = {
    "python": None,
    "django": "django",
    "django-rest-framework": "djangorestframework",
    "drf-spectacular": "drf-spectacular",
    "django-channels": "channels",
    "daphne": "daphne",
    "djangorestframework-simplejwt": "djangorestframework-simplejwt",
    "argon2-cffi": "argon2-cffi",
    "django-cors-headers": "django-cors-headers",
    "celery": "celery",
    "django-celery-beat": "django-celery-beat",
    "django-celery-results": "django-celery-results",
    "postgresql": None,
    "psycopg": "psycopg",
    "redis": None,
    "django-redis": "django-redis",
    "redis-python": "redis",
    "pydantic-settings": "pydantic-settings",
    "pydantic": "pydantic",
    "pytest": "pytest",
    "pytest-django": "pytest-django",
    "pytest-asyncio": "pytest-asyncio",
    "pytest-cov": "pytest-cov",
    "factory-boy": "factory-boy",
    "httpx": "httpx",
    "black": "black",
    "ruff": "ruff",
    "mypy": "mypy",
    "django-stubs": "django-stubs",
    "djangorestframework-stubs": "djangorestframework-stubs",
    "pre-commit": "pre-commit",
    "docker": None,
    "docker-compose": None,
    "gunicorn": "gunicorn",
    "structlog": "structlog",
    "sentry-sdk": "sentry-sdk",
}

EDGES = {
    "django.python",
    "django-rest-framework.django",
    "drf-spectacular.django-rest-framework",
    "djangorestframework-simplejwt.django-rest-framework",
    "django-channels.django",
    "daphne.django-channels",
    "celery.django",
    "django-celery-beat.celery",
    "django-celery-results.celery",
    "psycopg.django",
    "psycopg.postgresql",
}


def test_every_clause_is_understood() -> None:
    """Nothing in our own edition is left without meaning."""
    assert [one.id for one in SPECIFICATION.requirements if not one.understood] == []


def test_ids_are_these_and_no_others() -> None:
    """The ids are the ones that suites, waivers and attestations cite."""
    expected = {f"version.{name}" for name in PACKAGES} | {f"compatibility.{edge}" for edge in EDGES} | set(VALUES)

    assert {one.id for one in SPECIFICATION.requirements} == expected


@pytest.mark.parametrize("identifier", VALUES)
def test_value(identifier: str) -> None:
    """A clause's value is typed."""
    found = SPECIFICATION.find(identifier)

    assert found is not None
    assert found.value == VALUES[identifier]


@pytest.mark.parametrize("name", PACKAGES)
def test_row_names_its_package(name: str) -> None:
    """A row of the matrix knows the distribution that it is about, or that it is about none."""
    found = SPECIFICATION.find(f"version.{name}")

    assert found is not None
    assert isinstance(found.value, VersionRule)
    assert found.value.package == PACKAGES[name]


def test_constraint_decides_and_line_explains() -> None:
    """A version rule has the constraint as a specifier set and the Version column as written."""
    found = SPECIFICATION.find("version.django")

    assert found is not None
    assert isinstance(found.value, VersionRule)
    assert found.value.constraint.contains("5.2.8")
    assert not found.value.constraint.contains("5.3")
    assert found.value.line == "5.2.x LTS"


@pytest.mark.parametrize(
    ("identifier", "strength"),
    [
        ("jwt.rotation", Strength.REQUIRED),
        ("postgresql.shared-buffers", Strength.RECOMMENDED),
        ("redis.separate-instances", Strength.RECOMMENDED),
        ("redis.broker.persistence", Strength.CONDITIONAL),
        ("redis.cache.persistence", Strength.REQUIRED),
        ("tls.redis", Strength.CONDITIONAL),
        ("version.sentry-sdk", Strength.CONDITIONAL),
        ("review.rollback-plan", Strength.PROCEDURAL),
        ("postgresql.backup.daily", Strength.PROCEDURAL),
    ],
)
def test_strength_comes_from_the_words(identifier: str, strength: Strength) -> None:
    """Recommended, conditional and procedural clauses are told from those that bind always."""
    found = SPECIFICATION.find(identifier)

    assert found is not None
    assert found.strength is strength


def test_each_line_is_where_the_clause_stands() -> None:
    """A requirement's line holds the words that it quotes."""
    lines = Path(SPECIFICATION.path).read_text(encoding="utf-8").splitlines()
    for one in SPECIFICATION.requirements:
        word = one.text.split(" | ")[0].split(":")[0].split(" ")[0]
        assert word in lines[one.line - 1].replace("`", "").replace("*", ""), one.id or lines[one.line - 1]


def test_chapters_leave_out_the_title() -> None:
    """A chapter is the path of headings below the document's title."""
    found = SPECIFICATION.find("jwt.rotation")

    assert found is not None
    assert found.chapter == "Security Considerations > JWT Configuration"


def test_procedures_have_no_value() -> None:
    """What only people can do is a procedure."""
    procedures = [one for one in SPECIFICATION.requirements if one.kind is Kind.PROCEDURE]

    assert {one.strength for one in procedures} == {Strength.PROCEDURAL}
    assert {one.value for one in procedures} == {None}


def test_order_is_that_of_the_document() -> None:
    """Requirements come in the order of their lines."""
    lines = [one.line for one in SPECIFICATION.requirements]

    assert lines == sorted(lines)
