"""The matrix in `tox.ini` is the whole one, and its page asks for every cell."""

import configparser
import itertools
import re
from pathlib import Path

from typer.testing import CliRunner

from stackproof.report.cells import expand

ROOT = Path(__file__).parents[2]
FACTORS = (("py312", "py313"), ("lowest", "highest"), ("pg16", "pg17"), ("redis", "valkey"))
CELLS = {"-".join(one) for one in itertools.product(*FACTORS)}


def sections():
    """tox.ini as it is written."""
    read = configparser.ConfigParser(interpolation=None)
    read.read(ROOT / "tox.ini")
    return read


def test_the_matrix_has_every_cell():
    """Two Pythons, two resolutions, two PostgreSQL, and Redis beside Valkey."""
    [pattern] = [name.removeprefix("testenv:") for name in sections().sections() if "{" in name]

    assert set(expand(pattern)) == CELLS


def test_the_page_expects_every_cell():
    """One that was not run is missing on it."""
    command = sections()["testenv:matrix"]["commands"].replace("\\{", "{").replace("\\}", "}")
    [pattern] = re.findall(r"--expect (\S+)", command)

    assert set(expand(pattern)) == CELLS


def test_a_cell_asks_for_what_its_name_says():
    """Every factor leads to an option that the command has."""
    [cell] = [sections()[name] for name in sections().sections() if "{" in name]
    given = dict(re.findall(r"(--\S+) \{env:(\w+)\}", cell["commands"]))
    values = set(re.findall(r"(\w+): (\w+) = (\w+)", cell["set_env"]))

    assert set(given) == {"--resolution", "--postgres", "--redis", "--services"}
    assert {("lowest", given["--resolution"], "lowest"), ("pg17", given["--postgres"], "17")} <= values
    assert {("redis", given["--redis"], "redis"), ("valkey", given["--redis"], "valkey")} <= values
    assert {("redis", given["--services"], "testcontainers"), ("valkey", given["--services"], "embedded")} <= values
    help_text = CliRunner().invoke(command(), ["--help"], env={"COLUMNS": "200"}).stdout
    assert all(option in help_text for option in given)


def command():
    """`stackproof run` alone."""
    import typer

    from stackproof.commands.run import run

    app = typer.Typer()
    app.command()(run)
    return app
