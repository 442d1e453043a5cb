"""Many requests at once, and the proof that the service works on them at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from stackproof.target.http import NoAnswer
from stackproof.target.replies import Reply, Tokens
from stackproof.target.session import Session

OVERTAKES_WANTED = 2
OVERTAKE_TRIES = 12
MARGIN = 0.03  # seconds by which the quick one must be first: more than a busy machine takes to wake a thread
TAKEN_UP = 0.005  # seconds for a request that was written to reach the server's queue


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of `size` simultaneous uses of one refresh token.

    Attributes:
        winners: accepted, with tokens.
        refused: seen refusals.
        throttled: answered 429, or 503: no room for so many at once.
        broken: answered 5xx or anything else that is neither.
        unanswered: gave no answer.
        statuses: every status, sorted.
    """

    winners: tuple[Reply, ...]
    refused: int
    throttled: int
    broken: int
    unanswered: int
    statuses: tuple[int, ...]


def at_once[T](calls: Sequence[Callable[[], T]]) -> list[T | NoAnswer]:
    """Make the calls at the same moment, a thread each; a call without an answer gives its `NoAnswer`."""
    barrier = threading.Barrier(len(calls))
    results: list[T | NoAnswer] = [NoAnswer("not sent")] * len(calls)

    def one(index: int) -> None:
        barrier.wait(timeout=30)
        try:
            results[index] = calls[index]()
        except NoAnswer as error:
            results[index] = error

    threads = [threading.Thread(target=one, args=(index,), daemon=True) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def burst(sessions: list[Session], refresh_token: str) -> Burst:
    """Use one refresh token on every session at the same moment."""
    results = at_once([partial(session.refresh, refresh_token, patient=False) for session in sessions])
    replies = [one for one in results if isinstance(one, Reply)]
    throttled = sum(one.answer.status in {429, 503} for one in replies)
    winners = tuple(one for one in replies if one.accepted)
    refused = sum(one.refused for one in replies)
    return Burst(
        winners=winners,
        refused=refused,
        throttled=throttled,
        broken=len(replies) - len(winners) - refused - throttled,
        unanswered=len(results) - len(replies),
        statuses=tuple(sorted(one.answer.status for one in replies)),
    )


def warm(sessions: list[Session], tokens: Tokens) -> None:
    """Open every session's connection, so that a burst is not spread out by handshakes."""
    at_once([partial(session.protected, tokens.access) for session in sessions])


def requests_overlap(
    slow: Callable[[Callable[[], None]], object], quick: Callable[[], object]
) -> tuple[bool, int, int]:
    """Whether the service works on two requests at once: a quick one, sent later, overtakes a slow one.

    A server that works on one request at a time answers in the order in which it took them. The quick request
    is sent only after the slow one was wholly written, so that no delay on this side looks like overtaking.

    Args:
        slow: sends a request that takes its time, and calls what it is given once that is on its way.
        quick: sends a request that is answered at once, over a connection of its own.

    Returns:
        (shown, overtakes, tries): shown after `OVERTAKES_WANTED` overtakes in at most `OVERTAKE_TRIES`.
    """
    overtakes = 0
    for attempt in range(1, OVERTAKE_TRIES + 1):
        if _overtakes(slow, quick):
            overtakes += 1
            if overtakes == OVERTAKES_WANTED:
                return True, overtakes, attempt
    return False, overtakes, OVERTAKE_TRIES


def _overtakes(slow: Callable[[Callable[[], None]], object], quick: Callable[[], object]) -> bool:
    ended: dict[str, float] = {}
    sent = threading.Event()

    def run_slow() -> None:
        slow(sent.set)
        ended["slow"] = time.monotonic()

    def run_quick() -> None:
        if sent.wait(timeout=30):
            time.sleep(TAKEN_UP)
            quick()
            ended["quick"] = time.monotonic()

    results = at_once([run_slow, run_quick])
    answered = len(ended) == 2 and not any(isinstance(one, NoAnswer) for one in results)
    return answered and ended["slow"] - ended["quick"] >= MARGIN
