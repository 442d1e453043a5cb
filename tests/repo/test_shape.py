"""The repository keeps its shape: small modules, suites that use the public door, one list of packages."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from stackproof.registry import load_checks
from stackproof.spec import read

ROOT = Path(__file__).parents[2]
SUITES = sorted((ROOT / "suites").rglob("*.py"))
CORE = sorted((ROOT / "stackproof").rglob("*.py"))
LONGEST_MODULE = 350  # lines


def imports_of(path):
    """(module, name) of every import of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.mark.parametrize("path", SUITES, ids=lambda path: str(path.relative_to(ROOT)))
def test_suites_use_the_public_door(path):
    """A suite imports public names of `stackproof`, nothing below it, and nothing of its neighbours."""
    import stackproof

    for module, name in imports_of(path):
        assert not module.startswith(("stackproof.", "suites", "fixtures", "sample_app", "reports")), module
        if module == "stackproof":
            assert name in stackproof.__all__


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_modules_are_small(path):
    """A module of the core has one purpose, and fits into a head."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_every_exported_name_is_there():
    """The public names exist, and their list is sorted."""
    import stackproof

    assert sorted(stackproof.__all__) == stackproof.__all__
    for name in stackproof.__all__:
        assert getattr(stackproof, name) is not None


def test_every_check_names_requirements_that_exist():
    """A check whose patterns select nothing in the reference specification could never run there."""
    requirements = read(ROOT / "spec" / "tech-stack.md").every
    for one in load_checks():
        selected = [requirement.id for requirement in requirements if one.check.selects(requirement)]
        assert selected or one.check.patterns == ("version.valkey",), one.id


def test_every_check_says_what_to_change():
    """Whoever is told of a violation is told of a remedy."""
    assert [one.id for one in load_checks() if not one.check.remedy] == []


def normalised(requirements):
    """{(name, extras): specifier} of requirement texts."""
    found = {}
    for text in requirements:
        match = re.match(r"^([A-Za-z0-9._-]+)(\[[^\]]*\])?(.*)$", text.replace(" ", ""))
        found[match[1].lower().replace("_", "-")] = (match[2] or "", match[3])
    return found


def test_the_sample_extra_admits_what_the_sample_app_declares():
    """The extra `sample` and the reference service's own project name the same packages."""
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["sample"]
    own = tomllib.loads((ROOT / "sample_app" / "pyproject.toml").read_text())["project"]["dependencies"]

    assert set(normalised(extra)) == set(normalised(own))


def test_the_exported_requirements_are_those_of_the_lock():
    """`sample_app/requirements.txt` pins what `sample_app/uv.lock` pins, with hashes."""
    lock = tomllib.loads((ROOT / "sample_app" / "uv.lock").read_text())
    locked = {(one["name"], one["version"]) for one in lock["package"] if "registry" in one["source"]}
    text = (ROOT / "sample_app" / "requirements.txt").read_text()
    pinned = set(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))

    assert pinned <= locked
    assert {name for name, _ in pinned} >= {"django", "celery", "psycopg", "time-machine"}
    assert text.count("--hash=sha256:") > len(pinned)
