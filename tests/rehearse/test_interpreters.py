"""A project without a descriptor is rehearsed on a Python that it admits."""

import sys

import pytest

from stackproof.rehearse.interpreters import interpreter_of


@pytest.fixture
def project(tmp_path):
    """A project with these words in its pyproject.toml; `own` gives it an environment."""

    def make(words, *, own=False):
        (tmp_path / "pyproject.toml").write_text(words, encoding="utf-8")
        if own:
            python = tmp_path / ".venv" / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.symlink_to(sys.executable)
        return tmp_path

    return make


@pytest.mark.parametrize(
    "words",
    [
        '[project]\nrequires-python = ">=3.9"\n',
        '[project]\nname = "x"\n',
        "[tool.poetry]\n",
        "[project]\nrequires-python = 3\n",
        '[project]\nrequires-python = "new"\n',
        "project = 1\n",
        "no toml",
    ],
)
def test_this_commands_own_serves_where_nothing_rules_it_out(project, words):
    """What cannot be read is told by uv itself, and rules out nothing here."""
    assert interpreter_of(project(words, own=True)) == sys.executable
    assert interpreter_of(project("") / "missing") == sys.executable


def test_another_python_that_is_demanded_comes_from_the_projects_environment(project):
    """It is the one that the team works with."""
    found = interpreter_of(project('[project]\nrequires-python = ">=3.77,<3.78"\n', own=True))

    assert found.endswith("/.venv/bin/python")


def test_without_an_environment_uv_is_asked_for_what_is_demanded(project):
    """As `uv --python` takes it."""
    assert interpreter_of(project('[project]\nrequires-python = ">=3.77"\n')) == ">=3.77"
