"""Running the command as a user does: as a process, with its exit code, its output and its errors."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def stackproof(tmp_path):
    """Run `stackproof …` in an empty folder; nothing that it prints may be a traceback."""

    def run(*arguments, timeout=120, env=None, cwd=None):
        done = subprocess.run(
            [sys.executable, "-m", "stackproof", *map(str, arguments)],
            cwd=cwd or tmp_path,
            env={**os.environ, "COLUMNS": "120", **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert "Traceback" not in done.stderr + done.stdout
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
