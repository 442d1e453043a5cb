"""Documents of other teams: other tables, other names, rows that are no packages, other Pythons."""

from __future__ import annotations

import platform

import pytest

from tests.resolve.documents import table

pytestmark = pytest.mark.slow


def codes(found):
    """Code and lines of every finding."""
    return sorted((one.code, one.lines) for one in found.findings)


@pytest.fixture
def fleet(shelf):
    """`lorry` 1 holds `cargo` below 2."""
    shelf.put("cargo", "1.0").put("cargo", "2.0").put("cargo", "2.1")
    return shelf.put("lorry", "1.0", "cargo<2").put("lorry", "2.0", "cargo").put("lorry", "2.1", "cargo")


def test_no_column_of_constraints(surveyed, fleet):
    """The Version column decides, and is what the cure changes."""
    text = "# Tools\n\n| Library | Release |\n|---|---|\n| Python | 3.12 |\n| lorry | 1.x |\n| cargo | 2.0 |\n"

    found = surveyed(text)

    (conflict,) = found.findings
    assert (conflict.code, conflict.lines) == ("versions-conflict", (6, 7))
    assert conflict.cure == (
        "write Version 2.x instead of 1.x for lorry (line 6); or write Version 1.0 instead of 2.0 for cargo (line 7)"
    )
    assert found.pythons == ("3.12",)


def test_no_column_of_versions(surveyed, fleet):
    """There is one question less."""
    text = (
        "# Tools\n\n| Package | Range |\n|---|---|\n| Python | ~=3.12 |\n| lorry | ==1.* |\n| cargo | >=2 |\n\n"
        "## More\n\nText.\n"
    )

    assert codes(surveyed(text)) == [("constraints-conflict", (6, 7))]


def test_versions_that_are_no_release_line(surveyed, fleet):
    """ "latest", a range or a dash: the row takes part with its Constraint."""
    rows = ["lorry | latest | `>=2`", "cargo | 1.0 - 2.1 | `>=1`"]

    assert surveyed(table(*rows)).findings == []


def test_rows_that_are_no_packages(surveyed, fleet):
    """Servers and programs take no part, nor do packages of another language."""
    text = table("lorry | 2.x | `>=2`", "PostgreSQL | 16.x | `>=16`", "Operating system | Debian 12 | `>=12`")
    text += "\n## Front-end\n\n| Component | Version | Constraint |\n|---|---|---|\n| cargo | 99.x | `>=99` |\n"

    found = surveyed(text)

    assert found.findings == []
    assert (found.packages, found.elsewhere) == (1, ("cargo",))
    assert "left out, as packages of another language: cargo" in found.summary


def test_no_package_at_all(surveyed, shelf):
    """Nothing was resolved, and nothing else is said."""
    found = surveyed(table("PostgreSQL | 16.x | `>=16`"))

    assert found.findings == []
    assert found.summary == "no row is a Python package, so that nothing was resolved"


def test_no_row_for_python(surveyed, fleet):
    """This command's own is taken, and the reader is told."""
    found = surveyed("# T\n\n| Component | Version | Constraint |\n|---|---|---|\n| lorry | 2.x | `>=2` |\n")

    assert found.pythons == (".".join(platform.python_version_tuple()[:2]),)
    assert "no row for Python" in found.summary


def test_a_python_from_a_patch_release_on(surveyed, shelf):
    """What needs 3.12.4 goes with a document that begins there, and not with one that begins earlier."""
    shelf.put("cargo", "1.0", python=">=3.12.4")

    late = surveyed(table("cargo | 1.0.x | `>=1`", python=">=3.12.4,<3.13"))
    early = surveyed(table("cargo | 1.0.x | `>=1`", python=">=3.12.3,<3.13"))

    assert (late.pythons, late.findings) == (("3.12.4",), [])
    assert codes(early) == [("python-unsupported", (6, 5))]


def test_a_python_that_nobody_knows(surveyed, fleet):
    """A release line that did not exist when the facts were written: nothing was looked at."""
    found = surveyed(table("lorry | 2.x | `>=2`", python=">=3.99"))

    assert codes(found) == [("not-looked-at", (5,))]
    assert found.incomplete


def test_a_python_without_an_end(surveyed, fleet):
    """Every line that is known from there on."""
    found = surveyed(table("lorry | 2.x | `>=2`", python=">=3.13"))

    assert found.pythons[:2] == ("3.13", "3.14")


def test_a_row_that_stands_twice(surveyed, fleet):
    """Both take part, by their own lines."""
    assert codes(surveyed(table("cargo | 1.x | `>=1,<2`", "cargo | 2.x | `>=2`"))) == [("constraints-conflict", (6, 7))]


def test_names_are_normalised(surveyed, shelf):
    """As the index has them."""
    shelf.put("cargo-lorry", "1.0")

    assert surveyed(table("Cargo_Lorry[fast, no such!] | 1.0.x | `>=1`")).findings == []
