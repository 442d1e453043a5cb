"""Contradictions between rows and the packages' metadata: each is found where it is, with a cure that was tried out."""

from __future__ import annotations

import pytest

from stackproof.spec.findings import Severity
from tests.resolve.documents import BOTH, table

pytestmark = pytest.mark.slow


def codes(found):
    """Code and lines of every finding."""
    return sorted((one.code, one.lines) for one in found.findings)


def only(found, code):
    """The one finding of a code."""
    (one,) = [one for one in found.findings if one.code == code]
    return one


@pytest.fixture
def beat(shelf):
    """`beat` 2.7 holds `web` below 5.2, 2.8 does not."""
    shelf.put("web", "5.1").put("web", "5.2").put("web", "5.2.1")
    shelf.put("beat", "2.7.0", "web<5.2").put("beat", "2.8.0", "web").put("beat", "2.8.1", "web").put(
        "beat", "2.9", "web"
    )
    return shelf.put("bystander", "1.0", "web").put("other", "3.1")


def test_rows_that_go_together(surveyed, beat):
    """Nothing to tell, and it says how much was looked at."""
    found = surveyed(
        table("web | 5.2.x | `>=5.2,<5.3`", "beat | 2.8.x | `>=2.8,<3.0`", "other | 3.1.x | `>=3.1`", python=BOTH)
    )

    assert found.findings == []
    assert found.summary.startswith("3 packages were looked at on Python 3.12 and 3.13 (")
    assert not found.incomplete


def test_a_version_column_that_cannot_be_installed(surveyed, beat):
    """The two rows of it are named, and no bystander; the cure is the next line inside the row's own Constraint."""
    rows = [
        "bystander | 1.0.x | `>=1`",
        "web | 5.2.x LTS | `>=5.2,<5.3`",
        "beat | 2.7.x | `>=2.7,<3.0`",
        "other | 3.x |",
    ]

    found = surveyed(table(*rows, python=BOTH))

    assert codes(found) == [("floor-unreachable", (8, 7)), ("versions-conflict", (7, 8))]
    conflict = only(found, "versions-conflict")
    assert conflict.severity is Severity.ERROR
    names, _, said = conflict.message.partition("; uv: ")
    assert names == "web 5.2.x LTS and beat 2.7.x cannot be installed together on Python 3.12 and 3.13 (Version column)"
    assert said.startswith("Because beat")
    assert conflict.cure == "write Version 2.8.x instead of 2.7.x for beat (line 8), inside its own Constraint"
    floor = only(found, "floor-unreachable")
    assert floor.severity is Severity.WARNING
    assert "the floor 2.7 of its Constraint >=2.7,<3.0 is unreachable" in floor.message
    assert "the lowest that resolves together with web >=5.2,<5.3 is 2.8.0" in floor.message
    assert floor.cure == "write the Constraint >=2.8,<3.0"


def test_the_cures_cure(surveyed, beat):
    """With what the findings of the case before say, none is left."""
    rows = [
        "bystander | 1.0.x | `>=1`",
        "web | 5.2.x LTS | `>=5.2,<5.3`",
        "beat | 2.8.x | `>=2.8,<3.0`",
        "other | 3.x |",
    ]

    assert surveyed(table(*rows)).findings == []


def test_a_lower_line_where_no_higher_one_helps(surveyed, shelf):
    """The nearest line below, not the lowest."""
    shelf.put("web", "4.9").put("web", "5.1").put("web", "5.2").put("beat", "2.5.0", "web").put(
        "beat", "2.6.0", "web"
    ).put("beat", "2.6.1", "web")
    shelf.put("beat", "2.7.0", "web<5.2").put("beat", "2.8.0", "web<5")

    found = surveyed(table("web | 5.2.x | `>=5.2`", "beat | 2.7.x | `>=2.5,<3`"))

    cure = only(found, "versions-conflict").cure
    assert cure == "write Version 2.6.x instead of 2.7.x for beat (line 7), inside its own Constraint"


def test_a_step_out_of_the_constraint_is_told_as_one(surveyed, beat):
    """Where nothing inside helps, the smallest step outside is told, and that it leaves the Constraint."""
    found = surveyed(table("web | 5.2.x | `>=5.2,<5.3`", "beat | 2.7.x | `>=2.7,<2.8`"))

    assert codes(found) == [("constraints-conflict", (6, 7))]
    assert only(found, "constraints-conflict").cure == (
        "write Constraint >=2.7,<2.9 instead of >=2.7,<2.8 for beat (line 7); "
        "or write Constraint >=5.1,<5.3 instead of >=5.2,<5.3 for web (line 6)"
    )


def test_constraints_that_clash_are_mended_by_the_smallest_move_of_one_bound(surveyed, shelf):
    """A cap is raised no further than it takes; both ways are tried on every Python."""
    shelf.put("web", "5.2").put("task", "4.0", "crate<6").put("task", "5.0", "crate>=6.1")
    shelf.put("crate", "5.9").put("crate", "6.0").put("crate", "6.4").put("crate", "7.0")

    found = surveyed(table("web | 5.2.x | `>=5`", "task | 5.0.x | `>=5,<6`", "crate | 5.9.x | `>=5.2,<6.0`"))

    conflict = only(found, "constraints-conflict")
    assert conflict.lines == (7, 8)
    assert conflict.severity is Severity.ERROR
    assert "task >=5,<6 and crate >=5.2,<6.0 cannot be installed together" in conflict.message
    assert "write Constraint >=5.2,<7.0 instead of >=5.2,<6.0 for crate (line 8)" in conflict.cure
    assert "write Constraint >=4,<6 instead of >=5,<6 for task (line 7)" in conflict.cure


def test_three_rows_of_which_any_two_go_together(surveyed, shelf):
    """No pair is to blame."""
    shelf.put("red", "1.0", "crate!=1").put("green", "1.0", "crate!=2").put("blue", "1.0", "crate!=3")
    shelf.put("blue", "1.1").put("crate", "1").put("crate", "2").put("crate", "3")

    found = surveyed(table("red | 1.0.x | `>=1`", "green | 1.0.x | `>=1`", "blue | 1.0.x | `>=1.0`"))

    assert only(found, "versions-conflict").lines == (6, 7, 8)
    assert only(found, "versions-conflict").cure.startswith("write Version 1.1.x instead of 1.0.x for blue (line 8)")
    assert only(found, "floor-unreachable").lines == (8, 6, 7)


def test_two_conflicts_are_both_told(surveyed, beat):
    """Each with its cure, and whether the cures together suffice."""
    beat.put("auth", "1.0", "token<2").put("auth", "1.1", "token").put("token", "2.0").put("token", "1.0")
    rows = ["web | 5.2.x | `>=5.2`", "auth | 1.0.x | `>=1`", "beat | 2.7.x | `>=2.7`", "token | 2.0.x | `>=2`"]

    found = [one for one in surveyed(table(*rows)).findings if one.code == "versions-conflict"]

    assert sorted(one.lines for one in found) == [(6, 8), (7, 9)]
    for one in found:
        assert one.cure.endswith(
            "inside its own Constraint (with the first cure of each conflict everything goes together)"
        )


def test_conflicts_that_share_a_row_are_mended_by_that_row(surveyed, shelf):
    """One row against two others: both conflicts are told, and both with the change of the one."""
    shelf.put("old", "1.0", "web<2", "token<2").put("old", "1.1", "web", "token").put("web", "2.0").put("token", "2.0")
    shelf.put("web", "1.0").put("token", "1.0")

    found = surveyed(table("old | 1.0.x | `>=1,<2`", "web | 2.0.x | `>=1`", "token | 2.0.x | `>=1`"))

    clashes = [one for one in found.findings if one.code == "versions-conflict"]
    assert sorted(one.lines for one in clashes) == [(6, 7), (6, 8)]
    assert {one.cure for one in clashes} == {
        "write Version 1.1.x instead of 1.0.x for old (line 6), inside its own Constraint"
    }


def test_two_rows_have_to_move_together(surveyed, shelf):
    """Where no single row helps, the pair that does is told."""
    shelf.put("red", "1.0", "crate==1").put("red", "2.0", "crate==2")
    shelf.put("blue", "1.0", "crate==3").put("blue", "2.0", "crate==2")
    shelf.put("crate", "1").put("crate", "2").put("crate", "3")

    found = surveyed(table("red | 1.0.x | `>=1`", "blue | 1.0.x | `>=1`"))

    cure = only(found, "versions-conflict").cure
    assert cure.startswith("write Version 2.0.x instead of 1.0.x for red (line 6), inside its own Constraint and ")
    assert "Version 2.0.x instead of 1.0.x for blue (line 7)" in cure


def test_what_nothing_mends_is_told_without_a_promise(surveyed, shelf):
    """No release of either helps."""
    shelf.put("red", "1.0", "crate==1").put("blue", "1.0", "crate==2").put("crate", "1").put("crate", "2")

    found = surveyed(table("red | 1.0.x | `>=1`", "blue | 1.0.x | `>=1`"))

    assert codes(found) == [("constraints-conflict", (6, 7))]
    assert only(found, "constraints-conflict").cure.startswith("no change of one or two rows was found")


def test_a_version_that_was_never_released(surveyed, beat):
    """The row alone is to blame, and the nearest line is told."""
    found = surveyed(table("beat | 2.6.x | `>=2.6,<3`", "other | 3.1.x | `>=3`"))

    finding = only(found, "version-unreleased")
    assert finding.lines == (6,)
    assert finding.severity is Severity.ERROR
    assert "beat: the package beat has no release of the Version 2.6.x" in finding.message
    assert finding.cure.startswith("write Version 2.7.x instead of 2.6.x for beat (line 6)")


def test_a_constraint_that_admits_no_release(surveyed, beat):
    """A mistyped bound; of a capitalised word nobody can be sure that the package is meant."""
    found = surveyed(table("beat | 27.x | `>=27,<28`", "Other | 26.x | `>=26`"))

    beat_, other = sorted(
        (one for one in found.findings if one.code == "version-unreleased"), key=lambda one: one.lines
    )
    assert (beat_.lines, beat_.severity) == ((6,), Severity.ERROR)
    assert "write Constraint >=2,<28 instead of >=27,<28" in beat_.cure
    assert (other.lines, other.severity) == ((7,), Severity.WARNING)
    assert "is Other the Python package other at all?" in other.cure


def test_a_line_of_which_everything_was_yanked(surveyed, shelf):
    """Its authors took it back; the reason is handed on."""
    shelf.put("cargo", "1.0", yanked="loses parcels").put("cargo", "1.0.1", yanked="").put("cargo", "1.1")

    found = surveyed(table("cargo | 1.0.x | `>=1,<2`"))

    finding = only(found, "version-yanked")
    assert (finding.lines, finding.severity) == ((6,), Severity.ERROR)
    assert "loses parcels" in finding.message
    assert finding.cure.startswith("write Version 1.1.x instead of 1.0.x for cargo (line 6)")


def test_a_python_that_a_package_does_not_know(surveyed, shelf):
    """The document admits 3.12, the package's line does not; the row for Python is named, too."""
    shelf.put("cargo", "1.0", python=">=3.13").put("cargo", "1.2", python=">=3.12")

    found = surveyed(table("cargo | 1.0.x | `>=1`", python=BOTH))

    finding = only(found, "python-unsupported")
    assert (finding.lines, finding.severity) == ((6, 5), Severity.ERROR)
    assert "nothing of the Version 1.0.x runs on Python 3.12, which the document admits" in finding.message
    assert finding.cure == (
        "write Version 1.2.x instead of 1.0.x for cargo (line 6), inside its own Constraint; "
        "or take Python 3.12 out of the row for Python (line 5)"
    )
    assert surveyed(table("cargo | 1.0.x | `>=1`", python=">=3.13,<3.14")).findings == []


def test_a_package_that_is_nowhere_is_left_out(surveyed, beat):
    """It is told, and the rest is looked at without it."""
    rows = ["web | 5.2.x | `>=5.2`", "keycloak | 26.x | `>=26`", "beat | 2.7.x | `>=2.7`"]

    found = surveyed(table(*rows))

    assert codes(found) == [("floor-unreachable", (8, 6)), ("package-unknown", (7,)), ("versions-conflict", (6, 8))]
    assert only(found, "package-unknown").severity is Severity.WARNING
    assert "2.8.x" in only(found, "versions-conflict").cure


def test_what_would_have_to_be_built_is_not_looked_at(surveyed, beat):
    """A source distribution, alone or needed by another: nothing is known about it."""
    beat.put("source", "1.0", wheel=False).put("needy", "1.0", "source")
    rows = ["web | 5.2.x | `>=5.2`", "source | 1.0.x | `>=1`", "needy | 1.0.x | `>=1`", "beat | 2.7.x | `>=2.8`"]

    found = surveyed(table(*rows))

    assert codes(found) == [("no-wheel", (7,)), ("no-wheel", (8,)), ("versions-conflict", (6, 9))]
    assert "2.8.x" in only(found, "versions-conflict").cure
    assert found.incomplete
    assert "not everything could be looked at" in found.summary


def test_a_dependency_that_the_index_does_not_have(surveyed, shelf):
    """An incomplete mirror says nothing about the row."""
    shelf.put("cargo", "1.0", "crate")

    found = surveyed(table("cargo | 1.0.x | `>=1`"))

    assert codes(found) == [("not-looked-at", (6,))]
    assert "the package index does not have crate" in found.findings[0].message
    assert found.incomplete


def test_an_index_that_has_none_of_the_packages(surveyed, shelf):
    """Somebody's index is set up wrongly: nothing was looked at."""
    found = surveyed(table("web | 5.2.x | `>=5.2`", "beat | 2.7.x | `>=2.7`"))

    assert codes(found) == [("not-looked-at", (6,))]
    assert "is it the right one?" in found.findings[0].message
    assert found.incomplete


def test_own_dependencies_that_contradict_each_other(surveyed, shelf):
    """No other row has a part in it."""
    shelf.put("cargo", "1.0", "crate<2", "lorry").put("lorry", "1.0", "crate>=2").put("crate", "1").put("crate", "2")

    found = surveyed(table("cargo | 1.0.x | `>=1`"))

    assert codes(found) == [("package-unsatisfiable", (6,))]


def test_a_line_without_wheels_beside_one_that_has_some(surveyed, beat):
    """It is not looked at, and the nearest line with wheels is told."""
    beat.put("source", "1.0", wheel=False).put("source", "1.1")

    finding = only(surveyed(table("web | 5.2.x | `>=5.2`", "source | 1.0.x | `>=1`")), "no-wheel")

    assert finding.severity is Severity.WARNING
    assert finding.cure == (
        "write Version 1.1.x instead of 1.0.x for source (line 7), inside its own Constraint: of that there are wheels"
    )


def test_a_word_that_is_another_program_spoils_nothing(surveyed, beat):
    """The others are looked at without it."""
    rows = ["web | 5.2.x | `>=5.2`", "Other | 26.x | `>=26`", "beat | 2.7.x | `>=2.7`"]

    found = surveyed(table(*rows))

    assert codes(found) == [("floor-unreachable", (8, 6)), ("version-unreleased", (7,)), ("versions-conflict", (6, 8))]


def test_a_conflict_on_one_python_alone(surveyed, shelf):
    """That Python may leave the document, too."""
    shelf.put("web", "1.0").put("web", "2.0", python=">=3.13").put("beat", "1.0", "web>=2; python_version >= '3.13'")

    finding = only(
        surveyed(table("web | 1.0.x | `>=1,<2`", "beat | 1.0.x | `>=1`", python=BOTH)), "constraints-conflict"
    )

    assert finding.lines == (6, 7)
    assert "on Python 3.13 (Constraints)" in finding.message
    assert finding.cure.endswith("or take Python 3.13 out of the row for Python (line 5)")
