"""Support on the day of the run: by the projects' own dates, and by the document's."""

import datetime
from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.errors import InfrastructureError
from stackproof.spec.support import support_of

SUITE = "stack/support"
NOW = datetime.date(2026, 11, 25)


def of_postgres(version):
    """A server of that version."""
    return {"postgres": SimpleNamespace(version=version)}


def of_project(**versions):
    """A project on these versions of Python and Django."""
    found = {"django": SimpleNamespace(version=versions["django"])} if "django" in versions else {}
    project = SimpleNamespace(python_version=lambda: versions.get("python", "3.12.4"), installed=lambda: found)
    project.unused = versions.get("unused", ())
    return {"project": project}


@pytest.mark.parametrize(
    ("check_name", "requirement", "views", "last_day"),
    [
        ("postgresql_is_supported_on_the_day_of_the_run", "upgrade.postgresql-supported", of_postgres("16.15"),
         datetime.date(2028, 11, 9)),
        ("postgresql_is_supported_on_the_day_of_the_run", "upgrade.postgresql-supported", of_postgres("17.2"),
         datetime.date(2029, 11, 8)),
        ("postgresql_is_inside_the_documents_support", "support.postgresql", of_postgres("16.15"),
         datetime.date(2028, 11, 30)),
        ("postgresql_is_inside_the_documents_support", "support.postgresql", of_postgres("17.2"),
         datetime.date(2029, 11, 8)),
        ("python_receives_security_fixes", "upgrade.python-security-window", of_project(python="3.13.1"),
         datetime.date(2029, 10, 31)),
        ("python_is_inside_the_documents_support", "support.python", of_project(python="3.12.4"),
         datetime.date(2028, 10, 31)),
        ("django_is_a_supported_lts", "upgrade.django-lts", of_project(django="5.2.19"), datetime.date(2028, 4, 30)),
        ("django_is_inside_the_documents_support", "support.django", of_project(django="5.2"),
         datetime.date(2028, 4, 30)),
    ],
)  # fmt: skip
def test_the_last_day_counts(check, check_name, requirement, views, last_day):
    """Satisfied today and on the last day, violated on the next."""
    for day in (NOW, last_day):
        assert check(f"{SUITE}::{check_name}", requirement, today=day, **views)
    with pytest.raises(Violation, match="supported on"):
        check(f"{SUITE}::{check_name}", requirement, today=last_day + datetime.timedelta(days=1), **views)


@pytest.mark.parametrize("version", ["14.20", "13.23", "10.1"])
def test_a_line_whose_time_has_come_is_violated(check, version):
    """With its date, and where that stands."""
    name = f"{SUITE}::postgresql_is_supported_on_the_day_of_the_run"
    with pytest.raises(Violation, match=r"supported until 20\d\d-11.*postgresql\.org/support/versioning"):
        check(name, "upgrade.postgresql-supported", today=NOW, **of_postgres(version))


@pytest.mark.parametrize("version", ["99.1", "19beta1", "9.6.24"])
def test_a_line_that_nobody_knows_is_not_assessed(check, version):
    """Newer than the facts, or older than all of them."""
    name = f"{SUITE}::postgresql_is_supported_on_the_day_of_the_run"
    with pytest.raises(NotAssessed, match="nothing is known"):
        check(name, "upgrade.postgresql-supported", today=NOW, **of_postgres(version))


def test_a_supported_release_is_not_yet_one_with_long_term_support(check):
    """Django 5.1 was supported on that day, and was no LTS; without Django nothing is said."""
    name = f"{SUITE}::django_is_a_supported_lts"
    day = datetime.date(2025, 6, 1)
    with pytest.raises(Violation, match="long-term support"):
        check(name, "upgrade.django-lts", today=day, **of_project(django="5.1.4"))
    with pytest.raises(NotAssessed, match="not installed"):
        check(name, "upgrade.django-lts", today=day, **of_project())
    with pytest.raises(NotApplicable, match=r"project\.unused"):
        check(name, "upgrade.django-lts", today=day, **of_project(unused=("version.django",)))


def test_the_documents_date_is_about_its_own_line(check, edition):
    """A document that promises less is held to it; one that promises more is told the project's date."""
    name = f"{SUITE}::postgresql_is_inside_the_documents_support"
    shorter = edition(("| `>=16,<18` | Nov 2028 |", "| `>=16,<18` | Nov 2026 |"))
    december = datetime.date(2026, 12, 1)
    with pytest.raises(Violation, match="until 2026-11-30"):
        check(name, "support.postgresql", specification=shorter, today=december, **of_postgres("16.15"))
    assert check(name, "support.postgresql", specification=shorter, today=december, **of_postgres("17.1"))


def test_an_end_within_ninety_days_is_said(check):
    """The clause is kept until the last day, and the verdict says how many there are left."""
    name = f"{SUITE}::django_is_a_supported_lts"
    end = datetime.date(2028, 4, 30)
    views = of_project(django="5.2.19")

    assert "ends in" not in check(name, "upgrade.django-lts", today=end - datetime.timedelta(days=91), **views)
    assert "it ends in 90 days" in check(name, "upgrade.django-lts", today=end - datetime.timedelta(days=90), **views)
    assert "it ends in 0 days" in check(name, "upgrade.django-lts", today=end, **views)


def test_facts_that_do_not_fit_name_their_file(tmp_path):
    """Nothing is judged by half a fact."""
    for text in ("not toml", "[[supported]]\ncomponent = 'PostgreSQL'\n", "supported = []\n"):
        path = tmp_path / "support.toml"
        path.write_text(text)
        with pytest.raises(InfrastructureError, match=r"support\.toml"):
            support_of("PostgreSQL", path)
