"""Harmless tasks that are queued over HTTP, and what became of them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.target.http import Answer
from stackproof.target.session import Session

LOOK_EVERY = 0.25  # seconds


@dataclass(frozen=True, slots=True)
class Submitted:
    """One attempt.

    Attributes:
        task: its id where it was acknowledged, else "".
        status: of the answer; 0 where there was none.
        told: the answer in a line.
    """

    task: str
    status: int
    told: str

    @property
    def acknowledged(self) -> bool:
        """Whether the service took the task."""
        return bool(self.task)


class Tasks:
    """Tasks of the operations [celery.submit] and [celery.status].

    Raises:
        NotAssessed: the descriptor does not give them, or nobody can sign in.
    """

    def __init__(self, descriptor: Descriptor, session: Session) -> None:
        celery = descriptor.celery
        if celery is None or celery.submit is None or celery.status is None:
            not_assessed("[celery.submit] and [celery.status] are not given: they say how a harmless task is queued")
        self._celery = celery
        self._submit, self._status = celery.submit, celery.status
        self._session = session
        self._access = ""

    def sign_in(self) -> None:
        """Sign in once more; the token serves what follows."""
        self._access = self._session.login().access

    def submit(self) -> Submitted:
        """Ask for a task."""
        if not self._access:
            self.sign_in()
        try:
            answer = self._session.call(self._submit, self._access)
        except NotAssessed as error:
            return Submitted("", 0, str(error))
        return Submitted(self._id_in(answer) if answer.ok else "", answer.status, answer.describe())

    def done(self, task: str) -> bool:
        """Whether a task is done by now."""
        answer = self._session.call(self._status, self._access, id=task)
        body = answer.json()
        return answer.ok and isinstance(body, dict) and str(body.get(self._celery.state)) == self._celery.done

    def works(self, within: float) -> bool:
        """Whether a new task is taken and done."""
        one = self.submit()
        return one.acknowledged and not self.left_undone([one.task], within)

    def left_undone(self, tasks: Iterable[str], within: float) -> list[str]:
        """Those that are not done after so many seconds."""
        left, deadline = list(tasks), time.monotonic() + within
        while True:
            left = [one for one in left if not self._is_done(one)]
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(LOOK_EVERY)

    def _is_done(self, task: str) -> bool:
        try:
            return self.done(task)
        except NotAssessed:
            return False

    def _id_in(self, answer: Answer) -> str:
        body = answer.json()
        task = body.get(self._celery.task_id) if isinstance(body, dict) else None
        return str(task) if isinstance(task, str | int) else ""
