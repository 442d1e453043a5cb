"""WebSocket: many changes at a time, and a client that does not read."""

from stackproof import NoAnswer, View, lateness, not_assessed, recovery, verifies

SIGNED_IN = [View.HTTP, View.ACCOUNTS, View.WEBSOCKET]
CAPACITY = 100  # messages that a channel holds unless the settings say otherwise (Channels)
MORE = 5
MOST = 150  # changes of one burst
ALONE = 6  # changes, each heard before the next one: by luck alone they all reach the socket's process 1 time in 64
SOME = 30  # changes while a client does not read; short ones may find room in the buffers of both systems
LATE = 0.1  # seconds by which a thread of this side wakes late where the machine is too busy to tell who lost what
LOST = 2  # rounds on a machine that is not, before anybody is accused
ROUNDS = 5
GOES_ON_WITHIN = 30.0  # seconds after such a client has left


@verifies(
    "websocket.burst-arrives",
    needs=SIGNED_IN,
    writes=True,
    remedy="raise the channel layer's capacity, and hand messages on at once: what a channel does not hold is dropped",
)
def burst_of_changes_reaches_a_client_that_reads(websocket, announcements, session, descriptor, expect, request):
    """More changes at a time than a channel holds all reach a client that reads."""
    access = session.login().access
    capacity, known = capacity_of(descriptor, request)
    count = min(capacity + MORE, MOST)
    missing, lost, late = [], 0, 0.0
    while lost < LOST and 0 not in missing and len(missing) < ROUNDS:
        with lateness() as seen:
            missing.append(missed(websocket, announcements, access, count))
        told = f"{count - missing[-1]} of {count} changes were heard"
        expect.measured(told, capacity=capacity, settings=known, woke_late_ms=round(seen.latest * 1000))
        lost += bool(missing[-1]) and seen.latest <= LATE
        late = max(late, seen.latest)
    if 0 not in missing and lost < LOST:
        not_assessed(
            f"{missing[-1]} of {count} changes were not heard, but a thread of this side woke {late * 1000:.0f} ms "
            "late: the machine is too busy to say who lost them"
        )
    alone = "" if 0 in missing else lost_one_by_one(websocket, announcements, access)
    expect.holds(
        0 in missing,
        expected=f"{count} changes at a time to be heard by a client that reads (a channel holds {capacity})",
        seen=f"{missing[-1]} were not heard" + (f", and {missing[0]} before" if len(missing) > 1 else "") + alone,
    )
    expect.conclude(f"{count} changes, some at a time, were heard by a client that reads; a channel holds {capacity}")


def lost_one_by_one(websocket, announcements, access):
    """What is said where changes are lost that leave the layer time: their number is not the reason then."""
    with websocket.opened(access) as connection:
        for _ in range(ALONE):
            if not announcements.heard(connection, [announcements.make(access, quiet=True)]):
                return f"; nor are all of {ALONE} made one by one: do all processes share a channel layer?"
    return ""


def capacity_of(descriptor, request):
    """(messages that a channel holds, whether the settings say so)."""
    project = descriptor.project
    if project is None or project.python is None or "version.django" in project.unused:
        return CAPACITY, False
    settings = request.getfixturevalue("project").settings()
    layer = (settings.get("CHANNEL_LAYERS") or {}).get("default") or {}
    given = (layer.get("CONFIG") or {}).get("capacity")
    return (given, True) if isinstance(given, int) and given > 0 else (CAPACITY, False)


def missed(websocket, announcements, access, count):
    """How many of so many changes a client that reads does not hear of."""
    with websocket.opened(access) as connection:
        with connection.read_meanwhile():
            made = announcements.make_many(access, count)
        heard = announcements.heard(connection, made)
        if not heard:
            not_assessed("control failed: none of the changes was heard")
        if len(heard) < count and not websocket.is_open(connection):
            not_assessed("the connection ended before all was heard")
        return count - len(heard)


@verifies(
    "websocket.slow-consumer",
    needs=SIGNED_IN,
    writes=True,
    remedy="never wait for one client while others are to be served: a bounded queue for each connection, and close "
    "those that do not read",
)
def client_that_does_not_read_hinders_nobody(websocket, announcements, session, expect):
    """A client that does not read keeps neither others from their messages nor the service from answering."""
    access = session.login().access
    told = hindered(websocket, announcements, access)
    if told:
        not_assessed(f"control failed: also without such a client {told}")
    rounds = []
    for _ in range(2):
        with websocket.opened(access, "by a client that will not read", small_buffer=True):
            rounds.append(hindered(websocket, announcements, access))
        if not rounds[-1]:
            break
        after = recovery(lambda: not hindered(websocket, announcements, access, 1), GOES_ON_WITHIN)
        if after is None:
            not_assessed(f"while a client does not read {rounds[-1]}, and after it the service does not go on either")
    expect.holds(
        "" in rounds,
        expected=f"{SOME} changes to be taken, and to be heard by others, while a client does not read",
        seen=f"while a client does not read {rounds[-1]}, twice; without it all goes on"
        if rounds[-1]
        else f"{SOME} changes were taken, and heard by others, while a client does not read",
    )


def hindered(websocket, announcements, access, count=SOME):
    """What keeps a client that reads from hearing of changes, or ""."""
    with websocket.opened(access, "by a client that reads") as connection:
        made = []
        try:
            with connection.read_meanwhile():
                while len(made) < count:
                    made.append(announcements.make(access, quiet=True))
        except NoAnswer:
            return f"change {len(made) + 1} of {count} is not answered"
        missing = count - len(announcements.heard(connection, made))
        return f"{missing} of {count} changes are not heard by others" if missing else ""
