"""The reference pages are those that the code would write today."""

import importlib.util
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def pages():
    """{file: text}, written anew."""
    spec = importlib.util.spec_from_file_location("reference_pages", FOLDER / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


@pytest.mark.parametrize("name", ["checks.md", "requirements.md", "faults.md"])
def test_a_page_is_of_today(pages, name):
    """Otherwise run `python docs/reference/generate.py`."""
    assert (FOLDER / name).read_text(encoding="utf-8") == pages[name]


def test_the_commands_are_those_of_today(pages):
    """To the letter under the locked Typer, which sets the lines; else by their names and options."""
    written = (FOLDER / "commands.md").read_text(encoding="utf-8")
    locked = tomllib.loads((FOLDER.parents[1] / "uv.lock").read_text(encoding="utf-8"))["package"]
    if version("typer") == next(one["version"] for one in locked if one["name"] == "typer"):
        assert written == pages["commands.md"]
    names = re.compile(r"^## .*|^ +(?:-\w, )?--[\w-]+", re.MULTILINE)
    assert names.findall(written) == names.findall(pages["commands.md"])
