"""Harmless tasks that are queued over HTTP, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.drill.parts import left_over, recovery
from stackproof.target.http import Answer
from stackproof.target.messages import text_at, value_at
from stackproof.target.session import Session
from stackproof.target.traffic import OutOfTime
from stackproof.target.undoing import Made


@dataclass(frozen=True, slots=True)
class Submitted:
    """One attempt.

    Attributes:
        task: its id where it was acknowledged, else "".
        status: of the answer; 0 where there was none.
        told: the answer in a line.
        answer: None where there was none.
    """

    task: str
    status: int
    told: str
    answer: Answer | None = None

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
        self._made = Made(celery.undo, "celery.submit")

    def sign_in(self) -> None:
        """Sign in once more; the token serves what follows."""
        self._access = self._session.login().access

    def submit(self, headers: Mapping[str, str] | None = None) -> Submitted:
        """Ask for a task.

        Args:
            headers: that the request has beside those of the descriptor.

        Raises:
            NotAssessed: the run's time budget is spent, or what was made cannot be taken back.
        """
        if not self._access:
            self.sign_in()
        operation = self._submit
        if headers:
            operation = operation.model_copy(update={"headers": {**operation.headers, **headers}})
        try:
            answer = self._session.call(operation, self._access)
        except OutOfTime:
            raise
        except NotAssessed as error:
            return Submitted("", 0, str(error))
        if not answer.ok:
            return Submitted("", answer.status, answer.describe(), answer)
        self._remember(answer)
        return Submitted(text_at(answer.json(), self._celery.task_id), answer.status, answer.describe(), answer)

    def _remember(self, answer: Answer) -> None:
        named = self._celery.undo_id or self._celery.task_id
        made = text_at(answer.json(), named)
        if made:
            self._made.add(self._session, self._access, made)
        elif self._made.can_be_undone:
            not_assessed(f"{answer.describe()}, and names nothing in {named!r}: what it made cannot be taken back")

    def close(self) -> None:
        """Take back what was made beside the tasks.

        Raises:
            NotAssessed: something could not be taken back; the first of them is named.
        """
        self._made.take_back(lambda: self._session.login().access)

    def accepted(self, headers: Mapping[str, str] | None = None) -> Submitted:
        """A task that the service took.

        Raises:
            NotAssessed: it took none.
        """
        one = self.submit(headers)
        if not one.acknowledged:
            not_assessed(f"control failed: {one.told} and named no task in {self._celery.task_id!r}")
        return one

    def control(self, within: float) -> None:
        """An ordinary task is taken and done in time; without that nothing can be said of others.

        Raises:
            NotAssessed: it is not.
        """
        task = self.accepted().task
        if recovery(lambda: self.done(task), within) is None:
            not_assessed(f"control failed: a task was not done within {within:g} s although nothing was broken")

    def look(self, task: str) -> tuple[Answer, str]:
        """(the answer, the state of a task in it or "")."""
        answer = self._session.call(self._status, self._access, id=task)
        told = value_at(answer.json(), self._celery.state) if answer.ok else None
        return answer, "" if told is None else str(told)

    def done(self, task: str) -> bool:
        """Whether a task is done by now."""
        return self.look(task)[1] == self._celery.done

    def works(self, within: float) -> bool:
        """Whether a new task is taken and done."""
        one = self.submit()
        return one.acknowledged and not self.left_undone([one.task], within)

    def left_undone(self, tasks: Iterable[str], within: float) -> list[str]:
        """Those that are not done after so many seconds."""
        return left_over(tasks, self.done, within)
