"""Who is to blame for what got worse: the search on real runs, set by set of symptoms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import TypeAdapter

from stackproof.rehearse.search import MOST_RUNS, Found, Outcome, Parts, find_culprit

MOST_CULPRITS = 5

type Shown = tuple[Outcome, frozenset[str]]


class Runs(Protocol):
    """Runs with some of the changes."""

    def conflict(self, parts: Parts) -> Parts | None:
        """None where just these changes can be made, else what the refusal speaks of."""

    def show(self, parts: Parts, symptoms: frozenset[str]) -> Shown:
        """What a run with just these changes shows of these symptoms."""


@dataclass(frozen=True, slots=True)
class Blame:
    """A culprit and what it does.

    Attributes:
        found: what the search came to.
        symptoms: those that a run with the culprit alone showed.
    """

    found: Found
    symptoms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blamed:
    """Everybody who is to blame.

    Attributes:
        unexplained: symptoms that no culprit shows by itself, and that are gone without the culprits.
    """

    blames: tuple[Blame, ...]
    unexplained: tuple[str, ...]
    runs: int


def blame(
    changes: Sequence[str], symptoms: Sequence[str], runs: Runs, remember: Callable[[str, Callable[[], Any]], Any]
) -> Blamed:
    """Name a culprit, then look whether the rest of the symptoms has another one, until all are explained.

    Args:
        remember: gives what a step came to: from before, where the rehearsal was interrupted, or made now.
    """
    left, rest = frozenset(symptoms), list(changes)
    blames: list[Blame] = []
    counted = 0
    while left and rest and len(blames) < MOST_CULPRITS:
        if blames:
            counted += 1
            outcome, shown = _run(frozenset(rest), left, 1, runs, remember)
            if outcome is not Outcome.FAILS:
                break
            left &= shown
        one = _one(rest, left, runs, remember)
        counted += one.found.runs
        blames.append(one)
        if one.found.nobody:
            break
        named = {*one.found.culprit, *one.found.companions}
        left -= frozenset(one.symptoms)
        rest = [change for change in rest if change not in named]
        if not one.symptoms:
            break
    return Blamed(tuple(blames), tuple(one for one in symptoms if one in _unexplained(symptoms, blames)), counted)


def _unexplained(symptoms: Sequence[str], blames: Sequence[Blame]) -> frozenset[str]:
    return frozenset(symptoms) - frozenset(one for each in blames for one in each.symptoms)


def _one(
    changes: Sequence[str], symptoms: frozenset[str], runs: Runs, remember: Callable[[str, Callable[[], Any]], Any]
) -> Blame:
    seen: dict[Parts, frozenset[str]] = {frozenset(changes): symptoms}

    def test(parts: Parts, time: int) -> Outcome:
        outcome, shown = _run(parts, symptoms, time, runs, remember)
        seen[parts] = seen.get(parts, frozenset()) | shown
        return outcome

    found = find_culprit(changes, test, runs.conflict, MOST_RUNS)
    named = frozenset({*found.culprit, *found.companions})
    return Blame(found, () if found.nobody else tuple(sorted(seen.get(named, frozenset()))))


def alone(symptoms: frozenset[str], runs: Runs, remember: Callable[[str, Callable[[], Any]], Any]) -> frozenset[str]:
    """Which symptoms show without any change, so that the document itself is what they come from."""
    return _run(frozenset(), symptoms, 1, runs, remember)[1]


def _run(
    parts: Parts,
    symptoms: frozenset[str],
    time: int,
    runs: Runs,
    remember: Callable[[str, Callable[[], Any]], Any],
) -> Shown:
    name = "run " + " | ".join([", ".join(sorted(parts)), ", ".join(sorted(symptoms)), str(time)])

    def make() -> list[Any]:
        outcome, shown = runs.show(parts, symptoms)
        return [outcome.value, sorted(shown)]

    outcome, shown = remember(name, make)
    return Outcome(outcome), frozenset(shown)


def to_data(blamed: Blamed) -> Any:
    """As plain data."""
    return TypeAdapter(Blamed).dump_python(blamed, mode="json")


def from_data(data: Any) -> Blamed:
    """From what `to_data` gave."""
    return TypeAdapter(Blamed).validate_python(data)
