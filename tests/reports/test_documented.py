"""Every command of docs/reports.md runs, as it stands there."""

import re
import shutil
import subprocess
import sys

import pytest

from stackproof.report.files import load
from stackproof.report.formats import FORMATS
from tests.foreign.launch import start
from tests.pages import ROOT, commands
from tests.reports import made

PAGE = ROOT / "docs" / "reports.md"
TEXT = PAGE.read_text()
COMMANDS = commands(PAGE)
CODES = {
    "render": 1,
    "report": 1,
    "replay": 4,
}  # the example is violated; its checks need a clock that this service lacks


def test_every_format_is_on_the_page():
    """With its usual file, and no other format is."""
    rows = re.findall(r"^\| (`[^|]*) \|[^|]*\| (`[^|]*) \|$", TEXT, re.MULTILINE)
    told = dict(zip(re.findall(r"`([\w-]+)`", " ".join(one for one, _ in rows)),
                    re.findall(r"`([^`]+)`", " ".join(two for _, two in rows)), strict=True))  # fmt: skip

    assert told == {one.name: one.file for one in FORMATS}


@pytest.mark.slow
def test_every_command_of_the_page_runs(tmp_path):
    """One after another in one folder, with the exit code that the page promises."""
    assert len(COMMANDS) > 8
    shutil.copy(made.EXAMPLE, tmp_path / "report.json")
    for number, report in enumerate((made.example(),) * 2, 1):
        folder = tmp_path / f"shard-{number}"
        folder.mkdir()
        (folder / "report.json").write_text(report.model_dump_json().replace(report.run_id, f"run-{number}"))
    with start("stdlib_opaque") as service:
        shutil.copy(service.descriptor, tmp_path / "stackproof.toml")
        for command in COMMANDS:
            words = command.split()
            if words[0] == "stackproof":
                words = [sys.executable, "-m", *words]
            done = subprocess.run(
                words, cwd=tmp_path, env=service.environment, capture_output=True, text=True, timeout=180, check=False
            )
            expected = 0 if "--list" in words else CODES.get(command.split()[1], 0)
            assert done.returncode == expected, (command, done.stdout, done.stderr)
    assert load(tmp_path / "whole").counts == made.example().counts
