"""Background work: harmless tasks of ours, on a queue of ours, by workers of ours with the service's configuration."""

import time

from stackproof import View, not_applicable, not_assessed, pickled_message, poisoned_messages, verifies

CONTROL_WITHIN = 30.0  # seconds for a task that nothing disturbs
RESULT_WITHIN = 30.0
SLOWER = 30  # times that the next task may take what an undisturbed one did, on a machine that got busy meanwhile
LIMIT = 1.0  # seconds; set in our worker alone
OVERRUN = 6.0  # seconds of a task that overruns it
TRIES = 2


def works(bench):
    """The control: our worker does an ordinary task; gives the seconds that it took."""
    began = time.monotonic()
    if not bench.done(bench.hold(), CONTROL_WITHIN):
        not_assessed(f"control failed: a task that nothing disturbs was not done within {CONTROL_WITHIN:g} s")
    return time.monotonic() - began


@verifies(
    "tasks.results-kept",
    needs=[View.PROJECT, View.CELERY],
    writes=True,
    serial="tasks",
    remedy="result_backend = 'django-db' (CELERY_RESULT_BACKEND) and django_celery_results in INSTALLED_APPS, migrated",
)
def result_of_a_task_can_be_read(bench, project, descriptor, expect):
    """What a task returned is kept by the service's result backend, and read back by its id."""
    backend = project.ask("celery_facts", descriptor.celery.app)["result_backend"]
    none = any("DisabledBackend" in one for one in backend)
    if none and "version.django-celery-results" in project.unused:
        not_applicable("project.unused says that results are not kept, and no result backend is set")
    expect.holds(
        not none,
        expected="a result backend",
        seen=f"it is {backend[0] if backend else 'not known'}",
    )
    with bench() as ours:
        ours.worker()
        name = ours.send("stackproof.answer")
        if not ours.done(name, CONTROL_WITHIN):
            not_assessed(f"control failed: a task that nothing disturbs was not done within {CONTROL_WITHIN:g} s")
        kept = ours.until(lambda: ours.result(name) == ("SUCCESS", name), RESULT_WITHIN)
        state, value = ours.result(name)
        expect.holds(
            kept,
            expected=f"the task's result to be read by its id within {RESULT_WITHIN:g} s",
            seen=f"its state is {state}" + ("" if kept or state != "SUCCESS" else f" and its result {value}"),
            backend=backend[:3],
        )
    expect.conclude(f"a result was kept by {backend[0]} and read back")


@verifies(
    "tasks.no-pickle",
    needs=[View.PROJECT, View.CELERY],
    writes=True,
    supplementary=True,
    serial="tasks",
    remedy="accept_content = ['json'] (CELERY_ACCEPT_CONTENT in Django's settings), and restart the workers",
)
def pickled_message_is_refused(bench, expect, tmp_path):
    """A worker does not unpickle a message; ours would make an empty file in a folder of the harness."""
    marker = tmp_path / "unpickled"
    with bench() as ours:
        ours.worker()
        works(ours)
        ours.poison(pickled_message(marker))
        after = ours.hold()
        went_on = ours.until(lambda: marker.exists() or ours.marks("effect", after) > 0, CONTROL_WITHIN)
        settled = ours.until(lambda: marker.exists() or ours.left().nothing, RESULT_WITHIN)
        expect.holds(
            not marker.exists(),
            expected="a pickled message to be refused unread",
            seen="the message was unpickled: code in it would have run" if marker.exists() else "it was not unpickled",
        )
        if not (went_on and settled):
            not_assessed("the worker did not go on after the pickled message, so that nobody knows what it would do")


@verifies(
    "tasks.poisoned-message",
    needs=[View.PROJECT, View.CELERY],
    writes=True,
    serial="tasks",
    remedy="no code of yours in the worker's error handling (signals, custom Request or Consumer classes) may raise",
)
def poisoned_message_does_not_stop_the_queue(bench, expect):
    """After each of several messages that no task can be made of, the same worker does the next good one."""
    with bench() as ours:
        worker = ours.worker()
        within = max(CONTROL_WITHIN, SLOWER * works(ours))
        names = []
        for poison in poisoned_messages():
            ours.poison(poison)
            after = ours.hold()
            done = ours.until(lambda after=after: bool(ours.marks("effect", after)) or not worker.alive, within)
            expect.holds(
                worker.alive,
                expected=f"the worker to live on after a message with {poison.name}",
                seen=f"it goes on after {poison.name}"
                if worker.alive
                else f"it ended after {poison.name}: {ours.why(worker)}",
            )
            if not done:
                left = ours.left()
                expect.holds(
                    False,
                    expected=f"the next good task to be done after a message with {poison.name}",
                    seen=f"it is not done {within:g} s later; {left.queued} wait, {left.unacked} are held",
                )
            names.append(poison.name)
    expect.conclude(f"the worker went on after {len(names)} of {len(names)} poisoned messages: {'; '.join(names)}")


@verifies(
    "tasks.time-limit",
    needs=[View.PROJECT, View.CELERY],
    writes=True,
    supplementary=True,
    serial="tasks",
    remedy="worker_pool = 'prefork': other pools cannot end a task that overruns its hard limit",
)
def task_that_overruns_is_ended(bench, expect):
    """A task that overruns a time limit (a short one of ours) is ended, and its worker takes the next one."""
    with bench(conf={"task_time_limit": LIMIT, "task_soft_time_limit": None}) as ours:
        ours.worker()
        works(ours)
        for _ in range(TRIES):
            name = ours.hold(OVERRUN)
            after = ours.hold()
            seen = ours.until(lambda after=after: bool(ours.marks("effect", after)), OVERRUN + CONTROL_WITHIN)
            if not seen:
                not_assessed("the task behind the one that overran was not done")
            overran = ours.marks("effect", name) > 0
            if not overran:
                break
        expect.holds(
            not overran,
            expected=f"a task of {OVERRUN:g} s to be ended by a limit of {LIMIT:g} s",
            seen=f"it ran to its end, {TRIES} times" if overran else "it was ended, and the next one was done",
        )
