"""Every `stackproof …` line of the documentation is one that the command takes: words, options and their values."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from stackproof.cli import _add_commands, app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
FENCE = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def lines():
    """(page, line) of each command, continued lines joined."""
    for page in PAGES:
        for block in FENCE.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                words = line.strip().removeprefix("$ ")
                if words.startswith("stackproof "):
                    yield pytest.param(words, id=f"{page.name}: {words[:60]}")


@pytest.fixture(scope="module")
def group():
    """The command with all that it has."""
    if not app.registered_commands:
        _add_commands()
    return typer.main.get_command(app)


@pytest.mark.parametrize("line", list(lines()))
def test_a_line_of_the_documentation_is_taken(group, line):
    """Parsed like a shell does, up to a pipe or a redirection; nothing is run."""
    words = shlex.split(line, comments=True)[1:]
    for number, word in enumerate(words):
        if word in {"|", "||", "&&", ";", ">", ">>", "<"}:
            words = words[:number]
            break
    command, context = group, group.make_context("stackproof", list(words))
    while hasattr(command, "resolve_command"):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    assert not context.args


def test_there_are_many(group):
    """The look above looks at something."""
    assert len(list(lines())) > 40
