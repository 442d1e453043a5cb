"""Values for programs and for people."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from packaging.specifiers import SpecifierSet

from stackproof.spec import Choice, Edge, Threshold, Value, VersionRule
from stackproof.spec.jsonable import describe, value_to_json

RULE = VersionRule("Django", "django", SpecifierSet("<5.3,>=5.2,!=5.2.1"), "5.2.x LTS")
EDGE = Edge("psycopg", "3.2.x", "PostgreSQL", "16.x", "psycopg", None)

VALUES: list[tuple[Value, object, str]] = [
    (None, None, ""),
    (True, True, "yes"),
    (False, False, "no"),
    ("redis:7.2", "redis:7.2", "redis:7.2"),
    (date(2028, 4, 30), "2028-04-30", "2028-04-30"),
    (timedelta(minutes=15), {"seconds": 900}, "15 minutes"),
    (timedelta(minutes=1), {"seconds": 60}, "1 minute"),
    (timedelta(days=7), {"seconds": 604800}, "7 days"),
    (timedelta(weeks=2), {"seconds": 1209600}, "2 weeks"),
    (timedelta(hours=1, minutes=30), {"seconds": 5400}, "1 hour 30 minutes"),
    (timedelta(seconds=1.5), {"seconds": 1.5}, "1.5 seconds"),
    (timedelta(0), {"seconds": 0}, "0 seconds"),
    (Threshold(100, ">="), {"number": 100, "relation": ">=", "of": None}, "at least 100"),
    (Threshold(50, "<="), {"number": 50, "relation": "<=", "of": None}, "at most 50"),
    (Threshold(0.25, "==", "RAM"), {"number": 0.25, "relation": "==", "of": "RAM"}, "25 % of RAM"),
    (Threshold(0.07, ">=", "RAM"), {"number": 0.07, "relation": ">=", "of": "RAM"}, "at least 7 % of RAM"),
    (Choice(("uv.lock", "pip-tools")), {"options": ["uv.lock", "pip-tools"]}, "uv.lock or pip-tools"),
    (
        RULE,
        {"component": "Django", "package": "django", "constraint": ">=5.2,!=5.2.1,<5.3", "line": "5.2.x LTS"},
        ">=5.2,!=5.2.1,<5.3",
    ),
    (
        VersionRule("x", None, SpecifierSet(""), ""),
        {"component": "x", "package": None, "constraint": "any", "line": ""},
        "any",
    ),
    (
        EDGE,
        {
            "child": "psycopg",
            "child_line": "3.2.x",
            "parent": "PostgreSQL",
            "parent_line": "16.x",
            "child_package": "psycopg",
            "parent_package": None,
        },
        "psycopg 3.2.x on PostgreSQL 16.x",
    ),
]


@pytest.mark.parametrize(("value", "expected"), [(value, shown) for value, shown, _ in VALUES])
def test_value_for_programs(value: Value, expected: object) -> None:
    """Every sort of value survives JSON."""
    assert json.loads(json.dumps(value_to_json(value))) == expected


@pytest.mark.parametrize(("value", "expected"), [(value, words) for value, _, words in VALUES])
def test_value_for_people(value: Value, expected: str) -> None:
    """Every sort of value has a few words."""
    assert describe(value) == expected
