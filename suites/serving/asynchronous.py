"""Serving: what the project's own code says of how its requests run."""

from urllib.parse import urlsplit

from stackproof import View, not_applicable, not_assessed, verifies

SHOWN = 3


@verifies(
    "serving.async-view",
    needs=[View.PROJECT, View.WAITING],
    remedy="async def for the view, or for every handler of its class, and await what it waits for",
)
def view_that_waits_is_a_coroutine(project, descriptor, expect):
    """The view behind the operation that waits is a coroutine."""
    path = descriptor.waiting.path
    seen = asked(project, descriptor, path)
    view = seen["looked_up"][path]
    if view is None:
        not_assessed(f"the project's URLconf does not lead from {path} to a view")
    expect.holds(
        view["coroutine"],
        expected="the view that waits to be a coroutine",
        seen=f"{view['view']} is {'a coroutine' if view['coroutine'] else 'none: each of its requests holds a thread'}",
    )


@verifies(
    "serving.no-blocking-calls",
    needs=[View.PROJECT],
    remedy="await its asynchronous twin (asyncio.sleep, httpx.AsyncClient, asyncio.create_subprocess_exec,\n"
    "cache.aget), or sync_to_async(…) around it",
)
def coroutines_call_nothing_that_blocks(project, descriptor, expect):
    """No coroutine of a view, a consumer or a middleware calls what is known to block the event loop."""
    seen = asked(project, descriptor)
    if seen["unread"] and not seen["blocking"]:
        not_assessed(f"the consumers were not read, for the ASGI application cannot be loaded: {seen['unread']}")
    if not seen["coroutines"]:
        not_assessed(
            f"none of the {seen['views']} views of the URLconf is a coroutine of the project's own, and no consumer is"
        )
    blocked = seen["blocking"]
    expect.holds(
        not blocked,
        expected="coroutines to call nothing that blocks the event loop",
        seen="; ".join(f"{one['where']}: {one['function']} calls {one['call']}" for one in blocked[:SHOWN])
        or f"{seen['coroutines']} coroutines call nothing of what is known to block; what libraries do was not read",
    )


@verifies(
    "serving.async-middleware",
    needs=[View.PROJECT],
    remedy="async_capable = True and a coroutine beside the synchronous call (django.utils.decorators."
    "sync_and_async_middleware), or do without it",
)
def every_middleware_can_be_a_coroutine(project, descriptor, expect):
    """Every middleware of the settings is async-capable."""
    seen = asked(project, descriptor)
    if not seen["asgi"]:
        not_assessed("the settings name no ASGI_APPLICATION: that the service is served by ASGI is not known")
    if descriptor.waiting and not descriptor.waiting.asynchronous:
        not_applicable("the descriptor says waiting.asynchronous = false: a WSGI server serves it, with its threads")
    bound = [one["name"] for one in seen["middleware"] if not one["async_capable"]]
    expect.holds(
        not bound,
        expected="every middleware to be async-capable",
        seen=f"{', '.join(bound[:SHOWN])} cannot run in a coroutine: every request takes a thread"
        if bound
        else f"all {len(seen['middleware'])} are",
    )


def asked(project, descriptor, *paths):
    """The probe's answer; a project without Django has none."""
    if "django" not in project.installed():
        if "version.django" in project.unused:
            not_applicable("project.unused says that the service does not use Django (version.django)")
        not_assessed(
            "Django is not installed in project.python; list version.django in project.unused where it is not used"
        )
    return project.ask("asynchronous", urlsplit(descriptor.target.base_url).path.rstrip("/"), *paths)
