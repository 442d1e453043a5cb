"""Starting a foreign service as a process of its own, and ending it with whoever started it.

`start` runs this file as a program, which runs the service: it ends when its standard input does, so that a
service cannot outlive a test run that was killed.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import secrets
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
READY_WITHIN = 30.0  # seconds for the line that names the port
STOP_WITHIN = 5.0  # seconds between asking a service to end and killing it
USERNAME = "rider@example.com"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A running service.

    Attributes:
        descriptor: its stackproof.toml, deleted with the service.
        folder: an empty-to-begin-with folder for whoever uses the service.
    """

    base_url: str
    process: subprocess.Popen[str]
    username: str
    password: str
    descriptor: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment, and the account under the names that a descriptor takes for granted."""
        return {**os.environ, "STACKPROOF_USERNAME": self.username, "STACKPROOF_PASSWORD": self.password}


@contextmanager
def start(module: str, *flags: str) -> Iterator[Foreign]:
    """Run `tests/foreign/<module>.py` with those flags until the block is left.

    Raises:
        RuntimeError: it did not name its port in time; its standard error is in the message.
    """
    password = secrets.token_urlsafe(18)
    with tempfile.TemporaryDirectory(prefix="foreign-") as name:
        folder = Path(name)
        errors = folder / "stderr"
        with errors.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, str(HERE / "launch.py"), str(HERE / f"{module}.py"), *flags],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                cwd=folder,
                env={**os.environ, "FOREIGN_USERNAME": USERNAME, "FOREIGN_PASSWORD": password},
            )
        try:
            base_url = f"http://127.0.0.1:{_port(process, errors)}"
            descriptor = folder / "stackproof.toml"
            text = importlib.import_module(f"tests.foreign.{module}").descriptor(base_url, flags)
            descriptor.write_text(text, encoding="utf-8")
            yield Foreign(base_url, process, USERNAME, password, descriptor, folder)
        finally:
            _stop(process)


def _port(process: subprocess.Popen[str], errors: Path) -> int:
    stdout = process.stdout
    assert stdout is not None
    ready, _, _ = select.select([stdout], [], [], READY_WITHIN)
    line = stdout.readline() if ready else ""
    if not line:
        raise RuntimeError(f"the service named no port within {READY_WITHIN:g} s: {errors.read_text()[-2000:]}")
    return int(json.loads(line)["port"])


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_WITHIN)
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def _end_with(pipe: IO[bytes]) -> None:
    pipe.read()
    os._exit(1)


if __name__ == "__main__":
    sys.path.pop(0)  # this folder: the services' names must hide no library's
    threading.Thread(target=_end_with, args=(sys.stdin.buffer,), daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
