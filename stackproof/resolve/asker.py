"""Many questions to the resolver: remembered, counted, with an end, and from its cache where that suffices."""

from __future__ import annotations

import time
from collections.abc import Iterable

from stackproof.resolve.answer import Answer, Conflict, Resolved, Unanswered
from stackproof.resolve.ask import Strategy, resolve

MOST = 600  # questions
LONGEST = 600.0  # seconds for all of them


class Exhausted(Unanswered):
    """The search has asked as much, or as long, as it may."""


class Asker:
    """Asks uv, and remembers.

    The first question goes to the package index, so that uv's cache is fresh. Further ones go to the cache first, which
    is ten times quicker; where it does not have what it takes they go to the index. If the index cannot be reached,
    the cache has to do.

    Attributes:
        offline: the index is not asked, by the user's wish or since it did not answer.
        unreached: why the index was not reached; empty if it was, or was not to be asked.
        asked: how many questions uv had.
    """

    def __init__(self, *, offline: bool = False) -> None:
        self.offline = offline
        self.unreached = ""
        self.asked = 0
        self._warm = False
        self._known: dict[tuple[tuple[str, ...], str, Strategy], Answer] = {}
        self._end = time.monotonic() + LONGEST

    def answer(self, requirements: Iterable[str], python: str, strategy: Strategy = "highest") -> Answer:
        """What goes together; the same question is asked once.

        Where the cache suffices the releases may be others than the index would give, but they do go together.

        Raises:
            Unanswered: neither index nor cache could tell, or the search has to end.
        """
        key = (tuple(sorted(requirements)), python, strategy)
        if key not in self._known:
            self._known[key] = self._ask(*key)
        return self._known[key]

    def fits(self, requirements: Iterable[str], python: str) -> bool:
        """Whether any releases go together."""
        return isinstance(self.answer(requirements, python), Resolved)

    def conflict(self, requirements: Iterable[str], python: str) -> Conflict:
        """Why these, which are known not to go together, do not."""
        found = self.answer(requirements, python)
        return found if isinstance(found, Conflict) else Conflict("")

    def freshly(self, requirements: Iterable[str], python: str, strategy: Strategy = "highest") -> Answer:
        """As `answer`, but of the index, as long as that is asked at all."""
        key = (tuple(sorted(requirements)), python, strategy)
        if key not in self._known:
            self._known[key] = self._from_cache(*key) if self.offline else self._from_index(*key)
        return self._known[key]

    def _ask(self, requirements: tuple[str, ...], python: str, strategy: Strategy) -> Answer:
        if self.offline:
            return self._from_cache(requirements, python, strategy)
        if self._warm:
            try:
                return self._from_cache(requirements, python, strategy)
            except Exhausted:
                raise
            except Unanswered:
                pass
        return self._from_index(requirements, python, strategy)

    def _from_index(self, requirements: tuple[str, ...], python: str, strategy: Strategy) -> Answer:
        self._count()
        try:
            found = resolve(requirements, python, strategy=strategy, anywhere=True)
        except Unanswered as error:
            self.offline, self.unreached = True, error.message
            return self._from_cache(requirements, python, strategy)
        self._warm = True
        return found

    def _from_cache(self, requirements: tuple[str, ...], python: str, strategy: Strategy) -> Answer:
        self._count()
        return resolve(requirements, python, strategy=strategy, anywhere=True, offline=True)

    def _count(self) -> None:
        if self.asked >= MOST or time.monotonic() > self._end:
            raise Exhausted(
                f"the search was ended after {self.asked} questions to uv", hint="mend what was found, and look again"
            )
        self.asked += 1
