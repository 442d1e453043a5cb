"""Hooks and settings of tools, of foreign projects."""

import subprocess
import sys

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from tests.suites.projects import written

HOOKS = "stack/quality::hooks_run_the_documents_tools"
GONE = "stack/quality::replaced_tools_are_gone"
PLUGIN = "stack/quality::mypy_has_its_plugin"
ROW = "stack/quality::hooks_are_inside_the_constraint"
CONFIG = ".pre-commit-config.yaml"


def remote(repository, revision, *ids, more=""):
    """A repository of hooks."""
    listed = "".join(f"      - id: {one}\n{more}" for one in ids)
    return f"  - repo: https://github.com/{repository}\n    rev: {revision}\n    hooks:\n{listed}"


def local(name, entry, more=""):
    """A hook of the project's own."""
    listed = f"      - {{id: {name}, name: {name}, entry: '{entry}', language: system{more}}}\n"
    return f"  - repo: local\n    hooks:\n{listed}"


ALL = "repos:\n" + remote("psf/black-pre-commit-mirror", "24.10.0", "black")
ALL += remote("astral-sh/ruff-pre-commit", "v0.9.3", "ruff", "ruff-format")
ALL += remote("pre-commit/mirrors-mypy", "v1.14.1", "mypy")


@pytest.fixture
def judged(check, tmp_path):
    """Judge a project of these files."""

    def run(check_id, requirement, files, unused=(), **views):
        return check(check_id, requirement, files=written(tmp_path, files, unused), **views)

    return run


@pytest.mark.parametrize(
    "text",
    [
        ALL,
        "repos:\n"
        + local("a", "uv run black")
        + local("b", "python -m ruff check --fix")
        + local("c", "poetry run mypy ."),
    ],
)
def test_hooks_of_others_and_of_the_project_are_told(judged, text):
    """By their id, or by what their entry starts."""
    assert "run black, ruff, mypy" in judged(HOOKS, "quality.hooks", {CONFIG: text})


@pytest.mark.parametrize(
    ("text", "outcome", "why"),
    [
        (
            ALL.replace("id: black", "id: trailing-whitespace"),
            Violation,
            "no hook runs black; ruff formats in its place",
        ),
        ("repos: []\n", Violation, "no hook runs black, ruff, mypy"),
        ("repos:\n" + local("all", "make lint"), NotAssessed, "cannot be told"),
        ("repos: x\n", NotAssessed, "no list of repos"),
        ("a: b: c\n", NotAssessed, "line 1"),
        ("repos:\n  - repo: local\n", NotAssessed, "no list of hooks"),
        ("a: &a [*a]", NotAssessed, "no YAML that can be read"),
    ],
)
def test_hooks_that_are_missing_or_unreadable(judged, text, outcome, why):
    """A violation where the file says so; otherwise what would be needed."""
    with pytest.raises(outcome, match=why):
        judged(HOOKS, "quality.hooks", {CONFIG: text})


def test_a_project_without_hooks_is_violated_unless_it_lies_in_a_larger_repository(judged, check, tmp_path):
    """The hooks of the larger one are not looked at."""
    (tmp_path / ".git").mkdir()
    with pytest.raises(Violation, match="the project has none"):
        judged(HOOKS, "quality.hooks", {"pyproject.toml": ""})
    with pytest.raises(NotAssessed, match="lies inside of the repository"):
        check(HOOKS, "quality.hooks", files=written(tmp_path / "inner", {"pyproject.toml": ""}))


def test_tools_that_are_not_used_need_no_hook(judged):
    """The descriptor's word."""
    text = ALL.replace("id: mypy", "id: check-yaml")
    assert judged(HOOKS, "quality.hooks", {CONFIG: text}, unused=("version.mypy",))


@pytest.mark.parametrize(
    ("files", "seen"),
    [
        ({CONFIG: ALL + remote("PyCQA/flake8", "7.1.1", "flake8")}, r"the hook flake8 \(.*:1\d\) runs flake8"),
        ({CONFIG: "repos:\n" + local("imports", "uv run isort .")}, "runs isort"),
        ({".flake8": "[flake8]\n"}, r"settings of flake8 \(.flake8\)"),
        ({"setup.cfg": "[metadata]\nname = x\n[flake8]\nmax-line-length = 100\n"}, r"setup.cfg:3"),
        ({"tox.ini": "[isort]\nprofile = black\n"}, "settings of isort"),
        ({"pyproject.toml": "[tool.isort]\nprofile = 'black'\n"}, r"pyproject.toml:1"),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['flake8-bugbear>=24']\n"}, "a requirement of flake8-bugbear"),
        ({"pyproject.toml": "[tool.poetry.group.dev.dependencies]\nisort = '^5'\n"}, "a requirement of isort"),
        ({"requirements/dev.in": "pytest>=8\nFlake8_bugbear>=24\n"}, r"of flake8-bugbear \(requirements/dev\.in:2\)"),
        ({"Pipfile": "[dev-packages]\nisort = '*'\n"}, r"a requirement of isort \(Pipfile:2\)"),
        ({"setup.cfg": "[options.extras_require]\ndev =\n    flake8>=7\n"}, r"of flake8 \(setup\.cfg:3\)"),
        ({"pyproject.toml": "[tool.pdm.dev-dependencies]\nlint = ['isort>=5']\n"}, r"of isort \(pyproject\.toml:2\)"),
    ],
)
def test_what_ruff_replaces_is_still_there(judged, files, seen):
    """Run, set up or required; with its line."""
    with pytest.raises(Violation, match=seen):
        judged(GONE, "quality.replaced", files)


def test_ruffs_own_settings_of_their_rules_are_no_leftovers(judged):
    """`[tool.ruff.lint.isort]` is ruff's."""
    text = "[tool.ruff.lint.isort]\nknown-first-party = ['x']\n[tool.ruff.lint.flake8-bugbear]\nx = []\n"
    assert judged(GONE, "quality.replaced", {"pyproject.toml": text, CONFIG: ALL})
    with pytest.raises(NotAssessed, match=r"pyproject\.toml: is no TOML"):
        judged(GONE, "quality.replaced", {"pyproject.toml": "[tool"})


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": '[tool.mypy]\nplugins = ["pydantic.mypy", "mypy_django_plugin.main"]\n'},
        {"pyproject.toml": '[tool.mypy]\nplugins = "mypy_django_plugin.main"\n'},
        {"mypy.ini": "[mypy]\nplugins = a, mypy_django_plugin.main\n"},
        {"setup.cfg": "[mypy]\nplugins =\n    mypy_django_plugin.main\n    a\n"},
        {".mypy.ini": "[mypy]\nplugins=mypy_django_plugin.main\n", "pyproject.toml": "[tool.mypy]\nplugins = []\n"},
    ],
)
def test_plugins_in_each_file_that_mypy_takes(judged, files):
    """In the order in which mypy looks."""
    assert "mypy_django_plugin.main" in judged(PLUGIN, "quality.mypy-plugin.django", files)


@pytest.mark.parametrize(
    ("files", "outcome", "why"),
    [
        ({"pyproject.toml": ""}, Violation, "no settings of mypy"),
        ({"pyproject.toml": "[tool.mypy]\nstrict = true\n"}, Violation, r"pyproject\.toml:1 are none"),
        (
            {"mypy.ini": "[mypy]\n", "pyproject.toml": '[tool.mypy]\nplugins = ["mypy_django_plugin.main"]\n'},
            Violation,
            "mypy.ini",
        ),
        ({"mypy.ini": "plugins = x\n"}, NotAssessed, r"mypy\.ini: cannot be read"),
    ],
)
def test_plugins_that_are_missing(judged, files, outcome, why):
    """The first file that mypy takes decides."""
    with pytest.raises(outcome, match=why):
        judged(PLUGIN, "quality.mypy-plugin.django", files)


@pytest.mark.parametrize(
    ("check_id", "requirement"),
    [(HOOKS, "quality.hooks"), (GONE, "quality.replaced"), (PLUGIN, "quality.mypy-plugin.django")],
)
def test_a_project_of_another_kind_is_not_judged(judged, check_id, requirement):
    """What is not written in Python needs none of these tools."""
    with pytest.raises(NotAssessed, match="no Python project"):
        judged(check_id, requirement, {"package.json": "{}", "Dockerfile": "FROM node:20\n"})


def test_what_is_not_read_may_require_a_tool_that_was_replaced(judged):
    """Nothing was found where not everything is known."""
    with pytest.raises(NotAssessed, match=r"environment\.yml: is not read"):
        judged(GONE, "quality.replaced", {"environment.yml": "dependencies: [flake8]\n"})


def test_stubs_that_are_not_used_need_no_plugin(judged):
    """A service without Django REST Framework has no use for the plugin of its stubs."""
    files = {"pyproject.toml": '[tool.mypy]\nplugins = ["mypy_django_plugin.main"]\n'}
    with pytest.raises(NotApplicable, match=r"version\.djangorestframework-stubs"):
        judged(PLUGIN, "quality.mypy-plugin.drf", files, unused=("version.djangorestframework-stubs",))


@pytest.mark.parametrize("requirement", ["quality.mypy-plugin.django", "quality.mypy-plugin.drf"])
def test_a_service_without_django_needs_no_plugin_for_its_stubs(judged, requirement):
    """Stubs are of no use without what they are stubs of."""
    with pytest.raises(NotApplicable, match=r"version\.django"):
        judged(PLUGIN, requirement, {"pyproject.toml": "[tool.mypy]\n"}, unused=("version.django",))


SHA = "552baf822992936134cbd31a38f69c8cfe7c0f05"


@pytest.mark.parametrize(
    ("requirement", "text", "outcome"),
    [
        ("version.ruff", ALL, None),
        ("version.black", ALL, None),
        ("version.ruff", ALL.replace("v0.9.3", "v0.8.6"), Violation),
        ("version.black", ALL.replace("24.10.0", "23.1.0"), Violation),
        ("version.black", ALL.replace("24.10.0", f"{SHA} # frozen: 24.10.0"), None),
        ("version.black", ALL.replace("24.10.0", f"{SHA}  # frozen: 23.12.1"), Violation),
        ("version.black", ALL.replace("24.10.0", SHA), NotAssessed),
        ("version.black", ALL.replace("24.10.0", "main"), NotAssessed),
        ("version.mypy", ALL, None),
        ("version.django-stubs", ALL, NotApplicable),
        ("version.black", "repos:\n" + local("black", "uv run black"), NotApplicable),
        (
            "version.django-stubs",
            "repos:\n"
            + remote(
                "pre-commit/mirrors-mypy",
                "v1.14.1",
                "mypy",
                more="        additional_dependencies: [Django_Stubs==4.2.0, 'x y']\n",
            ),
            Violation,
        ),
    ],
)
def test_revisions_of_hooks_against_the_rows(judged, requirement, text, outcome):
    """A tag, a frozen commit with its comment, and packages that a hook brings besides."""
    if outcome is None:
        assert judged(ROW, requirement, {CONFIG: text})
        return
    with pytest.raises(outcome):
        judged(ROW, requirement, {CONFIG: text})


def test_the_hooks_of_the_reference_project_are_well_formed():
    """`.pre-commit-config.yaml` of the reference service is one that pre-commit itself takes."""
    from stackproof.harness import harness_root

    config = harness_root() / "sample_app" / CONFIG
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
