"""Background work: the service's own worker is dead for a while, its broker is away for a while."""

import time

from stackproof import View, not_assessed, recovery, verifies

OUTAGE = 10.0  # seconds
QUIET = 1.0  # seconds in which a task of a dead worker would be done by another one
SYNCED = 1.5  # seconds; an append-only file is synced every second by default
DONE_WITHIN = 30.0
MEANWHILE = 3  # submissions while the broker is away


@verifies(
    "tasks.worker-returns",
    needs=[View.HTTP, View.ACCOUNTS, View.CELERY],
    drill="worker",
    remedy="no expires below the time that a restart of the worker takes; the worker under a supervisor",
)
def task_of_a_dead_worker_is_done_when_it_is_back(drills, tasks, expect):
    """The service's worker is killed, a task is accepted meanwhile, and done once the worker is back."""
    tasks.control(DONE_WITHIN)
    with drills.without("worker"):
        task = tasks.accepted().task
        elsewhere = recovery(lambda: tasks.done(task), QUIET) is not None
    within = drills.part("worker").within
    seconds = recovery(lambda: tasks.done(task), within)
    if elsewhere:
        expect.note("the task was done while [drill.worker] was stopped: another worker took it")
    expect.holds(
        seconds is not None,
        expected=f"the accepted task to be done within {within:g} s of the worker's return",
        seen=f"it was done {seconds:.1f} s after" if seconds is not None else "it was not done",
    )


@verifies(
    "tasks.broker-outage",
    needs=[View.HTTP, View.ACCOUNTS, View.CELERY],
    drill="broker",
    remedy="answer 503 where a task cannot be queued (kombu's OperationalError), broker_connection_retry = True,\n"
    "a short task_publish_retry_policy and socket_connect_timeout, so that a request does not hang",
)
def no_task_is_lost_while_the_broker_is_away(drills, tasks, expect):
    """The broker is away for ten seconds: nothing accepted is lost, and tasks are done again by themselves."""
    tasks.control(DONE_WITHIN)
    with drills.without("broker"):
        began = time.monotonic()
        seen = [tasks.submit() for _ in range(MEANWHILE)]
        time.sleep(max(0.0, OUTAGE - (time.monotonic() - began)))
    accepted, told = [one.task for one in seen if one.acknowledged], [one.told for one in seen]
    within = drills.part("broker").within
    again = recovery(lambda: tasks.submit().acknowledged, within)
    expect.holds(
        again is not None,
        expected=f"tasks to be accepted again within {within:g} s of the broker's return",
        seen=f"one is accepted {again:.1f} s after" if again is not None else "none is",
        meanwhile=told,
    )
    task = tasks.accepted().task
    done = recovery(lambda: tasks.done(task), within)
    expect.holds(
        done is not None,
        expected=f"a new task to be done within {within:g} s",
        seen=f"one is done {done:.1f} s after it was accepted" if done is not None else "the worker does nothing more",
    )
    lost = tasks.left_undone(accepted, within)
    expect.holds(
        not lost,
        expected="what is accepted while the broker is away to be done later, or not to be accepted",
        seen=f"{len(lost)} of {len(accepted)} accepted tasks were never done"
        if lost
        else f"{len(accepted)} of {len(told)} tasks were accepted meanwhile, and none was lost",
        meanwhile=told,
    )
    expect.conclude(f"{MEANWHILE} submissions meanwhile: {told[0]}; done again {again + done:.1f} s after its return")


@verifies(
    "tasks.broker-restart",
    needs=[View.PROJECT, View.CELERY],
    writes=True,
    drill="broker",
    remedy="appendonly yes in the broker's configuration, on a disk that outlives its process; where its log says "
    "NOPERM to its AOF-loading-client: `user default off ~* &* +@all`, as which Redis 7.2 reads transactions back",
)
def queued_task_outlives_the_broker(bench, drills, expect):
    """A task of ours waits in a queue of ours, the broker is killed and started, and the task is done."""
    with bench() as ours:
        name = ours.hold()
        if ours.left().queued != 1:
            not_assessed(f"control failed: {ours.left().queued} tasks wait where one was queued")
        time.sleep(SYNCED)
        with drills.without("broker"):
            pass
        within = drills.part("broker").within
        kept = {}
        if recovery(lambda: kept.update(queued=ours.left().queued) is None, within) is None:
            not_assessed(f"the broker did not answer within {within:g} s of its start")
        expect.holds(
            kept["queued"] == 1,
            expected="the task to be in the queue after the broker was killed and started",
            seen=f"{kept['queued']} tasks are in the queue",
        )
        ours.worker()
        done = ours.done(name, DONE_WITHIN)
        if not done:
            not_assessed(f"our worker did not do it within {DONE_WITHIN:g} s")
    expect.conclude("it was in the queue after the restart, and done")
