"""Every `stackproof …` line of the documentation is one that the command takes: words, options and their values."""

import pytest
import typer

from stackproof.cli import _add_commands, app
from tests.pages import ROOT, commands, taken

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def lines():
    """(page, line) of each command, continued lines joined."""
    for page in PAGES:
        for words in commands(page):
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
    taken(group, line)


def test_there_are_many(group):
    """The look above looks at something."""
    assert len(list(lines())) > 40
