"""Many runs on one page: nothing that nobody judged is ever fine."""

import datetime
import json
from pathlib import Path

import jsonschema
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from reports.markdown.matrix import write as markdown
from reports.markdown.text import LARGEST
from reports.terminal.matrix import write as terminal
from stackproof.commands.matrix import matrix as command
from stackproof.commands.schema import What, document_of
from stackproof.errors import UsageError
from stackproof.report.cell_table import HEADINGS
from stackproof.report.cells import State, expand, gather
from stackproof.report.model import ServicePart, SpecificationPart, TargetPart
from stackproof.verdict import Level
from tests.compare.conftest import not_asked_for, report, requirement
from tests.compare.test_written import HOSTILE, assert_harmless

EXAMPLE = Path(__file__).parents[2] / "reports" / "markdown" / "matrix.md"
app = typer.Typer()
app.command()(command)


def fine(**changes):
    """A conformant run."""
    return report(requirement("a.a"), requirement("a.b"), level=Level.CONFORMANT, exit_code=0, **changes)


def broken(**changes):
    """One with a culprit."""
    parts = (requirement("a.a"), requirement("a.b", "violated", seen="answered 500"))
    return report(*parts, level=Level.NON_CONFORMANT, exit_code=1, **changes)


@pytest.fixture
def cells(tmp_path):
    """Write runs into a folder of cells; None for a run that ended before its report."""

    def write(**runs):
        folder = tmp_path / "matrix"
        for name, made in runs.items():
            (folder / name).mkdir(parents=True)
            if made is not None:
                text = made if isinstance(made, str) else made.model_dump_json()
                (folder / name / "report.json").write_text(text, encoding="utf-8")
        return folder

    return write


def by_name(found):
    """The cells."""
    return {one.name: one for one in found.cells}


def test_names_are_expanded_as_tox_does():
    """Braces for choices; what is none is a usage error."""
    assert expand("py{312,313}-pg{16,17}") == ("py312-pg16", "py312-pg17", "py313-pg16", "py313-pg17")
    assert expand("one") == ("one",)
    for bad in ("py{312", "py312}", "{a,{b,c}}", "{1,2,3,4,5,6,7,8,9,0}" * 4):
        with pytest.raises(UsageError):
            expand(bad)


def test_every_cell_conformant(cells):
    """Exit code 0, and no differences."""
    found = gather([cells(one=fine(), two=fine())])

    assert (found.exit_code, found.first) == (0, "one")
    assert found.outcome == "2 cells: every one conformant"
    assert all(one.state is State.JUDGED and not one.differences for one in found.cells)


def test_a_culprit_is_named_and_what_differs(cells):
    """From the first cell."""
    found = gather([cells(one=fine(), two=broken())])
    two = by_name(found)["two"]

    assert (found.exit_code, two.culprits) == (1, ("a.b",))
    [difference] = two.differences
    assert (difference.id, difference.first, difference.here) == ("a.b", "satisfied", "violated")
    assert difference.reason == "answered 500"


def test_what_is_not_there_is_never_fine(cells):
    """Missing, aborted, unreadable and interrupted cells have no level of their own, or are told apart."""
    interrupted = fine(partial=True, partial_reason="the run was interrupted", options={"only": []})
    folder = cells(aborted=None, cut=fine().model_dump_json()[:-50], good=fine(), interrupted=interrupted)
    found = gather([folder], ["good", "never"])
    states = {name: one.state.value for name, one in by_name(found).items()}

    assert states == {
        "good": "judged",
        "never": "missing",
        "aborted": "aborted",
        "cut": "unreadable",
        "interrupted": "interrupted",
    }
    assert found.exit_code == 4
    assert "3 without a report" in found.outcome
    for name in ("never", "aborted", "cut"):
        assert by_name(found)[name].level is None
        assert by_name(found)[name].counts == {}


def test_incomplete_cells(cells):
    """Are fine where that is allowed, unless the harness failed in one."""
    some = report(requirement("a.a"), requirement("a.b", "not-assessed"))
    failed = report(requirement("a.a"), requirement("a.b", "error"))

    assert gather([cells(one=some)]).exit_code == 4
    assert gather([cells(two=some)], incomplete=True).exit_code == 0
    assert gather([cells(three=failed)], incomplete=True).exit_code == 4


def test_a_restricted_cell_is_compared_by_what_it_was_asked_for(cells):
    """And says that it was."""
    part = report(
        requirement("a.a"),
        not_asked_for("a.b"),
        partial=True,
        partial_reason="only a.a was asked for",
        options={"only": ["a.a"]},
    )
    found = gather([cells(one=fine(), two=part)])

    assert by_name(found)["two"].state is State.RESTRICTED
    assert by_name(found)["two"].differences == ()


def test_the_others_are_compared_with_the_first_whole_one(cells):
    """A run of some clauses tells little of them; an interrupted one is none to compare with."""
    some = {"partial": True, "partial_reason": "only a.a was asked for", "options": {"only": ["a.a"]}}
    part = report(requirement("a.a"), not_asked_for("a.b"), **some)
    cut = fine(partial=True, partial_reason="the run was interrupted")

    folder = cells(a=cut, b=part, c=fine(), d=broken())

    assert gather([folder]).first == "c"
    assert gather([folder / "a", folder / "b"]).first == "b"


def test_reports_may_be_given_one_by_one(cells, save):
    """By file, by folder, by the file in a folder."""
    folder = cells(one=fine(), two=broken())
    found = gather([folder / "two", folder / "one" / "report.json", save("three.json", fine())])

    assert [one.name for one in found.cells] == ["two", "one", "three"]
    assert found.first == "two"


def test_an_empty_run_folder_by_itself(cells):
    """Is the aborted cell that was expected."""
    [cell] = gather([cells(one=None) / "one"], ["one"]).cells

    assert cell.state is State.ABORTED


def test_a_first_report_that_is_none(cells):
    """It spoils its own cell alone."""
    twice = report(requirement("a.a"), requirement("a.a"))
    found = gather([cells(a=twice, b=fine(), c=fine())])

    assert [one.state.value for one in found.cells] == ["unreadable", "judged", "judged"]
    assert found.first == "b"


def test_bad_places(cells, tmp_path):
    """Not there, empty, two of one name."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "other" / "one").mkdir(parents=True)
    (tmp_path / "other" / "one" / "report.json").write_text(fine().model_dump_json())
    folder = cells(one=fine())
    for places, told in (
        ([tmp_path / "none"], "is not there"),
        ([tmp_path / "empty"], "holds no reports"),
        ([folder, tmp_path / "other"], "two cells are called one"),
    ):
        with pytest.raises(UsageError, match=told):
            gather(places)


def test_other_specifications_and_old_reports_are_told(cells):
    """Cells that cannot be compared without a second thought."""
    old = fine(started=datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC))
    other = fine(specification=SpecificationPart(path="spec.md", sha256="1" * 64))
    notes = " ".join(gather([cells(one=old, two=other)]).notes)

    assert "2 different specifications" in notes
    assert "2026-10-01" in notes


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_the_exit_code_is_the_same_in_every_format(cells, form):
    """And every cell is on the page."""
    folder = cells(one=fine(), two=broken(), three=None)
    ran = CliRunner().invoke(app, [str(folder), "--format", form, "--expect", "{one,four}"])

    assert ran.exit_code == 1
    for word in ("one", "two", "three", "four", "missing", "aborted", "a.b"):
        assert word in ran.stdout


def test_the_json_fits_its_schema(cells):
    """As `stackproof schema matrix` prints it."""
    ran = CliRunner().invoke(app, [str(cells(one=fine(), two=broken(), three=None)), "-f", "json"])

    jsonschema.validate(json.loads(ran.stdout), document_of(What.MATRIX))


def test_hostile_reports(cells, capsys):
    """Nothing of them acts on a terminal or on a page."""
    texts = {"reason": HOSTILE, "seen": HOSTILE}
    evil = report(
        requirement(HOSTILE, "violated", **texts),
        level=Level.NON_CONFORMANT,
        options={"only": HOSTILE, "python": HOSTILE, "resolution": HOSTILE},
        services=(ServicePart(role="postgresql", product=HOSTILE, version=HOSTILE, how="x"),),
        partial=True,
        partial_reason=HOSTILE,
    )
    found = gather([cells(one=report(requirement(HOSTILE)), two=evil)])
    text = markdown(found)
    terminal(found, Console(soft_wrap=True, width=100, highlight=False))
    out = capsys.readouterr().out

    assert_harmless(text)
    assert {line.count("|") for line in text.splitlines() if line.startswith("| ")} == {len(HEADINGS) + 1}
    for written in (text, out):
        assert "\x1b" not in written
        assert "\u202e" not in written


def test_the_harness_is_no_part_of_somebody_elses_service(cells):
    """Its own Python and packages are the reference service's, and nobody else's."""
    ours, theirs = (
        report(
            requirement("a.a"), environment={"python": "3.12.1"}, target=TargetPart(name="x", base_url="", kind=kind)
        )
        for kind in ("reference", "described")
    )
    matrix = gather([cells(ours=ours, theirs=theirs)])
    found = {one.name: one for one in matrix.cells}

    assert (found["ours"].python, found["ours"].resolution) == ("3.12.1", "locked")
    assert (found["theirs"].python, found["theirs"].resolution) == ("", "")
    assert "`theirs` | `–` | `–` |" in markdown(matrix)


def test_a_large_matrix_fits_into_a_comment(cells):
    """With every difference that fits, and a word on the rest."""
    names = [f"py{number}-lowest-pg16-valkey" for number in range(400)]
    parts = [requirement(f"a.clause-{number}", "violated", seen="word " * 200) for number in range(150)]
    bad = report(*parts, level=Level.NON_CONFORMANT)
    good = report(*(requirement(f"a.clause-{number}") for number in range(150)))
    folder = cells(a=good, b=bad)
    text = markdown(gather([folder], names))

    assert len(text) <= LARGEST
    assert "Cut off" in text
    assert "never fine" in text


def example(folder):
    """The matrix of the example that is kept beside the writer."""

    def cell(postgresql, made, **changes):
        services = tuple(
            ServicePart(role=role, product=product, version=version, how="embedded")
            for role, product, version in (("postgresql", "PostgreSQL", postgresql), ("cache", "Valkey", "9.1.2"))
        )
        ours = TargetPart(name="the reference service", base_url="", kind="reference")
        return made(services=services, environment={"python": "3.12.1"}, target=ours, **changes)

    runs = {
        "py312-highest-pg16-valkey": cell("16.15", fine, options={"resolution": "highest"}),
        "py312-highest-pg17-valkey": cell("17.11", broken, options={"resolution": "highest"}),
    }
    for name, made in runs.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "report.json").write_text(made.model_dump_json(), encoding="utf-8")
    (folder / "py313-lowest-pg17-valkey").mkdir()
    return markdown(gather([folder], expand("py312-highest-pg{16,17}-{redis,valkey}")))


def test_the_example_is_what_is_written(tmp_path):
    """`python -m tests.compare.test_matrix` writes it anew."""
    assert EXAMPLE.read_text(encoding="utf-8") == example(tmp_path)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        EXAMPLE.write_text(example(Path(place)), encoding="utf-8")
