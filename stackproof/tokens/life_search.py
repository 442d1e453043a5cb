"""Hypothesis looks for a sequence of steps in which a service and the model of `life` differ, and shrinks it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from fixtures.cache import hypothesis_home
from stackproof.check import NotAssessed, not_assessed
from stackproof.target.session import Session
from stackproof.tokens.life import Act, Halt, Life, Step, Surprise, Surprised, Ways, Word

SEED_VARIABLE = "STACKPROOF_SEED"
DEFAULT_SEED = 20_260_101  # the same in every run, so that verdicts do not come and go
STEPS = 8  # of one sequence, the first login and the sweep at its end apart
SESSIONS = 2
MIXTURE = (  # 16, simple ones first: a step is four coins, which shrink towards the first
    *([Act.REFRESH] * 8),
    *([Act.LOGOUT] * 3),
    Act.LOGIN,
    Act.REUSE_OLDEST,
    Act.REUSE_LATEST,
    Act.REUSE_ENDED,
    Act.ACCESS,
)
IN_PLACE_OF = 3  # refreshes, for each further way


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


def search(
    session: Session, word: Word, *, many_sessions: bool, requests: int, seed: int, ways: Ways | None = None
) -> Found:
    """Look for a sequence that breaks one promise; a surprise about the other promise only ends its sequence.

    Args:
        session: what is tried again at the end leaves evidence, the search does not.
        many_sessions: a login is known to leave the account's other sessions alone.
        requests: for finding, and as many again for shrinking and for confirming.
        ways: what sequences may do beyond ordinary use.
    """
    found = Found(seed)
    tries = _Tries(word, many_sessions, ways or Ways(), found)
    finding, shrinking, quiet = Budget(requests, found), Budget(requests, found), session.quietly()
    uneventful: set[tuple[Step, ...]] = set()

    def explored(steps: Sequence[Step]) -> None:
        if tuple(steps) not in uneventful:  # Hypothesis comes back to simple ones, and requests are few
            tries.take(steps, shrinking if tries.best else finding, quiet, sweep=True)
            uneventful.add(tuple(steps))

    try:
        _explore(explored, _mixture(tries.ways), seed, requests)
    except Halt as halt:
        found.halted = halt.reason
    if tries.best:
        with suppress(Halt):
            _shorten(tries.best, lambda steps: tries.take(steps, Budget(requests, found), quiet))
        _confirm(tries.best, lambda steps: tries.take(steps, Budget(requests, found), session), found)
    return found


@dataclass(slots=True)
class _Tries:
    """Takes sequences, and keeps those that surprised: each shorter than the one before."""

    word: Word
    many_sessions: bool
    ways: Ways
    found: Found
    best: list[tuple[list[Step], Surprise]] = field(default_factory=list)

    def take(self, steps: Sequence[Step], budget: Budget, on: Session, *, sweep: bool = False) -> None:
        """One sequence.

        Raises:
            Surprised: the promise was broken.
            Halt: nothing more can be learned.
        """
        life = Life(on, many_sessions=self.many_sessions, spend=budget.spend, ways=self.ways)
        try:
            for step in steps:
                life.take(step)
            if sweep:
                life.sweep()
        except Surprised as surprised:
            if surprised.surprise.word is not self.word:
                return
            if not self.best or len(life.steps) < len(self.best[-1][0]):
                self.best.append((list(life.steps), surprised.surprise))
            raise
        except NotAssessed as error:
            raise Halt(str(error)) from None
        finally:
            self.found.sequences += 1
            self.found.steps += len(life.steps)


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


def _mixture(ways: Ways) -> list[Act]:
    """What a step may be; what is allowed beyond ordinary use takes the place of some refreshes."""
    more = [Act.CHANGE_PASSWORD] * bool(ways.change_password) + [Act.PASS_TIME] * bool(ways.pass_time)
    further = more * IN_PLACE_OF
    return [*MIXTURE[len(further) :], *further]


def _explore(take: Callable[[Sequence[Step]], None], mixture: Sequence[Act], seed: int, most: int) -> None:
    """Have Hypothesis make sequences, and shrink the first that surprises.

    Args:
        take: takes the steps on the service.
        mixture: 16 acts.
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

        # One rule: Hypothesis leaves rules out at random, and what matters here comes of their mixture. Coins and no
        # numbers: among those Hypothesis mixes what it reads in the sources of all loaded modules, which makes the
        # sequences of one seed depend on what else was imported.
        @rule(coins=st.tuples(*[st.booleans()] * 4), which=st.booleans())
        def step(self, coins: tuple[bool, ...], which: bool) -> None:
            act = mixture[sum(coin << place for place, coin in enumerate(reversed(coins)))]
            if act is not Act.LOGIN or sum(one.act is Act.LOGIN for one in self.steps) < SESSIONS:
                self.steps.append(Step(act, int(which)))

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
    set_hypothesis_home_dir(hypothesis_home())
    try:
        run_state_machine_as_test(Machine, settings=bounds)
    except (Surprised, HypothesisException):
        return  # what was seen is in `best`, and is tried again
    finally:
        set_hypothesis_home_dir(None)
