"""Each contradiction is found where it is, and not where it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from stackproof.errors import UsageError
from stackproof.spec.lint import Finding, Severity, lint

type Write = Callable[..., Path]
type Edited = Callable[..., str]
type Found = Callable[..., list[Finding]]
type Codes = Callable[..., list[tuple[str, tuple[int, ...]]]]

DAY = date(2026, 11, 24)


@pytest.fixture
def found(write: Write) -> Found:
    """Findings of a text."""
    return lambda text, day=DAY: lint(write(text), day)


@pytest.fixture
def codes(found: Found, reference: str) -> Codes:
    """Findings of a text that our own edition has not, as code and lines."""

    def _codes(text: str, day: date = DAY) -> list[tuple[str, tuple[int, ...]]]:
        ours = {(one.code, one.message) for one in found(reference, day)}
        return [(one.code, one.lines) for one in found(text, day) if (one.code, one.message) not in ours]

    return _codes


def line_of(text: str, passage: str) -> int:
    """The line on which a passage begins."""
    return text[: text.index(passage)].count("\n") + 1


def test_our_own_edition(found: Found, reference: str) -> None:
    """What really contradicts itself in our edition: Redis's range against its licence; and two rules on pinning."""
    redis, note = line_of(reference, "| Redis |"), line_of(reference, "> **Note on Redis")

    assert [(one.severity, one.code, one.lines[:2]) for one in found(reference)] == [
        (Severity.ERROR, "licence-excluded", (redis, note)),
        (
            Severity.WARNING,
            "pinning-uncapped",
            (line_of(reference, "| argon2-cffi"), line_of(reference, "- Give each a **comp")),
        ),
        (Severity.WARNING, "pinning-capped", (line_of(reference, "| pytest |"), line_of(reference, "| pytest-django"))),
    ]


def test_document_without_contradictions(found: Found) -> None:
    """A consistent document has no finding."""
    text = (
        "| Component | Version | Constraint | Support Until | Rationale |\n|---|---|---|---|---|\n"
        "| Python | 3.12.x | `>=3.12,<3.14` | Oct 2028 | solid |\n"
        "| Django | 5.2.x LTS | `>=5.2,<5.3` | Apr 2028 | Python 3.12 support |\n"
        "| Redis | 7.2.x | `>=7.2,<7.4` | - | BSD licensed |\n\n"
        "## Compatibility\n\n```\nPython 3.12.x\n└── Django 5.2.x LTS\n```\n\n## Redis 7.2.x\n\n- Purpose: Cache\n\n"
        "## Base images\n\n- Redis: `redis:7.2-bookworm`\n\n## LTS Alignment\n\n"
        "- Django: Follow LTS releases (5.2 until Apr 2028)\n"
    )

    assert found(text) == []


def test_narrow_redis_is_no_finding(found: Found, edited: Edited) -> None:
    """A range that ends where the licence changed contradicts nothing."""
    text = edited("| Redis | 7.2.x | `>=7.2,<8.0`", "| Redis | 7.2.x | `>=7.2,<7.4`")

    assert [one.code for one in found(text) if one.severity is Severity.ERROR] == []


def test_licence_before_its_change(found: Found, reference: str) -> None:
    """On a day before the licence changed there is nothing to find."""
    assert [one.code for one in found(reference, date(2024, 3, 19)) if one.code == "licence-excluded"] == []


@pytest.mark.parametrize(
    ("old", "new", "is_outside"),
    [
        ("| Celery | 5.6.x |", "| Celery | 5.5.x |", True),
        ("| Celery | 5.6.x |", "| Celery | 6.0.x |", True),
        ("| Celery | 5.6.x |", "| Celery | 4 |", True),
        ("`>=5.6,<6.0`", "`>5.6.9,<6.0,!=5.7.*`", False),
        ("`>=5.6,<6.0`", "`==5.6.2`", False),
        ("`>=5.6,<6.0`", "`~=5.6.2`", False),
        ("`>=5.6,<6.0`", "`>=6.0,<5.6`", True),
        ("| Celery | 5.6.x |", "| Celery | newest |", False),
    ],
)
def test_version_outside_constraint(codes: Codes, edited: Edited, old: str, new: str, is_outside: bool) -> None:
    """A Version of which the Constraint admits nothing is found; one of which it admits a part is not."""
    text = edited(old, new)
    outside = [one for one in codes(text) if one[0] == "version-outside-constraint"]

    assert outside == ([("version-outside-constraint", (line_of(text, "| Celery |"),))] if is_outside else [])


def test_tree_against_row(codes: Codes, edited: Edited) -> None:
    """A node of another line than the row is found with both lines."""
    text = edited("    └── Django 5.2.x LTS", "    └── Django 5.1.x LTS")

    assert codes(text) == [("tree-disagrees", (line_of(text, "└── Django 5.1"), line_of(text, "| Django |")))]


def test_tree_against_row_in_parenthesis(codes: Codes, edited: Edited) -> None:
    """The ground that a node names in its parenthesis is compared too."""
    text = edited("(PostgreSQL 16.x)", "(PostgreSQL 15.x)")

    assert codes(text) == [("tree-disagrees", (line_of(text, "└── psycopg"), line_of(text, "| PostgreSQL |")))]


def test_root_of_the_tree_against_row(codes: Codes, edited: Edited) -> None:
    """The root stands in no edge as a child and is compared all the same."""
    text = edited("Python 3.12.x\n", "Python 3.11.x\n")

    assert codes(text) == [("tree-disagrees", (line_of(text, "Python 3.11"), line_of(text, "| Python |")))]


@pytest.mark.parametrize("written", ["Django 5.2", "Django 5.2.8", "Django 5"])
def test_tree_that_is_more_or_less_exact(codes: Codes, edited: Edited, written: str) -> None:
    """A node that is more or less exact than the row disagrees with nothing."""
    assert codes(edited("└── Django 5.2.x LTS", f"└── {written}")) == []


def test_tree_without_row(codes: Codes, edited: Edited) -> None:
    """A node that has no row is found, once."""
    text = edited("            └── psycopg", "            ├── Wagtail 7.0.x\n            └── psycopg")

    assert codes(text) == [("tree-without-row", (line_of(text, "├── Wagtail"),))]


def test_heading_against_row(codes: Codes, edited: Edited) -> None:
    """A heading with a version is compared with the row."""
    text = edited("### PostgreSQL 16.x", "### PostgreSQL 15.x")

    assert codes(text) == [("heading-disagrees", (line_of(text, "### PostgreSQL"), line_of(text, "| PostgreSQL |")))]


def test_image_against_row(codes: Codes, edited: Edited) -> None:
    """A base image's tag is compared with the row."""
    text = edited("`postgres:16-bookworm`", "`postgres:17-bookworm`")

    assert codes(text) == [
        ("image-disagrees", (line_of(text, "- PostgreSQL: `postgres"), line_of(text, "| PostgreSQL |")))
    ]


def test_image_of_another_component(codes: Codes, edited: Edited) -> None:
    """An image under a wrong label is found."""
    text = edited("- Redis: `redis:7.2-bookworm`", "- Redis: `python:3.12`")

    assert codes(text) == [("image-of-another", (line_of(text, "- Redis: `python"), line_of(text, "| Redis |")))]


@pytest.mark.parametrize("image", ["postgres:latest", "postgres:bookworm", "registry.test:5000/postgres:16.4"])
def test_image_that_agrees_or_says_nothing(codes: Codes, edited: Edited, image: str) -> None:
    """A tag without a version, or with the row's, disagrees with nothing."""
    assert codes(edited("`postgres:16-bookworm`", f"`{image}`")) == []


def test_note_that_speaks_against_a_version(codes: Codes, edited: Edited) -> None:
    """A range that admits what a note speaks against is found, beside the licence that is the reason."""
    text = edited("| Redis | 7.2.x | `>=7.2,<8.0`", "| Redis | 7.2.x | `>=7.2,<9.0`")
    lines = (line_of(text, "| Redis |"), line_of(text, "> **Note"))

    assert set(codes(text)) == {("note-excluded", lines), ("licence-excluded", lines)}


@pytest.mark.parametrize(
    ("words", "is_found"),
    [("not 5.8.x", True), ("below 5.7", True), ("not Celery 5", True), ("not 7.0", False), ("not 2 ways", False)],
)
def test_rationale_that_rules_out(codes: Codes, edited: Edited, words: str, is_found: bool) -> None:
    """A range that admits what its own rationale rules out is found."""
    text = edited("Work outside the request;", f"Work outside the request, {words};")

    assert codes(text) == ([("rationale-excluded", (line_of(text, "| Celery |"),))] if is_found else [])


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("runs on Python 3.11", True),
        ("Python 3.11 support", True),
        ("runs on Python 3.13", False),
        ("dropped Python 3.11 support", False),
    ],
)
def test_rationale_that_counts_on_another_version(codes: Codes, edited: Edited, words: str, is_found: bool) -> None:
    """A rationale that counts on what another row excludes is found with both lines."""
    text = edited("runs on Python 3.12", words)

    assert codes(text) == (
        [("rationale-disagrees", (line_of(text, "| Celery |"), line_of(text, "| Python |")))] if is_found else []
    )


def test_support_that_ended(codes: Codes, edited: Edited) -> None:
    """A date in the past is found; the last day itself is not past."""
    text = edited("| Oct 2028 |", "| 2026-11-23 |")

    assert codes(text) == [("support-ended", (line_of(text, "| Python |"),))]
    assert codes(text, date(2026, 11, 23)) == [("support-ends-soon", (line_of(text, "| Python |"),))]


def test_policy_against_row(codes: Codes, edited: Edited) -> None:
    """The upgrade policy's date and version are compared with the row."""
    date_differs = edited("(5.2 until Apr 2028)", "(5.2 until Apr 2027)")
    version_differs = edited("(5.2 until Apr 2028)", "(4.2 until Apr 2028)")
    lines = (line_of(date_differs, "- Django: Move"), line_of(date_differs, "| Django |"))

    assert codes(date_differs) == [("upgrade-disagrees", lines)]
    assert codes(version_differs) == [("upgrade-disagrees", lines)]


def test_row_twice(codes: Codes, edited: Edited) -> None:
    """A row that stands twice is found beside other findings, with both lines."""
    row = "| Celery | 5.6.x | `>=5.6,<6.0` | Work outside the request; runs on Python 3.12 |\n"
    text = edited(row, row + row.replace("5.6.x", "4.4.x"))
    first = line_of(text, "| Celery |")

    assert codes(text) == [("row-twice", (first, first + 1)), ("version-outside-constraint", (first + 1,))]


def test_one_package_in_two_rows(codes: Codes, edited: Edited) -> None:
    """Two names of one package are one component."""
    text = edited("| Django Channels |", "| DRF | 3.16.x | `>=3.16` | again |\n| Django Channels |")
    first = line_of(text, "| Django REST Framework |")

    assert ("row-twice", (first, line_of(text, "| DRF |"))) in codes(text)


def test_pinning_that_agrees(found: Found, edited: Edited) -> None:
    """Rows that keep to the pinning strategy are no finding."""
    text = edited("| argon2-cffi | 23.1.x | `>=23.1` |", "| argon2-cffi | 23.1.x | `>=23.1,<24` |")

    assert "pinning-uncapped" not in [one.code for one in found(text)]


def test_pinning_strategy_that_allows_both(found: Found, edited: Edited) -> None:
    """A strategy that allows a minimum as well asks for no upper bound."""
    text = edited("`>=X.Y,<X+1.0` or `~=X.Y`", "`>=X.Y,<X+1.0` or `>=X.Y`")

    assert "pinning-uncapped" not in [one.code for one in found(text)]


def test_not_understood(codes: Codes, edited: Edited) -> None:
    """A clause that nobody understands is found as a warning."""
    text = edited("- Access token lifetime: 15 minutes", "- Access token lifetime: short")

    assert codes(text) == [("not-understood", (line_of(text, "- Access token"),))]


def test_errors_come_first(found: Found, reference: str) -> None:
    """Contradictions stand above warnings, each group in the order of the document."""
    severities = [one.severity for one in found(reference, date(2029, 1, 1))]

    assert severities == sorted(severities)


def test_document_that_cannot_be_read(write: Write) -> None:
    """What cannot be read cannot be linted."""
    with pytest.raises(UsageError):
        lint(write("no table"), DAY)


def test_every_finding_has_a_cure(found: Found, edited: Edited) -> None:
    """A finding says what to do, and its lines are lines of the document."""
    text = edited("└── Django 5.2.x LTS", "└── Django 1.0")
    for one in found(text, date(2040, 1, 1)):
        assert one.cure
        assert all(0 < line <= text.count("\n") for line in one.lines)
