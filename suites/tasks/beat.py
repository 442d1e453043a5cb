"""Background work: the schedule, and whether beat sends what is due by it."""

import time

from stackproof import View, not_applicable, not_assessed, verifies

FIRES_WITHIN = 45.0  # seconds, on a busy machine; beat looks for changes of a database's schedule every 5 s
LONGEST_LOOP = 120.0
SYNCED_EVERY = 180.0  # seconds between two times that beat writes down what it has run
SLACK = 60.0  # seconds more, for a schedule to be late
WITHOUT_DJANGO = (
    "the service's interpreter has no Django, in whose database a schedule could be; where it has no such schedule, "
    "list version.django-celery-beat in project.unused"
)
AGAIN = 15.0  # seconds for a beat that has just been started
REMEDY = "run `celery -A … beat` as a process of its own, exactly one, under a supervisor that starts it again"


@verifies(
    "tasks.schedule-in-database",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    remedy="beat_scheduler = 'django_celery_beat.schedulers:DatabaseScheduler' (CELERY_BEAT_SCHEDULER)",
)
def schedule_is_kept_in_the_database(project, descriptor, expect):
    """Beat is set to keep its schedule in the database, or is seen to do so."""
    _needed(project)
    facts = project.ask("celery_facts", descriptor.celery.app)
    seen = project.ask("celery_schedule", descriptor.celery.app)
    if not seen["django"]:
        not_assessed(WITHOUT_DJANGO)
    scheduler = facts["beat_scheduler"][0] if facts["beat_scheduler"] else "not known"
    expect.holds(
        bool(seen["installed"]),
        expected="django_celery_beat among the installed applications",
        seen=f"it {'is' if seen['installed'] else 'is not'} installed",
    )
    if seen["trouble"]:
        not_assessed(f"the schedule in the database cannot be read: {seen['trouble']}")
    expect.conclude(f"{scheduler}, {len(seen['rows'])} enabled rows")
    ran = [one["ran"] for one in seen["rows"] if one["ran"] is not None]
    if ran and not _in_database(facts):
        # a row that is not due again for long says nothing: it may have been run before the scheduler was changed
        if min(ran) > SYNCED_EVERY + SLACK:
            not_assessed(
                f"beat_scheduler is {scheduler}, and rows of the database were run, but none within "
                f"{SYNCED_EVERY + SLACK:g} s: whether beat's command line names another one is not known "
                "(tasks.schedule-fires sees it, with --allow-writes)"
            )
        expect.note("the scheduler is given on beat's command line", set_to=scheduler)
    expect.holds(
        _in_database(facts) or bool(ran),
        expected="a scheduler of django_celery_beat",
        seen=f"beat_scheduler is {scheduler}; {len(ran)} of {len(seen['rows'])} enabled rows were run",
    )


def _in_database(facts):
    return any(one.startswith("django_celery_beat.") for one in facts["beat_scheduler"])


def _needed(project):
    for unused in ("version.django-celery-beat", "version.django"):
        if unused in project.unused:
            not_applicable(f"project.unused lists {unused}: the service has no schedule in Django's database")


@verifies("tasks.schedule-fires", needs=[View.PROJECT, View.CELERY], serial="tasks", supplementary=True, remedy=REMEDY)
def nothing_of_the_schedule_is_overdue(project, descriptor, expect):
    """Nothing in the database's schedule is overdue by more than beat takes to write down what it has run."""
    _needed(project)
    rows, late = _overdue(project, descriptor)
    if late:
        time.sleep(AGAIN)
        rows, late = _overdue(project, descriptor)
    due = [one for one in rows if one["ran"] is not None and one["overdue"] is not None]
    if not due and not late:
        not_assessed(f"none of {len(rows)} enabled rows has run yet, and none is overdue: it is too early to tell")
    expect.holds(
        not late,
        expected=f"nothing to be overdue by more than {SYNCED_EVERY + SLACK:g} s",
        seen="; ".join(f"{one['name']} is overdue by {one['overdue']:.0f} s" for one in late[:5])
        if late
        else f"none of {len(rows)} enabled rows is overdue",
    )


def _overdue(project, descriptor):
    seen = project.ask("celery_schedule", descriptor.celery.app)
    if not seen["django"]:
        not_assessed(WITHOUT_DJANGO)
    if not seen["installed"] or seen["trouble"]:
        not_assessed(f"the schedule in the database cannot be read: {seen['trouble'] or 'there is none'}")
    rows = seen["rows"]
    return rows, [one for one in rows if (one["overdue"] or 0) > SYNCED_EVERY + SLACK]


@verifies(
    "tasks.schedule-fires",
    needs=[View.PROJECT, View.CELERY],
    serial="tasks",
    writes=True,
    remedy=REMEDY,
)
def row_that_is_due_is_sent(scheduled_row, project, descriptor, expect):
    """A row of ours that is due at once arrives in a queue of ours: beat runs, and reads the database."""
    _needed(project)
    facts = project.ask("celery_facts", descriptor.celery.app)
    if not facts["task_create_missing_queues"]:
        not_assessed("task_create_missing_queues is False: beat could not send to a queue of ours")
    loop = facts["beat_max_loop_interval"] or 0
    if loop > LONGEST_LOOP:
        not_assessed(f"beat_max_loop_interval is {loop:g} s: for so long beat would not see a row of ours")
    with scheduled_row() as row:
        began = time.monotonic()
        arrived = row.arrived(FIRES_WITHIN + loop)
        seconds = time.monotonic() - began
        expect.holds(
            arrived,
            expected=f"a row that is due to be sent within {FIRES_WITHIN + loop:g} s",
            seen=f"it was sent after {seconds:.1f} s" if arrived else "it was not sent: no beat runs on this database",
        )
