"""Hypothesis looks for a sequence of steps in which a service and the model of `life` differ, and shrinks it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from stackproof.check import NotAssessed, not_assessed
from stackproof.target.session import Session
from stackproof.tokens.life import Act, Halt, Life, Step, Surprise, Surprised, Word

SEED_VARIABLE = "STACKPROOF_SEED"
DEFAULT_SEED = 20_260_101  # the same in every run, so that verdicts do not come and go
STEPS = 8  # of one sequence, the first login and the sweep at its end apart
SESSIONS = 2
MIXTURE = [
    *([Act.REFRESH] * 6),
    *([Act.LOGOUT] * 3),
    Act.LOGIN,
    Act.REUSE_OLDEST,
    Act.REUSE_LATEST,
    Act.REUSE_ENDED,
    Act.ACCESS,
]


@dataclass(slots=True)
class Found:
    """What a search came to.

    Attributes:
        surprise: of the shortest sequence, seen again when it was tried by itself; None where there is none.
        unconfirmed: a sequence that surprised once, and not when it was tried again.
        halted: why it ended before its budget was spent, or "".
    """

    seed: int
    sequences: int = 0
    requests: int = 0
    steps: int = 0
    surprise: Surprise | None = None
    unconfirmed: Surprise | None = None
    halted: str = ""


class Budget:
    """Requests of one search; shrinking has as many again."""

    def __init__(self, requests: int, found: Found) -> None:
        self._left = requests
        self._found = found

    def spend(self) -> None:
        """Count a request.

        Raises:
            Halt: there is none left.
        """
        if self._left <= 0:
            raise Halt("")
        self._left -= 1
        self._found.requests += 1


def seed_of_run() -> int:
    """The seed: `STACKPROOF_SEED`, else always the same.

    Raises:
        NotAssessed: the variable holds no whole number.
    """
    text = os.environ.get(SEED_VARIABLE, "").strip()
    if not text:
        return DEFAULT_SEED
    if not text.isdecimal():
        not_assessed(f"{SEED_VARIABLE} is {text[:20]!r}, which is no whole number")
    return int(text)


def search(session: Session, word: Word, *, many_sessions: bool, requests: int, seed: int) -> Found:
    """Look for a sequence that breaks one promise; a surprise about the other promise only ends its sequence.

    Args:
        session: what is tried again at the end leaves evidence, the search does not.
        many_sessions: a login is known to leave the account's other sessions alone.
        requests: for finding, and as many again for shrinking and for confirming.
    """
    found = Found(seed)
    best: list[tuple[list[Step], Surprise]] = []

    def sequence(steps: Sequence[Step], budget: Budget, on: Session, *, sweep: bool = False) -> None:
        life = Life(on, many_sessions=many_sessions, spend=budget.spend)
        try:
            for step in steps:
                life.take(step)
            if sweep:
                life.sweep()
        except Surprised as surprised:
            if surprised.surprise.word is not word:
                return
            if not best or len(life.steps) < len(best[-1][0]):
                best.append((list(life.steps), surprised.surprise))
            raise
        except NotAssessed as error:
            raise Halt(str(error)) from None
        finally:
            found.sequences += 1
            found.steps += len(life.steps)

    finding, shrinking, quiet = Budget(requests, found), Budget(requests, found), session.quietly()
    try:
        _explore(lambda steps: sequence(steps, shrinking if best else finding, quiet, sweep=True), seed, requests)
    except Halt as halt:
        found.halted = halt.reason
    if best:
        with suppress(Halt):
            _shorten(best, lambda steps: sequence(steps, Budget(requests, found), quiet))
        _confirm(best, lambda steps: sequence(steps, Budget(requests, found), session), found)
    return found


def _confirm(best: Sequence[tuple[list[Step], Surprise]], take: Callable[[Sequence[Step]], None], found: Found) -> None:
    """Only what is seen once more, by the steps alone, is told as a violation: the shortest first."""
    for steps, surprise in reversed(best[-3:]):
        try:
            take(steps)
        except Surprised as surprised:
            found.surprise = surprised.surprise
            return
        except Halt as halt:
            found.halted = halt.reason
        found.unconfirmed = found.unconfirmed or surprise


def _shorten(best: list[tuple[list[Step], Surprise]], take: Callable[[Sequence[Step]], None]) -> None:
    """Leave out each step that is not needed; Hypothesis draws the sweep at the end along, and cannot.

    Raises:
        Halt: from `take`.
    """
    position = len(best[-1][0]) - 2
    while position >= 0:
        steps = best[-1][0]
        with suppress(Surprised):  # `take` keeps what is shorter and surprises too
            take(steps[:position] + steps[position + 1 :])
        position = min(position, len(best[-1][0]) - 1) - 1


def _explore(take: Callable[[Sequence[Step]], None], seed: int, most: int) -> None:
    """Have Hypothesis make sequences, and shrink the first that surprises.

    Args:
        take: takes the steps on the service.
        most: sequences.

    Raises:
        Halt: from `take`.
    """
    import hypothesis
    from hypothesis import HealthCheck, Phase, Verbosity, settings
    from hypothesis import strategies as st
    from hypothesis.configuration import set_hypothesis_home_dir
    from hypothesis.errors import HypothesisException
    from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

    class Machine(RuleBasedStateMachine):
        """Gathers steps; they are taken together at the end, so that what is drawn never hangs on an answer."""

        def __init__(self) -> None:
            super().__init__()
            self.steps = [Step(Act.LOGIN)]

        # One rule: Hypothesis leaves rules out at random, and what matters here comes of their mixture.
        @rule(act=st.sampled_from(MIXTURE), which=st.integers(0, SESSIONS - 1))
        def step(self, act: Act, which: int) -> None:
            if act is not Act.LOGIN or sum(one.act is Act.LOGIN for one in self.steps) < SESSIONS:
                self.steps.append(Step(act, which))

        def teardown(self) -> None:
            """Take the steps."""
            take(self.steps)

    hypothesis.seed(seed)(Machine)
    bounds = settings(
        max_examples=max(2, most),
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
    )
    set_hypothesis_home_dir(os.devnull)  # nothing is written where the run began
    try:
        run_state_machine_as_test(Machine, settings=bounds)
    except (Surprised, HypothesisException):
        return  # what was seen is in `best`, and is tried again
    finally:
        set_hypothesis_home_dir(None)
