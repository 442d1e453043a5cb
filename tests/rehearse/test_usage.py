"""What cannot be rehearsed is refused in one line, with a cure, before anything is started."""

import json
import sys

import pytest

from stackproof.cli import main
from stackproof.rehearse.state import State
from tests.rehearse.conftest import Ran


@pytest.fixture
def rehearse(tmp_path, temporary, monkeypatch, capsys):
    """The command, inside this process: nothing is started here that could outlive it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(temporary))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["stackproof", "rehearse", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        assert "fault of the harness" not in shown.err
        return Ran(left.value.code, shown.out, shown.err)

    return run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to rehearse was given"),
        (["--set", "django=6.0", "--latest"], "--set and --latest were given"),
        (["--set", "djnago=6.0"], "did you mean Django"),
        (["--set", "django"], "is no ROW=VALUE"),
        (["--set", "django=new"], "neither a constraint nor a version line"),
        (["--set", "django=6.0", "--set", "Django=5.2"], "is given twice"),
        (["--spec", "missing.md"], "no such file"),
        (["--latest", "--base", "missing.md"], "no such file"),
        (["--latest", "--project", "missing"], "is no folder"),
        (["--latest", "--target", "stackproof.toml"], "without --project"),
        (["--latest", "--suite", "nothing"], "there is no such check"),
        (["--latest", "--only", "nothing.*"], "no check is left to run"),
        (["--latest", "--baseline", "missing.json"], "cannot be read"),
        (["--resume", "missing"], "cannot be read"),
        (["--resume", "missing", "--latest"], "goes on with what was asked for"),
        (["--latest", "--budget", "soon"], "--budget"),
    ],
)
def test_bad_options(arguments, words, rehearse, tmp_path):
    """Exit 2, and no folder is made."""
    ran = rehearse(*arguments)

    assert ran.code == 2
    assert words in " ".join(ran.err.split())
    assert list(tmp_path.glob("stackproof-*")) == []


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 7}', '{"version": 1, "asked": {}, "inputs": {}, "steps": {}}', "\x00", "[" * 99999],
)
def test_a_state_that_is_none(text, rehearse, tmp_path):
    """Broken, of another version, of another program: exit 2."""
    (tmp_path / "state.json").write_text(text)
    assert rehearse("--resume", tmp_path).code == 2


def test_a_resumed_rehearsal_is_about_the_same_files(rehearse, tmp_path):
    """A document that has changed since is named."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.12"\n')
    (project / "uv.lock").write_text("broken")
    began = rehearse("--set", "django=6.0", "--project", project, "--output", tmp_path / "out")
    assert began.code == 2
    assert "pyproject.toml and uv.lock cannot be read" in began.err

    (project / "uv.lock").write_text("broken otherwise")
    ran = rehearse("--resume", tmp_path / "out")
    assert ran.code == 2
    assert f"{project / 'uv.lock'}: changed since" in ran.err


def test_a_folder_with_a_rehearsal_in_it_is_not_taken(tmp_path, rehearse):
    """What an earlier one found out is not overwritten."""
    State.begun(tmp_path, {}, {})
    ran = rehearse("--set", "django=6.0", "--output", tmp_path)

    assert ran.code == 2
    assert "has a rehearsal in it" in ran.err


@pytest.mark.parametrize(
    ("descriptor", "words"),
    [
        ('[target]\nbase_url = "http://127.0.0.1:8000"\n', "does not say how the service is started"),
        (
            '[target]\nbase_url = "https://staging.example.com"\n[rehearse]\nstart = ["true"]\n',
            "a rehearsed service runs on this machine",
        ),
        ('[target]\nbase_url = "http://127.0.0.1:8000"\n[rehearse]\nstart = []\n', "rehearse.start"),
        ('[target]\nbase_url = "http://127.0.0.1:8000"\n[rehearse]\nstart = ["a"]\nfile = ["x"]\n', "rehearse.file"),
    ],
)
def test_descriptors_that_do_not_do(descriptor, words, rehearse, tmp_path):
    """Exit 2, with the file and what to write."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("django==5.2.8\n")
    (project / "stackproof.toml").write_text(descriptor)
    ran = rehearse("--set", "django=6.0", "--project", project)

    assert ran.code == 2
    assert words in ran.err
    assert "stackproof.toml" in ran.err or "base_url" in ran.err


def test_a_folder_that_is_no_project(rehearse, tmp_path):
    """Neither uv.lock nor requirements.txt."""
    (tmp_path / "project").mkdir()
    ran = rehearse("--set", "django=6.0", "--project", tmp_path / "project")

    assert ran.code == 2
    assert "has neither pyproject.toml and uv.lock nor requirements.txt" in ran.err


def test_state_is_written_before_the_next_step(tmp_path):
    """A step that fails leaves those before it."""
    state = State.begun(tmp_path, {"a": 1}, {})
    state.step("one", lambda: {"x": 1})
    with pytest.raises(ZeroDivisionError):
        state.step("two", lambda: 1 // 0)
    again = State.resumed(tmp_path)

    assert again.asked == {"a": 1}
    assert again.step("one", pytest.fail) == {"x": 1}
    assert not again.has("two")
    assert json.loads((tmp_path / "state.json").read_text())["steps"] == {"one": {"x": 1}}
