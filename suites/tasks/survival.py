"""Background work: a task in its middle, and its process is killed. Workers and tasks are our own."""

from stackproof import View, killed_child, killed_worker, verifies, weakest_tasks

VISIBILITY = 4  # seconds after which the broker gives a message of a dead worker out again; the task takes 1.5 s


def least_protected(project, descriptor, expect):
    """How the service's least protected tasks are acknowledged; what ours are then set to."""
    celery = descriptor.celery
    found = weakest_tasks(project.ask("celery_facts", celery.app), celery.at_most_once)
    expect.note(f"the service's least protected tasks have {found}")
    return found


def judge(expect, fate, found, what):
    """Done, and once."""
    expect.holds(
        fate.effects == 1,
        expected=f"a task whose {what} is killed to have its effect exactly once",
        seen=f"with {found}, {fate}",
        starts=fate.starts,
        effects=fate.effects,
    )
    if fate.starts > 2:
        expect.note(f"it was begun {fate.starts} times for one effect")


@verifies(
    "tasks.survive-child",
    needs=[View.PROJECT, View.CELERY],
    writes=True,
    drill="tasks",
    remedy="task_acks_late = True and task_reject_on_worker_lost = True; both are needed.\n"
    "Tasks that must not be done again belong into celery.at_most_once of stackproof.toml",
)
def task_of_a_killed_child_is_done_once(bench, project, descriptor, expect):
    """SIGKILL for the process in the middle of a task: the task is done after all, once in its effect."""
    found = least_protected(project, descriptor, expect)
    with bench(options=found.options) as ours:
        judge(expect, killed_child(ours), found, "process")


@verifies(
    "tasks.survive-worker",
    needs=[View.PROJECT, View.CELERY],
    writes=True,
    drill="tasks",
    remedy="task_acks_late = True; the broker then gives the task out again after visibility_timeout.\n"
    "Tasks that must not be done again belong into celery.at_most_once of stackproof.toml",
)
def task_of_a_killed_worker_is_done_once(bench, project, descriptor, expect):
    """SIGKILL for the whole worker in the middle of a task: another worker does it, once in its effect."""
    found = least_protected(project, descriptor, expect)
    with bench(options=found.options, transport={"visibility_timeout": VISIBILITY}) as ours:
        judge(expect, killed_worker(ours, VISIBILITY), found, "worker")
    expect.note(f"seen with a visibility timeout of {VISIBILITY} s in our own workers; the service's is longer")
