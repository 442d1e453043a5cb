"""Many requests that wait at the same time, measured as a ratio to one of them alone.

A service that waits without blocking answers N of them in little more than one wait; one that blocks needs N waits, and
one with T threads N / T. Noise only adds time: one round that is quick enough decides, and an accusation is repeated,
with a server of this side as its control.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from stackproof.check import not_assessed
from stackproof.serving.crowd import Crowd, alone, control, crowd
from stackproof.serving.wire import BROKEN, Wire

SIZES = (30, 200)  # simultaneous requests: few, so that one that blocks is soon done; beyond the threads of servers
FEWEST = 8  # where some of the few met 503: what blocks lets those time out that wait for a connection to the database
SERIAL = 0.9  # share of a crowd's size: so many waits are one after another
MANY = 20.0  # waits that all of them take where they queue; between this and the requirement's nothing is said
AS_QUICK = 0.001  # seconds of a wait that shall be none
SHORTEST, LONGEST = 0.3, 5.0  # seconds of a wait
FIRST_LONGEST = 1.0  # the same of the few: what blocks is left with a queue of them
OF_THE_WORK = 0.6  # share of the seconds that the bare work of all takes, as the first round's wait
ROUNDS = 4  # of a size
RESTED = 3  # quick answers in a row, after which nothing waits any more
REST_WITHIN = 60.0  # seconds for what was left in the service's queue
ALONE = 3  # requests one after another
WITHIN = 30.0  # seconds for what shall not wait
NO_WAIT = 0.05  # seconds; what is answered sooner does not wait
CONTROL = 2.0  # ratio that this side's own server keeps below, or the machine is too busy
SLACK = 5  # waits: a loop that is blocked may send all its answers after the last wait
SEEN_TO_QUEUE = 5  # answers without which nothing is said of how the others wait


@dataclass(frozen=True, slots=True)
class Round:
    """One wait alone, and many at once.

    Attributes:
        wait: seconds that were asked for.
        alone: seconds that one took, the median.
        base: seconds that as many took that had not to wait.
        control: ratio of this side's own server at the same time; 0 where it was not asked.
    """

    wait: float
    alone: float
    crowd: Crowd
    base: float
    control: float = 0.0

    @property
    def ratio(self) -> float:
        """Waits that all of them took."""
        return self.crowd.seconds / self.alone

    @property
    def whole(self) -> bool:
        """Whether all were answered, with success."""
        return self.crowd.answered == self.crowd.size

    def passes(self, few: float) -> bool:
        """Nothing queued."""
        return self.whole and self.ratio < few

    @property
    def fails(self) -> bool:
        """They were answered one after another, and not because the service had so much to do for each."""
        queued = (self.crowd.seconds - self.base) / self.alone >= min(MANY, SERIAL * self.crowd.size)
        return queued and not self.crowd.odd and self.crowd.answered >= SEEN_TO_QUEUE

    def as_evidence(self) -> dict[str, Any]:
        """Its figures."""
        return {
            "simultaneous": self.crowd.size,
            "one_alone_seconds": round(self.alone, 3),
            "all_seconds": round(self.crowd.seconds, 3),
            "answered": self.crowd.answered,
            "ratio_to_one": round(self.ratio, 2),
            "at_once": round(self.crowd.answered * self.alone / self.crowd.seconds, 1),
            "without_waiting_seconds": round(self.base, 3),
            "control_ratio": round(self.control, 2),
            "connections_open_before": self.crowd.warm,
        }


@dataclass(frozen=True, slots=True)
class Question:
    """The operation to be asked.

    Attributes:
        path: with or without `{seconds}`.
        seconds: how long it waits where the path does not say.
        quick: path of an operation that answers at once, for the case that this one always waits.
    """

    path: str
    seconds: float
    quick: str
    carried: Mapping[str, Any] = field(repr=False)

    @property
    def adjustable(self) -> bool:
        """Whether the wait's length can be chosen."""
        return "{seconds}" in self.path

    def url(self, wire: Wire, seconds: float) -> str:
        """The URL of such a wait."""
        return wire.url(self.path.replace("{seconds}", f"{seconds:.3f}"))


async def rounds(wire: Wire, question: Question, few: float, tell: Callable[[Round], None]) -> Round:
    """Rounds of each size until one passes or two in a row fail, with a longer wait each time; gives the last one.

    Few requests come first: a service that blocks is known by them, and is not left with a queue of minutes.

    Args:
        few: waits below which all of them are done.
        tell: takes every round.

    Raises:
        NotAssessed: something else than waiting was seen, the machine is too busy, or neither was clear.
    """
    seen: list[Round] = []
    for size in SIZES:
        seen = await _of_size(wire, question, few, size, tell)
        if seen[-1].crowd.odd:
            fewest = await _of_size(wire, question, few, FEWEST, tell) if _sheds(seen[-1]) else []
            if not _queue(fewest):
                _answered_otherwise(seen[-1].crowd)
            seen = fewest
        if _queue(seen):
            return seen[-1]
    if not seen[-1].passes(few):
        _unclear(seen, few)
    return seen[-1]


def _queue(seen: Sequence[Round]) -> bool:
    return len(seen) > 1 and seen[-1].fails and seen[-2].fails


def _sheds(one: Round) -> bool:
    """Whether the first crowd met nothing but "no room"; of a larger one that tells nothing."""
    return one.crowd.size == SIZES[0] and set(one.crowd.odd) == {503}


def _answered_otherwise(seen: Crowd) -> NoReturn:
    cure = (
        ": an operation for [waiting] holds nothing while it waits of which there are few, such as a connection to the "
        "database"
        if 503 in seen.odd
        else ""
    )
    not_assessed(f"of {seen.size} simultaneous requests some were answered otherwise: {_named(seen.odd)}{cure}")


async def _of_size(wire: Wire, question: Question, few: float, size: int, tell: Callable[[Round], None]) -> list[Round]:
    base = await _base(wire, question, size)
    longest = FIRST_LONGEST if size <= SIZES[0] else LONGEST
    wait = min(max(base * OF_THE_WORK, SHORTEST), longest) if question.adjustable else question.seconds
    seen: list[Round] = []
    for number in range(ROUNDS):
        one = await _round(wire, question, wait, base, size)
        if one.fails:
            await _rest(wire, question, one)
            one = replace(one, control=await control(size, wait))
        tell(one)
        seen.append(one)
        if one.crowd.odd:
            break
        if one.control >= CONTROL:
            _unclear(seen, few)
        if one.passes(few) or (one.fails and number and seen[-2].fails):
            break
        wait = wait if one.fails else min(wait * 2, longest)
        if size <= SIZES[0] and not one.fails and number:
            break  # the larger crowd tells more of a pool of threads
    return seen


async def _rest(wire: Wire, question: Question, one: Round) -> None:
    """Wait until the service has done what it was left with."""
    url = question.url(wire, AS_QUICK) if question.adjustable else wire.url(question.quick)
    request = wire.request("GET", url, question.carried)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + (one.crowd.size - one.crowd.answered) * one.alone + REST_WITHIN
    quick = 0
    while quick < RESTED:
        try:
            took, _ = await alone(wire, url, request, 1, max(deadline - loop.time(), 0.1))
        except (*BROKEN, TimeoutError):
            not_assessed("after simultaneous waits the service did not come to rest")
        quick = quick + 1 if took[0] < one.alone else 0


def _unclear(seen: Sequence[Round], few: float) -> NoReturn:
    said = (
        f"{seen[-1].crowd.size} simultaneous waits took {', '.join(f'{one.ratio:.1f}' for one in seen)} times as long"
    )
    busy = max(one.control for one in seen)
    if busy >= CONTROL:
        not_assessed(
            f"this machine is too busy to tell: {said} as one, and {busy:.1f} times on the harness's own server"
        )
    not_assessed(
        f"{said} as one: under {few:g} nothing blocks, from {MANY:g} on they queue, and between the two it may be a "
        f"pool of threads or a busy machine"
    )


async def _base(wire: Wire, question: Question, size: int) -> float:
    """Seconds for as many requests that need not wait."""
    url = question.url(wire, AS_QUICK) if question.adjustable else wire.url(question.quick)
    found = await crowd(wire, url, wire.request("GET", url, question.carried), size, WITHIN)
    if found.odd:
        not_assessed(f"{size} simultaneous requests that need not wait were answered otherwise: {_named(found.odd)}")
    if found.answered < size:
        not_assessed(f"of {size} simultaneous requests that need not wait {found.answered} were answered in "
                     f"{found.seconds:.0f} s: the service or this machine has no room for so many")  # fmt: skip
    return found.seconds


async def _round(wire: Wire, question: Question, wait: float, base: float, size: int) -> Round:
    url = question.url(wire, wait)
    request = wire.request("GET", url, question.carried)
    try:
        took, statuses = await alone(wire, url, request, ALONE, WITHIN)
    except (*BROKEN, TimeoutError) as error:
        not_assessed(f"control failed: one wait of {wait:g} s alone gave no answer: {type(error).__name__}")
    if not all(200 <= one < 300 for one in statuses):
        not_assessed(f"control failed: one wait of {wait:g} s alone was answered {statuses[0]}; see [waiting] path")
    one = statistics.median(took)
    if one < (0.8 * wait if question.adjustable else NO_WAIT):
        not_assessed(f"control failed: asked to wait {wait:g} s, the operation of [waiting] answers after {one:.2f} s")
    found = await crowd(wire, url, request, size, base + one * (size + SLACK if size <= SIZES[0] else MANY + 0.5))
    return Round(wait, one, found, base)


def _named(statuses: Mapping[int, int]) -> str:
    words = {0: "no HTTP", 429: "429 (throttled)", 503: "503 (no room)"}
    return ", ".join(f"{number} times {words.get(status, status)}" for status, number in sorted(statuses.items()))


def measure_crowd(wire: Wire, question: Question, few: float, tell: Callable[[Round], None]) -> Round:
    """`rounds`, for a check, which is no coroutine."""
    return asyncio.run(rounds(wire, question, few, tell))
