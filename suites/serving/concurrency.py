"""Serving: requests that wait do not wait for each other."""

from stackproof import Question, View, Wire, measure_crowd, not_applicable, not_assessed, verifies

LONGEST = 240.0  # seconds, on a service that blocks
REMEDY = (
    "wait with await in an async view (asyncio.sleep, httpx.AsyncClient, the asynchronous ORM), never in a\n"
    "blocking call or a pool of threads, and serve it by ASGI: daphne service.asgi:application"
)


@verifies(
    "serving.waits-do-not-block",
    needs=[View.HTTP, View.ACCOUNTS, View.WAITING],
    writes=True,
    serial="load",
    alone=True,
    remedy=REMEDY,
)
def simultaneous_waits_take_as_long_as_one(session, descriptor, http, expect, requirement):
    """Two hundred simultaneous requests that wait are answered in little more time than one."""
    waiting = descriptor.waiting
    if not waiting.asynchronous:
        not_applicable("the descriptor says waiting.asynchronous = false: a WSGI server serves it, with its threads")
    if descriptor.target.requests_per_second:
        not_assessed("target.requests_per_second allows no two hundred requests at once")
    if http.remaining() < LONGEST:
        not_assessed("the run's time budget (--budget) leaves less than the four minutes that this may take")
    carried = session.carrying(session.login().access)
    quick = session.auth.protected.path
    few = requirement.value.number
    last = measure_crowd(
        Wire(descriptor, session.http),
        Question(waiting.path, waiting.seconds, quick, carried),
        few,
        lambda one: expect.measured(
            f"{one.crowd.size} waits took {one.ratio:.1f} times as long as one", **one.as_evidence()
        ),
    )
    at_once = last.crowd.answered * last.alone / last.crowd.seconds
    done = f"{last.crowd.answered} of {last.crowd.size}"
    expect.holds(
        last.passes(few),
        expected=f"{last.crowd.size} simultaneous waits to be done in less than {few:g} times one of them",
        seen=f"one takes {last.alone:.2f} s; of all at once {done} were answered in {last.crowd.seconds:.2f} s, "
        f"{last.ratio:.1f} times as long" + ("" if last.passes(few) else f": about {at_once:.0f} at once, seen twice"),
    )
