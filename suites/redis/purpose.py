"""Redis: the three purposes, by using them as the service does."""

import time

from stackproof import View, not_applicable, not_assessed, verifies

TASK_WITHIN = 20.0  # seconds
CACHE_BACKENDS = ("django_redis.cache.", "django.core.cache.backends.redis.")
LAYER_BACKENDS = ("channels_redis.",)
BROKERS = ("redis", "valkey")  # kombu's words for what a transport speaks, Sentinel's and TLS's too


@verifies(
    "redis.purpose.cache",
    needs=[View.PROJECT],
    writes=True,
    remedy="CACHES = {'default': {'BACKEND': 'django_redis.cache.RedisCache', 'LOCATION': …}}",
)
def cache_of_the_service_is_redis_and_works(project, expect):
    """The service's cache is Redis, and gives back what was put in."""
    seen = project.ask("cache_round_trip")
    expect.holds(
        is_a(seen, CACHE_BACKENDS),
        expected="the service's cache to be Redis",
        seen=f"its backend is {seen.get('backend')}",
    )
    expect.holds(
        bool(seen.get("read_back")),
        expected="the cache to give back what was put in",
        seen="the value came back" if seen.get("read_back") else "the value did not come back",
    )
    expect.conclude(f"a value went through {seen.get('backend')} and back")


@verifies(
    "redis.purpose.channels-layer",
    needs=[View.PROJECT],
    writes=True,
    remedy="CHANNEL_LAYERS = {'default': {'BACKEND': 'channels_redis.core.RedisChannelLayer', …}}",
)
def channel_layer_of_the_service_is_redis_and_works(project, expect):
    """The service's channel layer is Redis, and delivers."""
    for unused in ("version.django-channels", "version.django"):
        if unused in project.unused:
            not_applicable(f"project.unused lists {unused}: the service has no channel layer")
    seen = project.ask("channel_round_trip")
    expect.holds(
        is_a(seen, LAYER_BACKENDS),
        expected="the service's channel layer to be Redis",
        seen=f"its backend is {seen.get('backend') or 'not set'}",
    )
    expect.holds(
        bool(seen.get("received")),
        expected="a message through the channel layer to arrive",
        seen="the message arrived" if seen.get("received") else "the message did not arrive",
    )
    expect.conclude(f"a message went through {seen.get('backend')} and arrived")


def is_a(seen, known):
    """Whether a backend is one of the known ones, or a team's own class that stands on one."""
    return any(str(name).startswith(known) for name in (seen.get("backend"), *(seen.get("family") or [])))


@verifies(
    "redis.purpose.celery-broker",
    needs=[View.PROJECT, View.CELERY],
    remedy="look at the worker's log; one that cannot load its transport (kombu against redis-py) never answers:\n"
    "install celery[redis], so that the resolver chooses versions that agree",
)
def worker_answers_over_the_broker(project, descriptor, expect):
    """The service's broker is Redis, and a Celery worker of the service answers over it."""
    seen = project.ask("celery_ping", descriptor.celery.app)
    transport = seen.get("transport")
    if transport:
        expect.holds(
            transport in BROKERS,
            expected="the service's broker to be Redis",
            seen=f"its transport is {transport}",
        )
    if not seen.get("broker") and not seen.get("trouble", "").startswith("VersionMismatch"):
        not_assessed(f"the broker cannot be reached with the service's settings: {seen.get('trouble')}")
    workers = seen.get("workers") or []
    expect.holds(
        bool(workers),
        expected="at least one Celery worker to answer a ping over the broker",
        seen=f"{len(workers)} workers answered" + (f" ({seen['trouble']})" if seen.get("trouble") else ""),
    )
    expect.conclude(f"{len(workers)} workers answered over {transport or 'the broker'}")


@verifies(
    "redis.purpose.celery-broker",
    needs=[View.HTTP, View.ACCOUNTS, View.CELERY],
    writes=True,
    supplementary=True,
    remedy="look at the worker's log: the task was queued, and nobody worked on it",
)
def submitted_task_is_done(tasks, descriptor, expect):
    """A task that was submitted over HTTP is worked on and done."""
    task = tasks.accepted().task
    started = time.monotonic()
    state = state_when_done(tasks, descriptor.celery, task)
    expect.holds(
        state == descriptor.celery.done,
        expected=f"a submitted task to reach {descriptor.celery.done} within {TASK_WITHIN:g} s",
        seen=f"its state is {state} after {time.monotonic() - started:.1f} s",
    )


def state_when_done(tasks, celery, task):
    """The state of a task once it is done, or when the time is up.

    Raises:
        NotAssessed: the operation of [celery.status] never told a state, which is no fact about the worker.
    """
    deadline = time.monotonic() + TASK_WITHIN
    state, pause = "", 0.2
    while True:
        answer, told = tasks.look(task)
        state = told or state
        if state == celery.done:
            return state
        left = deadline - time.monotonic()
        if left <= 0:
            break
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, 1.0)
    if not state:
        not_assessed(f"[celery.status] never told a state in {celery.state!r}; at last {answer.describe()}")
    return state
