"""Serving: streamed answers arrive as they are made, and clients that go away end their request's work."""

from stackproof import View, Wire, leave, not_applicable, not_assessed, read_stream, verifies

LASTS = 2.0  # seconds of a stream that is read to its end
SHORTEST = 0.5  # seconds; a stream that is shorter tells nothing
READINGS = 3
EARLY, LATE = 0.5, 0.9  # share of the time after which the first piece came
BEYOND = 8.0  # seconds that a request would go on after the bound

NEEDS = [View.HTTP, View.ACCOUNTS, View.WAITING]
CANCELS = (
    "an async view under an ASGI server is cancelled by Django when the client goes away: let CancelledError pass,\n"
    "release what it holds in `finally`, and put no asyncio.shield around it"
)


@verifies(
    "serving.stream-is-not-buffered",
    needs=NEEDS,
    remedy="StreamingHttpResponse with an asynchronous iterator, GZipMiddleware off for it, and no buffering in the "
    "proxy (X-Accel-Buffering: no)",
)
def first_piece_comes_before_the_last(session, descriptor, expect):
    """The first piece of a streamed answer arrives long before its end."""
    waiting = descriptor.waiting
    threads_by_design(waiting)
    if not waiting.stream:
        not_assessed("waiting.stream names no operation that sends its answer piece by piece")
    carried = session.carrying(session.login().access)
    path = waiting.stream.replace("{seconds}", f"{LASTS:g}")
    shares = []
    for _ in range(READINGS):
        seen = read_stream(Wire(descriptor, session.http), path, carried, LASTS + descriptor.target.timeout)
        if not 200 <= seen.status < 300:
            not_assessed(f"GET {path} answered {seen.status}")
        if seen.whole < SHORTEST or not seen.pieces:
            not_assessed(f"GET {path} was answered in {seen.whole:.2f} s, which is too short to tell a stream")
        shares.append(seen.first / seen.whole)
        said = f"the first piece came after {seen.first:.2f} s, the last after {seen.whole:.2f} s"
        expect.measured(said, pieces=seen.pieces, share=round(shares[-1], 2))
        if shares[-1] <= EARLY:
            break
    if EARLY < min(shares) < LATE:
        not_assessed(f"{said}: neither at once nor all at the end")
    expect.holds(
        min(shares) <= EARLY,
        expected="the first piece of a stream to arrive when it is made",
        seen=said + ("" if min(shares) <= EARLY else f": all at once, {READINGS} times"),
    )


@verifies("serving.disconnect-cancels", needs=NEEDS, writes=True, serial="load", alone=True, remedy=CANCELS)
def stream_ends_when_its_client_goes(session, descriptor, expect, requirement):
    """A stream whose client has gone away is worked on no longer."""
    waiting = descriptor.waiting
    threads_by_design(waiting)
    if not waiting.stream:
        not_assessed("waiting.stream names no operation that sends its answer piece by piece")
    judge(session, descriptor, expect, requirement, "stream")


@verifies("serving.disconnect-cancels", needs=NEEDS, writes=True, serial="load", alone=True, remedy=CANCELS)
def wait_ends_when_its_client_goes(session, descriptor, expect, requirement):
    """A waiting request whose client has gone away is worked on no longer."""
    threads_by_design(descriptor.waiting)
    judge(session, descriptor, expect, requirement, "path")


def judge(session, descriptor, expect, requirement, key):
    """Begin, go away, and look at what the service says it has in flight."""
    waiting = descriptor.waiting
    if not waiting.in_flight:
        not_assessed("waiting.in_flight names no operation that tells how many waits are in flight")
    path = getattr(waiting, key)
    if "{seconds}" not in path:
        not_assessed(f"waiting.{key} has no {{seconds}}: whether its work ends early or by itself cannot be told")
    bound = requirement.value.number
    path = path.replace("{seconds}", f"{bound + BEYOND:g}")
    carried = session.carrying(session.login().access)
    seen = leave(
        Wire(descriptor, session.http),
        path,
        waiting.in_flight,
        waiting.in_flight_field,
        carried,
        bound,
        streams=key == "stream",
    )
    expect.holds(
        seen.seconds is not None,
        expected=f"the work of clients that have gone away to end within {bound:g} s",
        seen=f"{seen.during} in flight, {seen.before} before; after the clients had gone "
        + (f"it ended within {seen.seconds:.1f} s" if seen.seconds is not None else f"{seen.after} {bound:g} s later"),
    )


def threads_by_design(waiting):
    """End the check where a WSGI server serves."""
    if not waiting.asynchronous:
        not_applicable("the descriptor says waiting.asynchronous = false: a WSGI server serves it, with its threads")
