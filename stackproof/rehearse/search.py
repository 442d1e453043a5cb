"""Which of many changes breaks something: a search that is pure, and asks as seldom as it can.

The search keeps two sets, one that holds and one that fails, and tries a set between them until nothing is left to try:
what tells the two apart belongs to the culprit. Where it does not fail by itself, it needs something of the rest, and
the search goes on there. Sets that do not resolve are neither good nor bad, and are never taken for one of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, pairwise

type Parts = frozenset[str]
type Test = Callable[[Parts, int], Outcome]
type Conflict = Callable[[Parts], Parts | None]

MOST_RUNS = 60
PAIRED = 8  # parts among which pairs are looked for
REPEATS = 2  # failures of the same set that are seen before it is named


class Outcome(StrEnum):
    """What a run with some of the changes came to."""

    FAILS = "fails"
    HOLDS = "holds"
    UNRESOLVED = "unresolved"  # it cannot be told: the set does not resolve, or fails in another way


@dataclass(frozen=True, slots=True)
class Step:
    """One run.

    Attributes:
        tried: the changes that were made, in the caller's order; all others were left out.
    """

    tried: tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """The smallest set of changes that fails by itself.

    Attributes:
        culprit: the changes; more than one where only together they fail, or nothing could tell them apart.
        companions: changes that had to come along, since the culprit does not resolve without them.
        failed, repeated: how often this very set failed, of how many runs of it.
        minimal: every smaller set that resolves was seen to hold, or follows from one that was.
        given_up: the limit of runs was reached; the set fails, and may be smaller.
        nobody: it fails without any of the changes, too, so that none of them is to blame; `culprit` is empty.
    """

    culprit: tuple[str, ...]
    companions: tuple[str, ...]
    failed: int
    repeated: int
    minimal: bool
    given_up: bool
    steps: tuple[Step, ...]
    nobody: bool = False

    @property
    def steady(self) -> bool:
        """Whether it failed as often as it was tried, and more than once."""
        return self.failed == self.repeated >= REPEATS

    @property
    def runs(self) -> int:
        """How many runs the search took."""
        return len(self.steps)


def find_culprit(changes: Sequence[str], test: Test, conflict: Conflict, most: int = MOST_RUNS) -> Found:
    """The culprit among changes that fail together, where none of them was seen to hold.

    Args:
        changes: at least one; neighbours in it are kept together for longest.
        test: a run with just these changes; the number counts the runs of this same set, from 1.
        conflict: cheap: None where just these changes can be made; else the changes that the refusal speaks of, as far
            as it can be told: those that are missing are tried first.
        most: runs after which the search gives up.
    """
    return _Search(changes, test, conflict, most).find()


class _Search:
    def __init__(self, changes: Sequence[str], test: Test, conflict: Conflict, most: int) -> None:
        self._order = {one: number for number, one in enumerate(changes)}
        self._test, self._conflict, self._most = test, conflict, most
        self._refusals: dict[Parts, Parts | None] = {frozenset(): None, frozenset(changes): None}
        self._known: dict[Parts, Outcome] = {frozenset(): Outcome.HOLDS, frozenset(changes): Outcome.FAILS}
        self._times: dict[Parts, list[Outcome]] = {frozenset(changes): [Outcome.FAILS]}
        self._steps: list[Step] = []
        self._given_up = False

    def find(self) -> Found:
        good: Parts = frozenset()
        bad: Parts = frozenset(self._order)
        groups: list[Parts] = []
        while True:
            good, bad = self._narrowed(good, bad)
            groups.append(bad - good)
            alone = self._closed(frozenset().union(*groups), bad)
            outcome = self._outcome(alone)
            if outcome is not Outcome.HOLDS:
                break
            good = alone  # it needs something of what is left between
        told = outcome is Outcome.FAILS
        failing = alone if told else bad
        if told and len(groups) > 1:
            groups, failing = self._without_needless(groups, failing)
        culprit = frozenset().union(*groups) & failing
        self._repeat(failing)
        times = self._times[failing]
        nobody = self._fails_anyway()
        return Found(
            culprit=() if nobody else self._listed(culprit),
            companions=() if nobody else self._listed(failing - culprit),
            failed=times.count(Outcome.FAILS),
            repeated=len(times),
            minimal=told and not self._given_up and all(len(one) == 1 for one in groups),
            given_up=self._given_up,
            steps=tuple(self._steps),
            nobody=nobody,
        )

    def _fails_anyway(self) -> bool:
        """Whether it fails without any change: asked where no run held, since the world may have changed meanwhile."""
        if any(one.outcome is Outcome.HOLDS for one in self._steps):
            return False
        return self._run(frozenset()) is Outcome.FAILS

    def _listed(self, parts: Parts) -> tuple[str, ...]:
        return tuple(sorted(parts, key=self._order.__getitem__))

    def _can(self, parts: Parts) -> bool:
        return self._refusal(parts) is None

    def _refusal(self, parts: Parts) -> Parts | None:
        if parts not in self._refusals:
            self._refusals[parts] = self._conflict(parts)
        return self._refusals[parts]

    def _outcome(self, parts: Parts) -> Outcome:
        """What is known of a set, or a run of it."""
        if parts not in self._known:
            self._known[parts] = self._run(parts) if self._can(parts) else Outcome.UNRESOLVED
        return self._known[parts]

    def _run(self, parts: Parts) -> Outcome:
        if len(self._steps) >= self._most:
            self._given_up = True
            return Outcome.UNRESOLVED
        times = self._times.setdefault(parts, [])
        outcome = self._test(parts, len(times) + 1)
        times.append(outcome)
        self._steps.append(Step(self._listed(parts), outcome))
        return outcome

    def _repeat(self, parts: Parts) -> None:
        """See it fail once more; where it does not, a third run tells how unsteady it is."""
        times = self._times[parts]
        while len(times) < REPEATS or (len(times) <= REPEATS and Outcome.FAILS in times and len(set(times)) > 1):
            before = len(times)
            self._run(parts)
            if len(times) == before:  # the limit was reached
                return

    def _narrowed(self, good: Parts, bad: Parts) -> tuple[Parts, Parts]:
        """Two sets that hold and fail, and have nothing between them that could be tried."""
        while not self._given_up and (middle := self._between(good, bad)) is not None:
            match self._outcome(middle):
                case Outcome.FAILS:
                    bad = middle
                case Outcome.HOLDS:
                    good = middle
                case Outcome.UNRESOLVED:
                    continue  # remembered, so that another one is tried
        return good, bad

    def _between(self, good: Parts, bad: Parts) -> Parts | None:
        """A set between the two that resolves, as near to the middle as can be found; None where there is none."""
        rest = self._listed(bad - good)
        pieces = 2
        while len(rest) > 1:
            for grown in (False, True):  # those that resolve as they are come first
                for piece in _pieces(rest, pieces):
                    for wanted in (good | piece, bad - piece):
                        middle = self._closed(wanted, bad) if grown else wanted
                        if good < middle < bad and self._untried(middle):
                            return middle
            if pieces >= len(rest):
                return None
            pieces = min(pieces * 2, len(rest))
        return None

    def _untried(self, parts: Parts) -> bool:
        """Whether something may come of trying it: it resolves, and no run of it was in vain."""
        return self._known.get(parts) is not Outcome.UNRESOLVED and self._can(parts)

    def _closed(self, parts: Parts, within: Parts) -> Parts:
        """The smallest set found that has these parts, lies within another one that resolves, and resolves."""
        kept = self._grown(parts, within)
        size = max(1, len(kept - parts) // 2)
        while kept != parts:
            before = kept
            for piece in _sized(self._listed(kept - parts), size):
                if self._can(kept - piece):
                    kept = kept - piece
            if size > 1:
                size //= 2
            elif kept == before:
                pair = self._needless_pair(kept, parts)
                if not pair:
                    return kept
                kept = kept - pair
        return kept

    def _grown(self, parts: Parts, within: Parts) -> Parts:
        """A set that resolves: the parts, and step by step what the refusals speak of."""
        while (refusal := self._refusal(parts)) is not None:
            more = (refusal & within) - parts
            if not more:
                return within
            parts = parts | more
        return parts

    def _needless_pair(self, kept: Parts, parts: Parts) -> Parts:
        """Two that need each other and nobody else needs; looked for among few, as each pair takes a try."""
        rest = self._listed(kept - parts)
        if len(rest) > PAIRED:
            return frozenset()
        pairs = (frozenset(pair) for pair in combinations(rest, 2))
        return next((pair for pair in pairs if self._can(kept - pair)), frozenset())

    def _without_needless(self, groups: list[Parts], failing: Parts) -> tuple[list[Parts], Parts]:
        """Leave out what the failing set does not need; there is some only where more changes can hide a failure."""
        for group in list(groups):
            fewer = [one for one in groups if one != group]
            smaller = failing - group
            if fewer and smaller and self._outcome(smaller) is Outcome.FAILS:
                groups, failing = fewer, smaller
        return groups, failing


def _pieces(parts: Sequence[str], number: int) -> Iterator[Parts]:
    """The parts in so many pieces of nearly the same length, none of them empty."""
    bounds = [round(position * len(parts) / number) for position in range(number + 1)]
    for start, end in pairwise(bounds):
        if end > start:
            yield frozenset(parts[start:end])


def _sized(parts: Sequence[str], size: int) -> Iterator[Parts]:
    for start in range(0, len(parts), size):
        yield frozenset(parts[start : start + size])
