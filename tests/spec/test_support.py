"""Facts on support, and ranges that admit what is not supported any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from stackproof.errors import InfrastructureError
from stackproof.spec.lint import lint
from stackproof.spec.support import support_facts, support_of

DAY = date(2026, 11, 24)
CODES = {"unsupported-admitted", "not-lts-admitted", "support-disagrees", "support-ends-soon", "image-base-ended"}

type Write = Callable[..., Path]
type Edited = Callable[..., str]
type Found = Callable[..., list[tuple[str, str, tuple[int, ...]]]]


@pytest.fixture
def found(write: Write) -> Found:
    """(code, severity, lines) of the findings on support in a text."""

    def _found(text: str, day: date = DAY) -> list[tuple[str, str, tuple[int, ...]]]:
        return [(one.code, one.severity.value, one.lines) for one in lint(write(text), day) if one.code in CODES]

    return _found


def line_of(text: str, passage: str) -> int:
    """The line on which a passage begins."""
    return text[: text.index(passage)].count("\n") + 1


def test_our_own_edition_admits_only_what_is_supported(found: Found, reference: str) -> None:
    """Every line of its ranges is supported on that day, and its dates are the projects' own."""
    assert found(reference) == []


@pytest.mark.parametrize(
    ("before", "after", "row", "policy"),
    [
        ("`>=3.12,<3.14`", "`>=3.10,<3.14`", "| Python |", "- Python: Run only"),
        ("`>=16,<18`", "`>=14,<18`", "| PostgreSQL |", "- PostgreSQL: Run only"),
        ("`>=5.2,<5.3`", "`>=5.1,<5.3`", "| Django |", "- Django: Move"),
    ],
)
def test_a_range_that_admits_an_ended_line(
    found: Found, edited: Edited, before: str, after: str, row: str, policy: str
) -> None:
    """It contradicts the upgrade policy, and both lines are named."""
    text = edited(before, after)

    assert found(text) == [("unsupported-admitted", "error", (line_of(text, row), line_of(text, policy)))]


def test_without_a_policy_it_is_a_warning(found: Found, reference: str) -> None:
    """A document that does not speak of supported versions does not contradict itself."""
    text = reference.replace("`>=16,<18`", "`>=14,<18`").replace(
        "- PostgreSQL: Run only versions that its project supports (5-year support)\n", ""
    )

    assert found(text) == [("unsupported-admitted", "warning", (line_of(text, "| PostgreSQL |"),))]


def test_the_last_day_is_not_past(found: Found, edited: Edited) -> None:
    """PostgreSQL 14 was supported until 2026-11-12."""
    text = edited("`>=16,<18`", "`>=14,<18`")

    assert found(text, date(2026, 11, 12)) == []
    assert [code for code, _, _ in found(text, date(2026, 11, 13))] == ["unsupported-admitted"]


def test_a_range_that_admits_other_lines_than_lts(found: Found, edited: Edited) -> None:
    """Django 6.0 and 6.1 have no long-term support, which the policy follows."""
    text = edited("`>=5.2,<5.3`", "`>=5.2,<7`")
    lines = (line_of(text, "| Django |"), line_of(text, "- Django: Move"))

    assert found(text) == [("not-lts-admitted", "warning", lines)]


def test_a_date_beyond_the_projects_own(found: Found, edited: Edited) -> None:
    """To count on a line for longer than its project supports it is a contradiction; for less is the team's affair."""
    text = edited("| Nov 2028 |", "| Nov 2030 |")
    less = edited("| Nov 2028 |", "| Nov 2027 |")

    assert found(text) == [("support-disagrees", "error", (line_of(text, "| PostgreSQL |"),))]
    assert found(less) == []


def test_an_end_close_ahead_is_told(found: Found, reference: str) -> None:
    """Ninety days before, and not one day earlier."""
    end = support_of("Django").ends["5.2"]

    assert found(reference, end - timedelta(days=91)) == []
    assert found(reference, end - timedelta(days=90)) == [
        ("support-ends-soon", "warning", (line_of(reference, "| Django |"),))
    ]


def test_an_image_on_a_debian_that_has_ended(found: Found, edited: Edited) -> None:
    """By the codename in its tag."""
    text = edited("3.12-slim-bookworm", "3.12-slim-buster")

    assert ("image-base-ended", "error", (line_of(text, "- Python: `python:"),)) in found(text)


def test_every_fact_names_its_source() -> None:
    """A source, a day before the last end, and no line that ends before it begins."""
    for one in support_facts():
        assert one.source.startswith("https://")
        assert max(one.ends.values()) > one.as_of
        assert all(one.begins[line] < one.ends[line] for line in one.begins)


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "supported = []",
        '[[supported]]\ncomponent = "Django"\n',
        '[[supported]]\ncomponent = "Django"\nsource = "x"\nas_of = "yesterday"\nends = {}\n',
        '[[supported]]\ncomponent = "Django"\nsource = "x"\nas_of = 2026-01-01\nlts = ["5.2"]\nends = {}\n',
        '[[supported]]\ncomponent = "Django"\nsource = "x"\nas_of = 2026-01-01\nends = { "5.2" = "2028" }\n',
        '[[supported]]\ncomponent = "Django"\nsource = "x"\nas_of = 2026-01-01\nends = 4\n',
        "supported = 7",
    ],
)
def test_facts_that_do_not_fit(tmp_path: Path, text: str) -> None:
    """One line names the file; nothing is judged by half a fact."""
    path = tmp_path / "support.toml"
    path.write_text(text)

    with pytest.raises(InfrastructureError, match=r"support\.toml"):
        support_of("Django", path)


def test_old_facts_say_so() -> None:
    """More than a year after the day that they are of."""
    known = support_of("PostgreSQL")

    assert known.age_on(known.as_of + timedelta(days=365)) == ""
    assert str(known.as_of) in known.age_on(known.as_of + timedelta(days=366))


def test_the_next_release_with_long_term_support() -> None:
    """Only one that was out on that day."""
    django = support_of("Django")

    assert django.next_lts("4.2", date(2025, 4, 1)) is None
    assert django.next_lts("4.2", date(2025, 4, 2)) == "5.2"
    assert django.next_lts("5.2", DAY) is None
    assert django.next_lts("6.0", DAY) is None
