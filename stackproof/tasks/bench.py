"""Workers and tasks of our own on the service's Celery application, apart from the service's workers.

Every key on the broker has a prefix of ours, so that neither side ever sees a message of the other; what is judged is
the service's configuration. Workers and driver are programs of the service's own interpreter, and end with us.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from stackproof.check import NotAssessed, not_assessed
from stackproof.evidence import Recorder, Redactor
from stackproof.target.project import ProjectView
from stackproof.tasks.last_words import last_words
from stackproof.tasks.poison import Poison

PROBE = "celery_bench"
VARIABLE = "STACKPROOF_BENCH"
READY_WITHIN = 60.0  # seconds for a worker to load the service's code
LOOK_EVERY = 0.05
LOG_CAP = 65_536  # bytes of a worker's log that are read for a reason


@dataclass(frozen=True, slots=True)
class Left:
    """Messages of ours on the broker: those that wait, and those that a worker has and did not acknowledge."""

    queued: int
    unacked: int

    @property
    def nothing(self) -> bool:
        """Whether the broker has no message of ours."""
        return not self.queued and not self.unacked


class Worker:
    """One worker of ours."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self._process = process
        self._log = log

    @property
    def alive(self) -> bool:
        """Whether its main process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of its main process."""
        return self._process.pid

    def why(self) -> str:
        """The exception among the last lines that it wrote, else the last line."""
        return last_words(self._log.read_bytes()[-LOG_CAP:].decode("utf-8", "replace"))

    def kill(self) -> None:
        """SIGKILL for it and its children at the same moment: a child that is left would finish its task."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()


class Bench:
    """Our queue on the service's broker, as a context; nothing of it stays.

    Args:
        app: the Celery application, as `celery -A` takes it.
        options: of the task `stackproof.hold`; what is not given is the application's default.
        transport: options of the broker's transport that are set otherwise.
        conf: settings of the application that are set otherwise.

    Raises:
        NotAssessed: where the application cannot be loaded, the broker cannot be reached or a worker does not start.
    """

    def __init__(
        self,
        project: ProjectView,
        app: str,
        recorder: Recorder,
        redactor: Redactor,
        *,
        options: Mapping[str, Any] | None = None,
        transport: Mapping[str, Any] | None = None,
        conf: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = f"stackproof-{secrets.token_hex(6)}"
        self._project = project
        self._recorder = recorder
        self._redactor = redactor
        self._told = {"app": app, "name": self.name, "options": options or {}, "transport": transport or {}}
        self._told["conf"] = conf or {}
        self._stack = ExitStack()
        self._workers = 0

    def __enter__(self) -> Bench:
        folder = tempfile.TemporaryDirectory(prefix="stackproof-bench-", ignore_cleanup_errors=True)
        self._folder = Path(self._stack.enter_context(folder))
        self._told["folder"] = str(self._folder)
        with self._closing_on_error():
            self._driver = self._project.conversation(PROBE, **self._variables("driver"))
            self._stack.callback(self._driver.close)
            self._stack.callback(self._put_away)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _closing_on_error(self) -> ExitStack:
        guarded = ExitStack()
        guarded.push(lambda kind, *_: self._stack.close() if kind else None)
        return guarded

    def _variables(self, role: str, **more: str) -> dict[str, str]:
        return {VARIABLE: json.dumps({"role": role, **self._told, **more})}

    def _put_away(self) -> None:
        """Before the driver goes; it does the same once more by itself, after a run that was cut short."""
        try:
            done = self._driver.ask(do="tidy")
        except NotAssessed as error:
            done = {"left_behind": str(error)}
        told = f"removed {done.get('removed', 0)} keys of {self.name} from the broker"
        trouble = str(done.get("left_behind") or "")
        self._recorder.add("note", f"{told}; could not remove: {trouble}" if trouble else told)

    # -- workers -------------------------------------------------------------------------------------------

    def worker(self) -> Worker:
        """Start a worker of our queue and wait until it is ready; it is killed at the end."""
        worker = self.starting_worker()
        self.ready(worker)
        return worker

    def starting_worker(self) -> Worker:
        """Start a worker without waiting for it."""
        self._workers += 1
        name = f"{self.name}-{self._workers}"
        command, folder, variables = self._project.program(PROBE, **self._variables("worker", worker=name))
        log = self._folder / f"{name}.log"
        # a worker of root refuses to start where pickle is accepted; whether it is, is what we look at
        environment = {**os.environ, **variables, "C_FORCE_ROOT": "1"}
        try:
            with log.open("ab") as output:
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.PIPE,  # it ends when this does
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            not_assessed(f"{command[0]} cannot be run: {error.strerror}")
        worker = Worker(name, process, log)
        self._stack.callback(worker.kill)
        return worker

    def ready(self, worker: Worker) -> None:
        """Wait until a worker takes tasks; the driver is asked first, for it says at once where the broker is away."""
        self.left()
        if not self.until(lambda: self.marks("ready", worker.name) > 0 or not worker.alive, READY_WITHIN):
            not_assessed(f"our worker of the service's application was not ready within {READY_WITHIN:g} s")
        if not self.marks("ready", worker.name):
            not_assessed(f"our worker of the service's application did not start: {self.why(worker)}")

    def why(self, worker: Worker) -> str:
        """What ended a worker, in its own words."""
        return self._redactor.text(worker.why())

    # -- tasks ---------------------------------------------------------------------------------------------

    def hold(self, lasting: float = 0.0) -> str:
        """Queue a task that leaves a mark at its beginning and, `lasting` seconds later, at its end; gives its name."""
        return self.send("stackproof.hold", lasting)

    def send(self, task: str, *arguments: Any) -> str:
        """Queue a task whose id is its first argument."""
        name = str(uuid.uuid4())
        self._driver.ask(do="send", task=task, ident=name, args=[name, *arguments])
        return name

    def raw(self, body: bytes, content_type: str, headers: Mapping[str, Any], **more: Any) -> None:
        """Put a message into our queue as it is."""
        given = {"content_encoding": "utf-8", **more}
        text = base64.b64encode(body).decode()
        self._driver.ask(do="raw", body=text, content_type=content_type, headers=dict(headers), **given)

    def poison(self, poison: Poison) -> None:
        """Queue a message that is none of a task."""
        self.raw(
            poison.body,
            poison.content_type,
            poison.headers,
            content_encoding=poison.content_encoding,
            ident=poison.headers.get("id", ""),
        )

    def left(self) -> Left:
        """What the broker has of ours."""
        answer = self._driver.ask(do="left")
        return Left(int(answer["queued"]), int(answer["unacked"]))

    def result(self, name: str) -> tuple[str, str]:
        """(state, value) of a task in the service's result backend."""
        answer = self._driver.ask(do="result", ident=name)
        return str(answer["state"]), str(answer["result"])

    def marks(self, what: str, name: str) -> int:
        """How often a task left this mark: "start" or "effect"."""
        return len(self._pids(what, name))

    def child(self, name: str) -> int:
        """The process that began this task."""
        return self._pids("start", name)[-1]

    def _pids(self, what: str, name: str) -> list[int]:
        try:
            lines = (self._folder / "marks").read_text(encoding="ascii").splitlines()
        except OSError:
            return []
        split = [line.split() for line in lines]
        return [int(one[2]) for one in split if len(one) == 3 and one[:2] == [what, name]]

    def done(self, name: str, within: float) -> bool:
        """Whether a task has had its effect, waiting for it at most that many seconds."""
        return self.until(lambda: self.marks("effect", name) > 0, within)

    @staticmethod
    def until(look: Callable[[], bool], within: float) -> bool:
        """Look until it is true, at most `within` seconds."""
        deadline = time.monotonic() + within
        while not look():
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_EVERY)
        return True
