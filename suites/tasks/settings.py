"""Background work: what the Celery application and its running workers are set to."""

from stackproof import View, not_applicable, not_assessed, verifies
from stackproof import longest_task as longest

SAFE = {"json", "application/json", "yaml", "application/x-yaml", "msgpack", "application/x-msgpack", "auth",
        "application/data", "text/plain", "application/text"}  # fmt: skip
UNSAFE = {"pickle", "application/x-python-serialize"}
STOCK_VISIBILITY = 3600.0  # seconds; kombu's own, where nothing is set
DAY = 86_400.0


@verifies(
    "version.celery",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    supplementary=True,
    remedy="restart the workers from the environment that was deployed",
)
def running_workers_are_inside_the_constraint(project, descriptor, expect, requirement):
    """The workers that run are of a version inside the constraint, and not of an older deployment."""
    seen = project.ask("celery_running", descriptor.celery.app)
    versions = {name: one["version"] for name, one in seen["workers"].items() if one["version"]}
    if not versions:
        not_assessed(": ".join(filter(None, ("no running worker said which version it is", seen["trouble"]))))
    for name, version in versions.items():
        expect.that(f"Celery of the running worker {name}", version).is_inside(requirement.value.constraint)
    installed = project.ask("celery_facts", descriptor.celery.app)["version"]
    for name, version in versions.items():
        if version != installed:
            expect.note(f"{name} runs Celery {version}, and {installed} is installed: it was not restarted since")
    expect.conclude(f"{len(versions)} running workers: Celery {', '.join(sorted(set(versions.values())))}")


@verifies(
    "tasks.no-pickle",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    remedy="accept_content = ['json'] (CELERY_ACCEPT_CONTENT in Django's settings), task_serializer = 'json'",
)
def settings_accept_no_pickle(project, descriptor, expect):
    """Neither messages nor results may be pickled, by the settings of the application."""
    seen = project.ask("celery_facts", descriptor.celery.app)
    for what in ("accept_content", "result_accept_content"):
        found = UNSAFE & set(seen[what] or ())
        expect.holds(
            not found,
            expected=f"{what} without pickle",
            seen=f"{what} is {', '.join(seen[what]) if seen[what] else 'not set'}",
        )
    written = {what: seen[what] for what in ("task_serializer", "result_serializer", "event_serializer")}
    pickling = [f"{what}" for what, name in written.items() if name in UNSAFE]
    pickling += [one["name"] for one in seen["tasks"] if one["serializer"] in UNSAFE]
    expect.holds(
        not pickling,
        expected="nothing to be written as pickle",
        seen=f"written as pickle: {', '.join(pickling)}" if pickling else f"written as {written}",
    )
    unknown = sorted(set(seen["accept_content"] or ()) - SAFE)
    if unknown:
        expect.note(f"content types that are not judged: {', '.join(unknown)}")
    expect.conclude(f"accepted: {', '.join(seen['accept_content'] or ())}")


@verifies(
    "tasks.time-limit",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    remedy="task_time_limit (CELERY_TASK_TIME_LIMIT), and time_limit= at tasks that may take longer",
)
def every_task_has_a_time_limit(project, descriptor, expect):
    """Every task of the service has a time limit: its own, the application's, or the running workers'."""
    seen = project.ask("celery_facts", descriptor.celery.app)
    if not seen["tasks"]:
        not_assessed("the application has no task of its own")
    endless = [one["name"] for one in seen["tasks"] if not longest(one, seen)]
    limits = [one["limits"] for one in _running(project, descriptor)] if endless else []
    if limits and all(any(one) for one in limits):
        expect.note("the limit is given on the command line of the running workers", limits=limits)
        endless = []
    expect.holds(
        not endless,
        expected="a time limit for every task",
        seen=f"{len(endless)} of {len(seen['tasks'])} tasks have none: {', '.join(endless[:5])}"
        if endless
        else f"each of {len(seen['tasks'])} tasks has one",
    )


def _running(project, descriptor):
    return project.ask("celery_running", descriptor.celery.app)["workers"].values()


@verifies(
    "tasks.visibility-timeout",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    remedy="broker_transport_options = {'visibility_timeout': …} above the longest time limit (and the longest ETA)",
)
def visibility_timeout_is_longer_than_any_task(project, descriptor, expect):
    """The visibility timeout is longer than the longest time limit of a task that is acknowledged late."""
    seen = project.ask("celery_facts", descriptor.celery.app)
    if not seen["broker"].startswith(("redis", "rediss", "sentinel")):
        not_assessed(f"the broker is {seen['broker']}: only Redis gives messages out again after a time")
    late = [one for one in seen["tasks"] if one["acks_late"]]
    if not late:
        not_assessed("no task of the service is acknowledged late: what a worker has begun is never given out again")
    endless = [one["name"] for one in late if not longest(one, seen)]
    if endless:
        not_assessed(f"no time limit bounds {', '.join(endless[:5])}, so that no timeout is known to be enough")
    slowest = max(late, key=lambda one: longest(one, seen))
    limit = longest(slowest, seen)
    visibility = STOCK_VISIBILITY if seen["visibility_timeout"] is None else seen["visibility_timeout"]
    expect.holds(
        visibility > limit,
        expected="a visibility timeout above the longest time limit",
        seen=f"the visibility timeout is {visibility:g} s, and {slowest['name']} may take {limit:g} s",
    )


@verifies(
    "tasks.results-expire",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    remedy="result_expires = timedelta(days=1), and beat, which sends celery.backend_cleanup every night",
)
def results_expire_and_are_removed(project, descriptor, expect):
    """Results have an end, and somebody removes those that have come to it."""
    seen = project.ask("celery_facts", descriptor.celery.app)
    if "version.django-celery-results" in project.unused and keeps_none(seen["result_backend"]):
        not_applicable("project.unused says that results are not kept, and no result backend is set")
    expires = seen["result_expires"]
    expect.holds(
        expires is not None,
        expected="result_expires to be set",
        seen=f"result_expires is {expires:g} s" if expires is not None else "result_expires is None or 0: never",
    )
    if seen["autoexpire"]:
        expect.conclude(f"{seen['result_backend'][0]} ends results by itself after {expires:g} s")
        return
    schedule = project.ask("celery_schedule", descriptor.celery.app)
    oldest = schedule.get("oldest_result")
    # a nightly cleanup leaves what expires just after it for a day more
    late = oldest is not None and oldest > expires + 2 * DAY
    expect.holds(
        not late,
        expected=f"no result older than result_expires ({expires:g} s) and two days",
        seen=f"the oldest result is {oldest / DAY:.1f} days old" if oldest is not None else "there is no result",
    )
    if in_database(seen) and not schedule["trouble"]:
        expect.holds(
            bool(schedule["cleanup"]) or not schedule["rows"],
            expected="celery.backend_cleanup enabled in the schedule, because this backend removes nothing by itself",
            seen=f"it {'is' if schedule['cleanup'] else 'is not'} among {len(schedule['rows'])} enabled rows",
        )
    told = f"the oldest is {oldest:.0f} s old" if oldest is not None else "there is none now"
    expect.conclude(f"results expire after {expires:g} s, {told}")


def keeps_none(backend):
    """Whether Celery keeps results nowhere; without django-celery-results Redis may still keep them."""
    return any("DisabledBackend" in one for one in backend)


def in_database(seen):
    """Whether beat is set to keep its schedule in the database."""
    return any(one.startswith("django_celery_beat.") for one in seen["beat_scheduler"])


@verifies(
    "tasks.retry-backoff",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    remedy="@shared_task(autoretry_for=(…,), retry_backoff=True, max_retries=5)",
)
def automatic_retries_back_off(project, descriptor, expect):
    """Tasks with autoretry_for wait longer each time, and give up in the end."""
    seen = project.ask("celery_facts", descriptor.celery.app)
    retrying = [one for one in seen["tasks"] if one["autoretry"]]
    if not retrying:
        not_assessed("no task of the service retries by autoretry_for; what a task does with retry() cannot be seen")
    hasty = [one["name"] for one in retrying if not one["retry_backoff"]]
    expect.holds(
        not hasty,
        expected="retry_backoff at every task that retries by itself",
        seen=f"without it: {', '.join(hasty[:5])}" if hasty else f"{len(retrying)} such tasks, all with it",
    )
    endless = [one["name"] for one in retrying if one["max_retries"] is None]
    expect.holds(
        not endless,
        expected="a last retry",
        seen=f"they retry for ever: {', '.join(endless[:5])}" if endless else "max_retries is a number at each",
    )


@verifies(
    "tasks.broker-reconnect",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    remedy="broker_connection_retry = broker_connection_retry_on_startup = True, and a max_retries in\n"
    "task_publish_retry_policy",
)
def connection_to_the_broker_is_tried_again(project, descriptor, expect):
    """Workers try the broker again, and publishing gives up after a number of tries."""
    seen = project.ask("celery_facts", descriptor.celery.app)
    for name in ("broker_connection_retry", "broker_connection_retry_on_startup"):
        expect.that(name, seen[name]).equals(True)
    tries = seen["publish_max_retries"]
    bounded = not seen["task_publish_retry"] or isinstance(tries, int)
    expect.holds(
        bounded,
        expected="task_publish_retry_policy with a max_retries: a request would wait for the broker for ever",
        seen=f"max_retries is {tries}, task_publish_retry {seen['task_publish_retry']}",
    )
    expect.conclude(f"the workers try again for ever or as set; publishing {tries} times")
