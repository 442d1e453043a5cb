"""Harmless tasks that are queued over HTTP, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.drill.parts import left_over, recovery
from stackproof.target.messages import text_at, value_at
from stackproof.target.session import Session
from stackproof.target.traffic import OutOfTime


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
        """Ask for a task.

        Raises:
            NotAssessed: the run's time budget is spent.
        """
        if not self._access:
            self.sign_in()
        try:
            answer = self._session.call(self._submit, self._access)
        except OutOfTime:
            raise
        except NotAssessed as error:
            return Submitted("", 0, str(error))
        task = text_at(answer.json(), self._celery.task_id) if answer.ok else ""
        return Submitted(task, answer.status, answer.describe())

    def accepted(self) -> str:
        """The id of a task that the service took.

        Raises:
            NotAssessed: it took none.
        """
        one = self.submit()
        if not one.acknowledged:
            not_assessed(f"control failed: {one.told} and named no task in {self._celery.task_id!r}")
        return one.task

    def control(self, within: float) -> None:
        """An ordinary task is taken and done in time; without that nothing can be said of others.

        Raises:
            NotAssessed: it is not.
        """
        task = self.accepted()
        if recovery(lambda: self.done(task), within) is None:
            not_assessed(f"control failed: a task was not done within {within:g} s although nothing was broken")

    def done(self, task: str) -> bool:
        """Whether a task is done by now."""
        answer = self._session.call(self._status, self._access, id=task)
        return answer.ok and str(value_at(answer.json(), self._celery.state)) == self._celery.done

    def works(self, within: float) -> bool:
        """Whether a new task is taken and done."""
        one = self.submit()
        return one.acknowledged and not self.left_undone([one.task], within)

    def left_undone(self, tasks: Iterable[str], within: float) -> list[str]:
        """Those that are not done after so many seconds."""
        return left_over(tasks, self.done, within)
