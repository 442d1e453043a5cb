"""What the command says of itself: an example everywhere, the likely word for a wrong one, completion, no prompts."""

import ast
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from stackproof.cli import _add_commands, app
from tests.pages import taken

ROOT = Path(__file__).parents[2]


def tree(command, context, words=("stackproof",)):
    """(words, command, context) of the command and of everything below it."""
    yield words, command, context
    for name, below in getattr(command, "commands", {}).items():
        inner = typer.Context(below, info_name=name, parent=context)
        yield from tree(below, inner, (*words, name))


def root():
    """The command with all that it has."""
    if not app.registered_commands:
        _add_commands()
    return typer.main.get_command(app)


ALL = list(tree(root(), typer.Context(root(), info_name="stackproof")))


@pytest.mark.parametrize(("words", "command", "context"), ALL, ids=[" ".join(one[0]) for one in ALL])
def test_every_help_has_an_example_that_the_command_takes(words, command, context):
    """Of itself, or of a command below it."""
    lines = [line.strip() for line in command.get_help(context).splitlines()]
    examples = [line for line in lines if line.startswith(" ".join(words) + " ") or line == " ".join(words)]
    examples = [one.partition("   ")[0] for one in examples]

    assert examples
    for one in examples:
        taken(root(), one)


def stackproof(*words, env=(), **options):
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "stackproof", *words],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **dict(env)}, **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("rn", "Did you mean 'run'?"),
        ("run --onyl jwt.rotation", "--only"),
        ("spec lsit", "Did you mean 'list'"),
        ("schema reprot", "did you mean report?"),
        ("run --services embeded", "did you mean embedded?"),
        ("run --profile remot", "did you mean remote?"),
        ("doctor --profile ful", "did you mean full?"),
        ("diff a b --format markdwon", "did you mean markdown?"),
        ("run --suite jwtt", "did you mean jwt?"),
        ("run --only jwt.rotatoin", "did you mean jwt.rotation"),
        ("explain jwt.rotatoin", "did you mean jwt.rotation"),
        ("spec show jwt.rotatio", "did you mean jwt.rotation"),
        ("render x --format htlm", "did you mean html?"),
        ("prove --fault rotaton_off", "did you mean rotation_off"),
        ("prove --variation behind_proxy", "did you mean behind_a_proxy"),
        ("new check jwt.rotatoin", "did you mean jwt.rotation"),
        ("run --target stackprof.toml", "did you mean stackproof.toml?"),
        ("doctor --target absent/nothing.toml", "`stackproof init URL` writes one"),
    ],
)
def test_a_wrong_word_is_answered_with_the_likely_one(line, told, tmp_path):
    """With exit code 2, and without a traceback."""
    (tmp_path / "stackproof.toml").write_text('[target]\nbase_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    done = stackproof(*shlex.split(line), cwd=tmp_path)

    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("stackproof re", {"rehearse", "render", "replay", "report", "review"}),
        ("stackproof run --fail", {"--fail-fast"}),
        ("stackproof run --services e", {"embedded", "external"}),
        ("stackproof explain jwt.rot", {"jwt.rotation"}),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_words_are_completed(shell, line, offered):
    """As each shell's own script asks for them: commands, options, and the words that a value may be."""
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    program = Path(sys.executable).with_name("stackproof")
    done = subprocess.run(
        [str(program)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, **asked, "_STACKPROOF_COMPLETE": f"complete_{shell}"},
    )  # fmt: skip
    found = set(re.findall(r"[\w.-]+", done.stdout))

    assert offered <= found, done.stdout
    assert "jwt.blacklist" not in found


def test_the_script_for_bash_completes_in_bash():
    """The script that is printed, in the shell itself."""
    program = Path(sys.executable).parent
    script = (
        'eval "$(_STACKPROOF_COMPLETE=source_bash stackproof)"\n'
        "COMP_WORDS=(stackproof explain jwt.rota); COMP_CWORD=2; _stackproof_completion stackproof\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PATH": f"{program}:{os.environ['PATH']}"},
    )  # fmt: skip

    assert done.stdout.split() == ["jwt.rotation"], done.stderr


def test_colours_are_for_terminals_that_want_them(tmp_path):
    """None when piped; none with NO_COLOR even where colours are forced; some where they are forced."""
    report = str(ROOT / "reports" / "example" / "report.json")
    plain = stackproof("render", report)
    forced = stackproof("render", report, env={"FORCE_COLOR": "1"})
    refused = stackproof("render", report, env={"FORCE_COLOR": "1", "NO_COLOR": "1"})

    assert "\x1b[" not in plain.stdout
    assert "\x1b[" in forced.stdout
    assert not {f"\x1b[{number}m" for number in range(30, 38)} & set(refused.stdout.split())
    assert "\x1b[31m" not in refused.stdout
    assert "\x1b[1;31m" not in refused.stdout


def test_nothing_is_ever_asked():
    """No module of the core has a prompt, at a terminal or without one."""
    asking = {"input", "prompt", "confirm", "getpass"}
    for path in (ROOT / "stackproof").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                assert name not in asking, f"{path}:{node.lineno}"


def test_checks_are_known_without_the_driver_of_databases():
    """Every process of a run reads them, and the driver takes a while to load."""
    script = (
        "import sys\nfrom stackproof.harness import put_tree_on_path\nput_tree_on_path()\n"
        "from stackproof.registry import load_checks\nassert load_checks()\nassert 'psycopg' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
