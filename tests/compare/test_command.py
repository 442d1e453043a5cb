"""`stackproof diff` on the command line: exit codes that gate a pipeline, and bad input in one clear line."""

import json
import subprocess
import sys

import jsonschema
import pytest
import typer
from typer.testing import CliRunner

from stackproof.commands.diff import diff as command
from stackproof.commands.schema import What, document_of
from stackproof.errors import UsageError
from tests.compare.conftest import not_asked_for, report, requirement

app = typer.Typer()
app.command()(command)
GOOD = report(requirement("a.a"), requirement("a.b", "violated"))
WORSE = report(requirement("a.a", "violated", seen="answered 500"), requirement("a.b", "violated"))
LOST = report(requirement("a.a", "not-assessed"), requirement("a.b", "violated"))


def diff(*arguments, given=None):
    """Call the command in this process."""
    return CliRunner().invoke(app, [str(one) for one in arguments], input=given)


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
@pytest.mark.parametrize(
    ("before", "after", "code"), [(GOOD, GOOD, 0), (GOOD, WORSE, 1), (GOOD, LOST, 4), (WORSE, GOOD, 0)]
)
def test_the_exit_code_is_the_same_in_every_format(save, form, before, after, code):
    """And what is newly violated is named in each."""
    found = diff(save("a.json", before), save("b.json", after), "--format", form)

    assert found.exit_code == code
    assert found.stdout.strip()
    if code == 1:
        assert "a.a" in found.stdout
        assert "answered 500" in found.stdout


def test_a_folder_and_standard_input(save, tmp_path):
    """A run's folder stands for its report, and - for what comes in."""
    folder = tmp_path / "run"
    folder.mkdir()
    save("run/report.json", GOOD)

    assert diff(folder, "-", given=WORSE.model_dump_json()).exit_code == 1
    assert diff("-", folder, given=WORSE.model_dump_json()).exit_code == 0


def test_the_json_fits_its_schema(save):
    """As `stackproof schema diff` prints it."""
    found = json.loads(diff(save("a.json", GOOD), save("b.json", WORSE), "-f", "json").stdout)

    jsonschema.validate(found, document_of(What.DIFF))
    assert [one["movement"] for one in found["changes"]] == ["newly-violated", "unchanged"]


def test_a_part_of_a_run_says_what_is_outside(save):
    """And is not called worse for it."""
    part = report(requirement("a.a"), not_asked_for("a.b"), partial=True, partial_reason="only a.a was asked for")
    found = diff(save("a.json", GOOD), save("b.json", part))

    assert found.exit_code == 0
    assert "not asked for them: 1" in found.stdout


OLDER = {key: value for key, value in GOOD.model_dump(mode="json").items() if key not in {"derived", "derived_counts"}}


def test_a_report_from_before_there_were_derived_requirements(save, tmp_path):
    """It is read, and its missing parts are not taken for news."""
    old = tmp_path / "old.json"
    old.write_text(json.dumps(OLDER))
    new = GOOD.model_copy(update={"derived": (requirement("d.d", "violated", source="RFC 1", required=False),)})

    assert diff(old, save("b.json", new)).exit_code == 0


BAD = {
    "empty": ("", "cut off, or no JSON"),
    "cut": (GOOD.model_dump_json()[:-200], "cut off, or no JSON"),
    "binary": ("\x00\x01\x02", "cut off, or no JSON"),
    "list": ("[]", "no report"),
    "deep": ("[" * 100_000, "cut off, or no JSON"),
    "other": ('{"name": "x"}', "no report"),
    "newer": (json.dumps(GOOD.model_dump(mode="json") | {"schema_version": "2"}), "schema version '2'"),
    "strange": (json.dumps(GOOD.model_dump(mode="json") | {"a\x1b[31m\nb": 1}), "no report"),
    "twice": (report(requirement("a.a"), requirement("a.a")).model_dump_json(), "twice"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_report(save, tmp_path, name):
    """A usage error that names the file and what is wrong, on one line, with a cure."""
    bad, (text, told) = tmp_path / f"{name}.json", BAD[name]
    bad.write_text(text)
    good = save("good.json", GOOD)
    for arguments in ((bad, good), (good, bad)):
        error = diff(*arguments).exception
        assert isinstance(error, UsageError)
        assert f"{name}.json" in error.message
        assert told in error.message
        assert error.hint
        assert "\n" not in error.message
        assert "\x1b" not in error.message


@pytest.mark.parametrize("name", ["nowhere.json", "folder", "-"])
def test_what_is_not_there(save, tmp_path, name):
    """A missing file, a folder of a run that ended before its report, and standard input asked for twice."""
    (tmp_path / "folder").mkdir()
    where = "-" if name == "-" else tmp_path / name
    error = diff(where, "-" if name == "-" else save("good.json", GOOD)).exception

    assert isinstance(error, UsageError)
    assert error.hint


def test_a_user_sees_one_line_and_exit_code_two(tmp_path):
    """As a process: no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", "diff", "none.json", "none.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert "none.json: cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
