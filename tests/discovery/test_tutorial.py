"""docs/own-service.md: its commands work as they stand, and its tables are tables of a descriptor."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from stackproof.descriptor.reading import parse_descriptor
from tests.discovery.test_init import command
from tests.foreign.launch import start
from tests.pages import ROOT, blocks, commands

FILE = ROOT / "docs" / "own-service.md"
PAGE = FILE.read_text(encoding="utf-8")
BASE = {"target": {"base_url": "https://staging.example.com"}}
AUTH = {"login": {"path": "/login"}, "protected": {"path": "/me"}}


@pytest.mark.parametrize("number", range(len(blocks(FILE, "toml"))))
def test_every_table_is_valid(number, tmp_path):
    """Each example fits the model, put beside the least that a file needs."""
    data = tomllib.loads(blocks(FILE, "toml")[number])
    auth = {**AUTH, **data.get("auth", {})}

    parse_descriptor({**BASE, **data, "auth": auth}, tmp_path / "stackproof.toml")


@pytest.mark.slow
def test_the_commands_work_in_the_order_of_the_page():
    """init, doctor and run on a service that was not written for the page."""
    shown = commands(FILE)
    shown += re.findall(r"`(stackproof run [^`]*--only[^`]*)`", PAGE)
    codes = []
    with start("fastapi_oauth") as service:
        service.descriptor.unlink()
        for line in shown:
            if line.startswith("stackproof "):
                words = shlex.split(line.replace("https://staging.example.com", service.base_url))[1:]
                codes.append((words[0], command(service, *words).returncode))

    assert [name for name, _ in codes] == ["init", "doctor", "run", "run"]
    assert [code for name, code in codes if name != "run"] == [0, 0]
    assert {code for name, code in codes if name == "run"} <= {0, 1, 4}


def test_every_option_of_the_page_exists():
    """No option is named that the command does not have."""
    helped = "".join(
        command(None, name, "--help", cwd=Path.cwd(), env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"}).stdout
        for name in ("init", "doctor", "run")
    )
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)):
        assert option in helped, option
