"""Workshops, and the command as a user runs it."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackproof.harness import put_tree_on_path
from tests.rehearse.workshop import open_workshop

put_tree_on_path()


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def temporary():
    """A folder for temporary files that every user may pass through, as /tmp is; pytest's own are closed."""
    path = Path(tempfile.mkdtemp(prefix="sp-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def workshop(tmp_path):
    """Open a workshop on a free port."""

    def opened(**options):
        from fixtures.processes import free_port

        return open_workshop(tmp_path, free_port(), **options)

    return opened


@pytest.fixture
def rehearse(tmp_path, temporary):
    """Run `stackproof rehearse …`; nothing that it prints may be a traceback, nothing of its scratch may stay."""

    def run(*arguments, env=None, timeout=400):
        done = subprocess.run(
            [sys.executable, "-m", "stackproof", "rehearse", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", "TMPDIR": str(temporary), **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert "Traceback" not in done.stderr + done.stdout
        assert "fault of the harness" not in done.stderr
        assert list(temporary.glob("stackproof-*")) == []
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
