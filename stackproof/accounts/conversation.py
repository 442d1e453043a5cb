"""A program of the service's own interpreter that stays for a while and answers line by line.

It ends when its standard input does, however this process ends, and then puts away what it made.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any, NoReturn

from stackproof.check import NotAssessed, not_assessed

WITHIN = 40.0  # seconds for one answer; before the first one the service's code is loaded
LEAVE_WITHIN = 15.0  # seconds for putting away at the end
LINE_CAP = 1_048_576  # bytes of one answer
MARK = b'{"stackproof"'


class Conversation:
    """One program, started with `python -c code`.

    Args:
        name: for reasons: "accounts in the service's own interpreter".
        variables: are added to this process's environment.

    Raises:
        NotAssessed: from every method, where the program cannot be started, ends, or gives no usable answer.
    """

    def __init__(self, name: str, python: str, code: str, folder: str, variables: Mapping[str, str]) -> None:
        self._name = name
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the program
        self._rest = b""
        self._lock = threading.Lock()
        try:
            self._process = subprocess.Popen(
                [python, "-c", code],
                cwd=folder,
                env={**os.environ, **variables},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,  # Ctrl-C is for us: the program ends in order, when its input does
            )
        except OSError as error:
            not_assessed(f"{python} cannot be run: {error.strerror}")
        atexit.register(self.close)

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return self._process.poll() is None

    def ask(self, **question: Any) -> dict[str, Any]:
        """Say one line and hear one: the answer's object.

        Raises:
            NotAssessed: also where the program says `{"trouble": …}`; that is the reason.
        """
        with self._lock:
            answer = self._ask(question)
        if trouble := answer.get("trouble"):
            raise NotAssessed(str(trouble))
        return answer

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(question).encode() + b"\n")
            stdin.flush()
        except (OSError, ValueError):
            self._give_up("ended")
        deadline = time.monotonic() + WITHIN
        while True:
            line = self._line(deadline)
            if line.startswith(MARK):  # the service may print lines of its own
                with suppress(ValueError):
                    answer = json.loads(line).get("stackproof")
                    if isinstance(answer, dict):
                        return answer

    def _line(self, deadline: float) -> bytes:
        stdout = self._process.stdout
        assert stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self.close(patient=False)
                    self._give_up("gave no answer in time")
                chunk = os.read(stdout.fileno(), 65_536)
                if not chunk:
                    self._give_up("ended")
                self._rest = (self._rest + chunk)[-LINE_CAP:]
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _give_up(self, what: str) -> NoReturn:
        from stackproof.target.programs import said

        self._errors.seek(0)
        reason = said(self._errors.read()[-65_536:])
        not_assessed(f"{self._name} {what}{f': {reason}' if reason else ''}")

    def close(self, *, patient: bool = True) -> None:
        """End the input, wait for the program to put away what it made, and kill it where it stays."""
        atexit.unregister(self.close)
        with suppress(OSError, ValueError):
            if self._process.stdin:
                self._process.stdin.close()
        try:
            self._process.wait(LEAVE_WITHIN if patient else 2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
