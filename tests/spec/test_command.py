"""`stackproof spec` on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from stackproof.commands.spec import app
from stackproof.errors import UsageError

type Write = Callable[..., Path]
type WithTable = Callable[[str], str]

REPOSITORY = Path(__file__).parents[2]


def run(*arguments: str | Path) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(app, [str(one) for one in arguments])


def printed(*arguments: str | Path) -> Any:
    """What the command prints as JSON."""
    return json.loads(run(*arguments, "--json").stdout)


@pytest.fixture
def document(write: Write, with_table: WithTable) -> Path:
    """A small specification."""
    return write(with_table("## JWT\n\n- Access token lifetime: 15 minutes\n- Audience: [mobile]"))


def test_list_of_an_unreadable_file(write: Write) -> None:
    """A bad document is a usage error, not a traceback."""
    found = run("list", write("prose"))

    assert isinstance(found.exception, UsageError)


def test_list(document: Path) -> None:
    """The list has every requirement on a line of its own, and says what was not understood."""
    found = run("list", document)
    lines = found.stdout.splitlines()

    assert found.exit_code == 0
    assert lines[0].split() == ["line", "id", "kind", "value", "strength"]
    assert lines[3].split() == ["9", "jwt.access-token-lifetime", "duration", "15", "minutes"]
    assert "not understood" in lines[4]
    assert lines[-1].startswith("4 requirements, 1 not understood")
    assert "\x1b" not in found.stdout


def test_list_for_programs(document: Path) -> None:
    """The list as JSON is an array of objects."""
    found = printed("list", document)

    assert [one["id"] for one in found] == [
        "version.django",
        "support.django",
        "jwt.access-token-lifetime",
        "jwt.audience",
    ]
    assert found[2] == {
        "id": "jwt.access-token-lifetime",
        "chapter": "JWT",
        "line": 9,
        "text": "Access token lifetime: 15 minutes",
        "kind": "duration",
        "value": {"seconds": 900},
        "strength": "required",
        "understood": True,
        "note": "",
        "source": None,
    }


def test_our_own_edition_is_the_default() -> None:
    """Without a file the reference specification is meant."""
    assert "jwt.rotation" in {one["id"] for one in printed("list")}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("jwt.acces-token-lifetime", "jwt.access-token-lifetime"), ("access", "jwt.access-token-lifetime")],
)
def test_show_unknown_id(document: Path, written: str, meant: str) -> None:
    """An id that is not there is a usage error that names what may be meant."""
    found = run("show", written, document)

    assert isinstance(found.exception, UsageError)
    assert meant in found.exception.hint


def test_show_what_nobody_could_mean(document: Path) -> None:
    """An id that resembles none is answered with where ids are listed."""
    found = run("show", "zzzz", document)

    assert isinstance(found.exception, UsageError)
    assert "spec list" in found.exception.hint


def test_show(document: Path) -> None:
    """A requirement is shown with its words, line and value."""
    found = run("show", "jwt.access-token-lifetime", document)

    assert found.exit_code == 0
    assert f"{document}:9" in found.stdout
    assert "15 minutes" in found.stdout


def test_show_names_the_checks() -> None:
    """The checks that verify a requirement are named."""
    assert any(one.startswith("jwt/") for one in printed("show", "jwt.rotation")["checks"])


def test_lint_with_contradictions() -> None:
    """Contradictions make exit code 1 and are told with file, line and cure."""
    found = run("lint", "--as-of", "2026-11-24")

    assert found.exit_code == 1
    assert "[licence-excluded]" in found.stdout
    assert "cure: " in found.stdout
    assert found.stdout.splitlines()[-1] == "1 contradiction, 2 warnings"


def test_lint_with_warnings_only(document: Path) -> None:
    """A warning alone is no contradiction."""
    found = run("lint", document, "--as-of", "2026-11-24")

    assert found.exit_code == 0
    assert found.stdout.splitlines()[-1] == "0 contradictions, 1 warning"


def test_lint_for_programs(document: Path) -> None:
    """Findings as JSON carry code, severity, message, lines and cure."""
    found = printed("lint", document, "--as-of", "2030-01-01")

    assert [(one["code"], one["severity"], one["lines"]) for one in found] == [
        ("support-ended", "error", [5]),
        ("unsupported-admitted", "warning", [5]),
        ("not-understood", "warning", [10]),
    ]


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "24.11.2026"])
def test_lint_on_no_day(document: Path, day: str) -> None:
    """A day that cannot be read is a usage error."""
    found = run("lint", document, "--as-of", day)

    assert isinstance(found.exception, UsageError)
    assert day in str(found.exception)


def test_diff(document: Path, write: Write, with_table: WithTable) -> None:
    """Differences are told with both values and both lines."""
    other = write(with_table("## JWT\n\n- Access token lifetime: 5 minutes"), "other.md")
    found = run("diff", document, other)

    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        "changed   jwt.access-token-lifetime",
        "  - 15 minutes (line 9)",
        "  + 5 minutes (line 9)",
        "removed   jwt.audience",
        "  - not understood: Audience: [mobile] (line 10)",
    ]
    assert run("diff", document, other, "--exit-code").exit_code == 1
    assert [one["kind"] for one in printed("diff", document, other)] == ["changed", "removed"]


def test_diff_without_differences(document: Path) -> None:
    """Equal documents differ in nothing, for people and for programs."""
    assert run("diff", document, document, "--exit-code").exit_code == 0
    assert run("diff", document, document).stdout == "no differences\n"
    assert printed("diff", document, document) == []


def test_help_loads_nothing_heavy() -> None:
    """Help is quick: neither the Markdown library nor rich is loaded for it."""
    script = (
        "import sys\nfrom stackproof.commands.spec import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "assert not {'markdown_it', 'packaging.specifiers', 'pytest'} & set(sys.modules), sorted(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "lint" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["spec", "list", "missing.md"], 2, "no such file"),
        (["spec", "show", "jwt.rotatoin"], 2, "did you mean jwt.rotation"),
        (["spec", "nonsense"], 2, "nonsense"),
    ],
)
def test_whole_command(arguments: list[str], code: int, word: str) -> None:
    """Usage errors leave the whole command with exit code 2 and one message, no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert done.returncode == code
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_table_in_a_terminal() -> None:
    """In a terminal the table is drawn by rich, and NO_COLOR leaves the colours out."""
    script = (
        "import os, pty, sys\n"
        "command = [sys.executable, '-m', 'stackproof', 'spec', 'show', 'jwt.rotation']\n"
        "sys.exit(os.waitstatus_to_exitcode(pty.spawn(command)))\n"
    )
    for extra, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        environment = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "HOME": "/tmp", **extra}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False, env=environment
        )
        assert "jwt.rotation" in done.stdout
        assert ("\x1b[36m" in done.stdout) is coloured
