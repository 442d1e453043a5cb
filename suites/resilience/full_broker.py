"""The service while its broker refuses writes: its memory is full, or the disk of its append-only file."""

from stackproof import View, not_assessed, pressure, recovery, refused_for_its_disk, verifies

ATTEMPTS = 3
DONE_WITHIN = 30.0  # seconds
NEEDS = [View.HTTP, View.ACCOUNTS, View.CELERY, View.REDIS]
REMEDY = (
    "answer 503 where publishing raises: kombu's OperationalError where the broker cannot be reached, redis-py's\n"
    "ResponseError (OOM, MISCONF) where it refuses; never acknowledge before the broker has.\n"
    'A worker ends on MISCONF ("Unrecoverable error"): have it started again (restart: unless-stopped)'
)


@verifies("resilience.broker-full", needs=NEEDS, drill="memory", remedy=REMEDY)
def task_that_a_full_broker_refuses_is_not_acknowledged(redis_broker, descriptor, tasks, expect, recorder):
    """While the broker's memory is full, a task is refused, or done later; then all works again by itself."""
    tasks.control(DONE_WITHIN)
    with pressure(redis_broker, allowed=descriptor.redis.broker.pressure) as memory:
        filled = memory.fill()
        memory.raise_above()
        if not filled.refusal or not memory.refusal():
            not_assessed("control failed: the broker still took values after its memory had been filled")
        seen = [tasks.submit() for _ in range(ATTEMPTS)]
    judge(tasks, seen, 60.0, expect)


@verifies("resilience.broker-full", needs=NEEDS, supplementary=True, drill="broker_disk", remedy=REMEDY)
def task_that_finds_no_room_on_disk_is_not_acknowledged(redis_broker, drills, tasks, expect):
    """While the disk of the broker's file is full, a task is refused, or done later; then all works again by itself.

    Tasks are sent once the broker is seen to refuse writes: one that a worker takes in the very moment in which the
    disk fills up is lost by kombu (docs/redis.md).
    """
    tasks.control(DONE_WITHIN)
    part = drills.part("broker_disk")
    with drills.without("broker_disk"):
        if not refused_for_its_disk(redis_broker):
            not_assessed("control failed: the broker still took values after its disk had been filled")
        seen = [tasks.submit() for _ in range(ATTEMPTS)]
    judge(tasks, seen, part.within, expect)


def judge(tasks, seen, within, expect):
    """What was acknowledged is done, what was not was refused by a server error, and a new task is done again."""
    back = recovery(lambda: tasks.works(5.0), within)
    acknowledged = [one.task for one in seen if one.acknowledged]
    lost = tasks.left_undone(acknowledged, DONE_WITHIN) if acknowledged else []
    told = [one.told for one in seen]
    expect.holds(
        not lost,
        expected="every task that was acknowledged while the broker refused writes to be done afterwards",
        seen=f"{len(lost)} of {len(acknowledged)} acknowledged tasks are not done; {len(seen) - len(acknowledged)} "
        "were refused",
        meanwhile=told,
    )
    expect.holds(
        back is not None,
        expected=f"new tasks to be done within {within:g} s after the broker takes writes again",
        seen=f"they are after {back:.1f} s" if back is not None else "they are not",
    )
    refused = [one.told for one in seen if not one.acknowledged]
    expect.conclude(
        f"{len(acknowledged)} tasks were acknowledged and done, {len(refused)} refused"
        + (f" ({refused[0]})" if refused else "")
        + f"; works again after {back:.1f} s"
    )
