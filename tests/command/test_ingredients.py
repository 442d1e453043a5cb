"""`stackproof run` on other ingredients: what cannot be had is said, and nothing else takes its place."""

import json

import pytest

from stackproof.commands.run import Wanted, _command
from stackproof.harness import reference_specification
from stackproof.ingredients import ingredients


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--postgres", "new"), "--postgres"),
        (("--redis", "keydb"), "--redis"),
        (("--resolution", "newest"), "--resolution"),
        (("--python", "four"), "--python"),
        (("--postgres", "17", "--target", "stackproof.toml"), "about the reference service"),
    ],
)
def test_what_means_nothing_is_a_usage_error(stackproof, arguments, told):
    """With a cure, before anything is started."""
    ran = stackproof("run", *arguments)

    assert ran.code == 2
    assert told in ran.err
    assert "cure:" in ran.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"), [(("--redis", "redis"), "Valkey"), (("--postgres", "99"), "PostgreSQL 99")]
)
def test_what_cannot_be_had_is_no_verdict(stackproof, arguments, told):
    """The harness's own infrastructure: exit code 3."""
    ran = stackproof("run", "--services", "embedded", "--only", "version.django", *arguments, timeout=300)

    assert ran.code == 3
    assert told in ran.err


@pytest.mark.slow
def test_what_ran_and_what_was_asked_for_are_in_the_report(stackproof, tmp_path):
    """Beside the verdicts on them."""
    asked = ("--postgres", "17", "--redis", "valkey", "--resolution", "lowest")
    ran = stackproof(
        "run",
        "--services",
        "embedded",
        "--only",
        "version.postgresql,version.pydantic",
        *asked,
        "--output",
        "r",
        timeout=600,
    )
    report = json.loads((tmp_path / "r" / "report.json").read_text())
    verdicts = {one["id"]: one for one in report["requirements"]}

    assert ran.code == 4
    assert {"postgres": "17", "redis": "valkey", "resolution": "lowest"}.items() <= report["options"].items()
    assert next(one["version"] for one in report["services"] if one["role"] == "postgresql").startswith("17.")
    assert verdicts["version.postgresql"]["verdict"] == "satisfied"
    assert verdicts["version.pydantic"]["reason"].startswith("pydantic 2.10.")


def test_the_command_that_shows_it_again_asks_for_the_same():
    """A violation on other ingredients is reproduced on them."""
    wanted = Wanted(
        target=None,
        specification=reference_specification(),
        only=(),
        services="embedded",
        profile=None,
        allow_writes=False,
        drill=False,
        ignore_waivers=False,
        workers=0,
        of=ingredients("17", "valkey", "lowest", "3.13"),
    )

    assert _command(wanted) == (
        "stackproof run --services embedded --postgres 17 --redis valkey --resolution lowest --python 3.13"
    )
