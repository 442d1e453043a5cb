"""Files of a project are anybody's text: reading them ends, in data or in a sentence."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackproof.check import NotAssessed
from stackproof.project.declared import read_declared
from stackproof.project.uses import Uses

PIECES = st.sampled_from(
    [
        *"[]{}()\"'\\#=<>!~^*.,;:@/-_ \t\n\r\0",
        "-r ",
        "-c ",
        "-e ",
        "--hash=sha256:",
        "requirements.txt",
        "django",
        ">=5.2",
        "==*",
        "===",
        " @ ",
        "git+https://x@y/z.git",
        "${X}",
        "é\u202e",
        "; python_version < '3'",
        "extra == 'x'",
        "[project]\n",
        "dependencies = [",
        "name = 'x'\n",
        "[tool.poetry.dependencies]\n",
        "[dependency-groups]\n",
        "{include-group = 'a'}",
        "[options]\ninstall_requires = ",
        "1!0",
        "a" * 300,
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map("".join)


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "setup.cfg", "Pipfile", ".python-version"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_any_text_ends_in_data_or_a_sentence(tmp_path, name, text):
    """Nothing but `NotAssessed` is raised, and every sentence is one line that can be shown."""
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    try:
        found = read_declared(tmp_path, Uses())
    except NotAssessed:
        return
    for one in found:
        assert len(one.written) <= 200
        assert "\n" not in one.written
        found.in_force(one)
    for sentence in found.unread:
        assert "\n" not in sentence


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.floats(allow_nan=False)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text("abcx", min_size=1), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_value_in_the_place_of_another(tmp_path, value):
    """A table where a list is meant, a number for a name: each is told."""
    import tomlkit

    for path in (
        "project",
        "project.name",
        "project.dependencies",
        "project.optional-dependencies",
        "project.dynamic",
        "project.requires-python",
        "project.classifiers",
        "dependency-groups",
        "tool",
        "tool.uv",
        "tool.uv.sources",
        "tool.uv.override-dependencies",
        "tool.uv.dev-dependencies",
        "tool.pdm.dev-dependencies",
        "tool.hatch.envs",
        "tool.hatch.metadata.hooks.requirements_txt",
        "tool.setuptools.dynamic",
        "tool.poetry",
        "tool.poetry.dependencies",
        "tool.poetry.extras",
        "tool.poetry.group",
    ):
        document = {"project": {"name": "x", "dynamic": ["dependencies", "optional-dependencies"]}}
        table = document
        *above, last = path.split(".")
        for name in above:
            table = table.setdefault(name, {})
        table[last] = value
        (tmp_path / "pyproject.toml").write_text(tomlkit.dumps(document), encoding="utf-8")
        assert read_declared(tmp_path, Uses()) is not None


def test_names_and_paths_that_lead_anywhere(declared):
    """Absolute paths, devices and odd names are no files of the project."""
    found = declared({"requirements.txt": "-r /etc/passwd\n-r /dev/zero\n-r \0\n-r a\nb\n-r \n"})

    assert len(found.unread) >= 3
    assert "root:" not in str(found)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a" + " " * 1_000_000 + "b",
        "x[" * 100_000,
        "# \\\n" * 100_000,
        "a \\\n" * 100_000,
        "a==" + "1." * 100_000,
    ],
)
def test_lines_that_would_hang_a_reader(declared, text):
    """A megabyte in a line takes no longer than it must."""
    began = time.process_time()
    found = declared({"requirements.txt": text, "requirements-dev.txt": "ruff>=0.9\n"})

    assert time.process_time() - began < 5
    assert found.of("ruff")


def test_numbers_without_end_are_no_versions(declared):
    """Python itself refuses to read a number of so many digits."""
    number = "1" * 5_000
    project = f"[project]\nrequires-python = '>={number}'\ndependencies = ['a>={number}']\n"
    found = declared({"pyproject.toml": project, ".python-version": number})

    assert len(found.unread) == 2
    assert not found.requirements
    assert not found.pythons


def test_deep_nesting_ends(declared):
    """TOML that is nested too deeply for its parser is told."""
    assert "is no TOML" in declared({"pyproject.toml": "a = " + "[" * 50_000}).unread[0]
