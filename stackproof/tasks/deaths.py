"""What becomes of a task whose process is killed in the middle of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from stackproof.check import not_applicable, not_assessed
from stackproof.tasks.bench import Bench, Worker

LASTING = 1.5  # seconds of the task that is killed in its middle
CONTROL_WITHIN = 30.0  # seconds for a task that nothing disturbs
AGAIN_WITHIN = 30.0  # seconds for the second attempt
GONE_LOOKS = 4  # looks in a row that find nothing, because a message in between two lists is in neither
GONE_PAUSE = 0.3


@dataclass(frozen=True, slots=True)
class Fate:
    """Of one task.

    Attributes:
        starts: how often it was begun.
        effects: how often it came to its end.
        gone: it has no effect, and the broker has its message no more.
        seconds: from the kill to the effect, or to the last look.
    """

    starts: int
    effects: int
    gone: bool
    seconds: float

    def __str__(self) -> str:
        """In words."""
        told = f"it was begun {self.starts} times and had its effect {self.effects} times, {self.seconds:.1f} s later"
        return f"{told}; the broker has its message no more" if self.gone else told


@dataclass(frozen=True, slots=True)
class Weakest:
    """How the least protected tasks of a service are acknowledged, and which these are."""

    options: dict[str, bool]
    names: tuple[str, ...]

    def __str__(self) -> str:
        """In words."""
        said = ", ".join(f"{key}={value}" for key, value in self.options.items())
        return f"{said} ({', '.join(self.names[:5])}{', …' if len(self.names) > 5 else ''})" if self.names else said


def weakest_tasks(facts: Mapping[str, Any], at_most_once: Iterable[str]) -> Weakest:
    """The least protected of the service's own tasks; without any, what the application's default is.

    Args:
        facts: what the probe `celery_facts` told.
        at_most_once: tasks that are lost with their worker by design.

    Raises:
        NotApplicable: the descriptor exempts all of them.
        NotAssessed: the descriptor names a task that there is not.
    """
    every = facts.get("tasks") or []
    exempt = set(at_most_once)
    unknown = sorted(exempt - {one["name"] for one in every})
    if unknown:
        not_assessed(f"celery.at_most_once names {', '.join(unknown[:5])}, which the application does not know")
    tasks = [one for one in every if one["name"] not in exempt]
    if every and not tasks:
        not_applicable("celery.at_most_once names every task of the service")
    if not tasks:
        return Weakest(
            {
                "acks_late": bool(facts["task_acks_late"]),
                "reject_on_worker_lost": bool(facts["task_reject_on_worker_lost"]),
            },
            (),
        )
    kinds = [(bool(one["acks_late"]), bool(one["reject_on_worker_lost"])) for one in tasks]
    late, rejected = min(kinds)
    names = tuple(one["name"] for one, kind in zip(tasks, kinds, strict=True) if kind == (late, rejected))
    return Weakest({"acks_late": late, "reject_on_worker_lost": rejected}, names)


def killed_child(bench: Bench) -> Fate:
    """Kill the process that works on a task; the worker itself lives on.

    Raises:
        NotAssessed: a control failed, or the pool has no children.
    """
    worker = bench.worker()
    name = _begun(bench)
    child = bench.child(name)
    if child == worker.pid:
        not_assessed("the pool of worker_pool runs tasks in the worker itself: there is no child that could be killed")
    killed = time.monotonic()
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return _followed(bench, name, worker, killed)


def killed_worker(bench: Bench, visibility: float) -> Fate:
    """Kill a worker with its children, and start another one once the broker gives the message out again.

    Args:
        visibility: seconds that the bench's transport is set to; more than the task takes.

    Raises:
        NotAssessed: a control failed.
    """
    first = bench.worker()
    name = _begun(bench)
    killed = time.monotonic()
    first.kill()
    if bench.marks("effect", name):
        not_assessed("control failed: the task was done before its worker could be killed")
    if _nothing_left(bench):
        return Fate(1, 0, True, time.monotonic() - killed)
    time.sleep(max(0.0, killed + visibility + 0.5 - time.monotonic()))
    # unacknowledged messages are looked at when a worker starts, and then about every 100 s
    return _followed(bench, name, bench.worker(), killed)


def _begun(bench: Bench) -> str:
    """A task that has begun, after another one was done undisturbed."""
    control = bench.hold()
    if not bench.done(control, CONTROL_WITHIN):
        not_assessed(f"control failed: a task that nothing disturbs was not done within {CONTROL_WITHIN:g} s")
    name = bench.hold(LASTING)
    if not bench.until(lambda: bench.marks("start", name) > 0, CONTROL_WITHIN):
        not_assessed(f"control failed: a task was not begun within {CONTROL_WITHIN:g} s")
    return name


def _followed(bench: Bench, name: str, worker: Worker, killed: float) -> Fate:
    deadline = time.monotonic() + AGAIN_WITHIN
    while not bench.marks("effect", name):
        if not worker.alive:
            not_assessed(f"the worker that should have gone on ended: {bench.why(worker)}")
        if bench.marks("start", name) == 1 and _nothing_left(bench):
            after = bench.hold()  # whoever would still take the first one up has had the time to
            if bench.done(after, CONTROL_WITHIN) and not bench.marks("effect", name) and _nothing_left(bench):
                return Fate(bench.marks("start", name), 0, True, time.monotonic() - killed)
        if time.monotonic() > deadline:
            not_assessed(
                f"the task was not taken up again within {AGAIN_WITHIN:g} s, and the broker still has it: "
                f"{bench.left().queued} waiting, {bench.left().unacked} with a worker"
            )
        time.sleep(GONE_PAUSE)
    seconds = time.monotonic() - killed
    bench.until(lambda: bench.left().nothing, LASTING * 4)
    return Fate(bench.marks("start", name), bench.marks("effect", name), False, seconds)


def _nothing_left(bench: Bench) -> bool:
    for _ in range(GONE_LOOKS):
        if not bench.left().nothing:
            return False
        time.sleep(GONE_PAUSE)
    return True
