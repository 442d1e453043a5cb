"""`stackproof explain`: an answer for whatever stands in a report."""

import json
import subprocess
import sys

import pytest

from stackproof.errors import UsageError
from stackproof.explain import WORDS, explain
from stackproof.faults import read_faults
from stackproof.harness import harness_root, reference_specification
from stackproof.registry import load_checks
from stackproof.spec import read
from stackproof.verdict import Level, Verdict

SPECIFICATION = read(reference_specification())
FAULTS = read_faults(harness_root() / "sample_app")


def of(name):
    """The explanation of a name."""
    return explain(name, SPECIFICATION, load_checks(), FAULTS)


def test_every_verdict_and_level_is_explained():
    """A word that a report shows is one that can be asked for."""
    assert set(WORDS) == {*(one.value for one in Verdict), *(one.value for one in Level)}
    assert "never a pass" in of("not-assessed").what


@pytest.mark.parametrize("requirement", SPECIFICATION.every, ids=lambda one: one.id)
def test_every_requirement_is_explained(requirement):
    """What it asks for, where that stands, who judges it, and what to change."""
    found = of(requirement.id)

    assert found.what == requirement.text
    assert f"line {requirement.line}" in found.why
    assert found.remedy
    judged = [one.id for one in load_checks() if one.check.selects(requirement)]
    assert [check for check, _ in found.judged] == judged


def test_a_requirement_tells_of_the_faults_that_prove_it():
    """Those that a check of it must notice."""
    proven = {one.name for one in of("jwt.access-token-lifetime").proven}

    assert "access_lifetime_hour" in proven
    assert "passwords_pbkdf2" not in proven


def test_every_check_is_explained():
    """The whole of its docstring, what it needs, and what it judges."""
    for one in load_checks():
        found = of(one.id)
        assert found.what.startswith(one.check.title)
        assert dict(found.facts)["needs"]
        assert found.remedy.text == one.check.remedy


@pytest.mark.parametrize(
    ("name", "near"), [("jwt.rotatoin", "jwt.rotation"), ("violeted", "violated"), ("blacklist", "jwt.blacklist")]
)
def test_a_slip_is_answered_by_what_was_meant(name, near):
    """Unknown words are exit 2, with the nearest."""
    with pytest.raises(UsageError, match=rf"did you mean .*{near}") as caught:
        of(name)
    assert caught.value.exit_code == 2


def test_the_command_prints_it():
    """For people and for programs."""
    words = [sys.executable, "-m", "stackproof", "explain", "jwt.blacklist"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    data = json.loads(subprocess.run([*words, "--json"], capture_output=True, text=True, check=True).stdout)

    assert data["remedy"]["patch"] in "\n".join(line[4:] for line in done.stdout.splitlines())
    assert data["proven"][0]["summary"] in done.stdout
