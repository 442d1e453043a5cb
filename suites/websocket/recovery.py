"""WebSocket: while the Redis of its channel layer is away, and after it."""

import time

from stackproof import Outcome, View, not_assessed, recovery, verifies

AWAY_FOR = 1.0  # seconds


@verifies(
    "websocket.recovers",
    needs=[View.HTTP, View.ACCOUNTS, View.WEBSOCKET],
    writes=True,
    drill="channels",
    remedy="connect to the channel layer anew after an error (channels_redis does, with a redis-py that retries), and "
    "keep nothing of the connection in the process",
)
def sockets_work_again_when_redis_is_back(drills, websocket, announcements, session, descriptor, expect):
    """Once the Redis of the channel layer is back, WebSockets open and hear of changes again."""
    layer = descriptor.websocket.layer
    access = session.login().access
    within = drills.part(layer).within
    with websocket.opened(access) as before:
        one = announcements.make(access)
        if not announcements.heard(before, [one]):
            not_assessed("control failed: a change is not heard on the socket, with Redis there")
        with drills.without(layer):
            meanwhile = websocket.look("with the channel layer's Redis away", access)
            time.sleep(AWAY_FOR)
    tries = []

    def works():
        tries.append(websocket.look("after Redis is back", access))
        if tries[-1].outcome is not Outcome.ACCEPTED:
            return False
        with websocket.opened(access, "after Redis is back") as connection:
            return bool(announcements.heard(connection, [announcements.make(access)], 5.0))

    seconds = recovery(works, within)
    expect.holds(
        seconds is not None,
        expected=f"a WebSocket to open and to hear of a change within {within:g} s of Redis being back",
        seen=f"it does after {seconds:.1f} s, at try {len(tries)}"
        if seconds is not None
        else f"it does not, in {len(tries)} tries; the last one: {tries[-1].described}",
        meanwhile=meanwhile.described,
    )
