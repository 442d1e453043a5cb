"""A row of ours in the service's schedule, to see whether beat sends what is due."""

from __future__ import annotations

import json
import secrets
import time
from types import TracebackType

from stackproof.check import NotAssessed
from stackproof.evidence import Recorder
from stackproof.target.project import ProjectView
from stackproof.tasks.bench import VARIABLE

LOOK_EVERY = 0.2  # seconds


class ScheduledRow:
    """A row that is due at once, and whose queue nobody reads; as a context. Row and queue are removed at its end.

    Raises:
        NotAssessed: where the row cannot be made or the broker cannot be looked into.
    """

    def __init__(self, project: ProjectView, app: str, recorder: Recorder) -> None:
        self.name = f"stackproof-{secrets.token_hex(6)}"
        self._recorder = recorder
        self._driver = project.conversation("celery_beat", **{VARIABLE: json.dumps({"app": app, "name": self.name})})

    def __enter__(self) -> ScheduledRow:
        try:
            self._driver.ask(do="add")
        except BaseException:
            self._driver.close()
            raise
        self._recorder.add("note", f"added {self.name} to the service's schedule, for a queue of the same name")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._driver.ask(do="tidy")
            self._recorder.add("note", f"removed {self.name} from the schedule and the broker")
        except NotAssessed as trouble:
            self._recorder.add("note", f"{self.name} could not be removed from the schedule: {trouble}")
        finally:
            self._driver.close()

    def arrived(self, within: float) -> bool:
        """Whether beat has sent it, waiting at most that many seconds."""
        deadline = time.monotonic() + within
        while not self._driver.ask(do="look")["arrived"]:
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_EVERY)
        return True
