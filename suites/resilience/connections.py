"""No connection to the database is to be had: its server gives none, or the service's own pool is in use."""

from collections import Counter

from stackproof import Outage, View, answered_at_once, not_assessed, recovery, verifies

PART = "connections"
TIMES_THE_POOL = 3
UNKNOWN_POOL = 16  # connections, where the service's settings do not tell
ROUNDS = 2  # what is held against the service was seen in each
MOST = 96  # requests at once
REMEDY = "a time-out for whoever waits for a connection, answered by a 503; every connection is given back"


@verifies("resilience.connections", needs=[View.HTTP, View.ACCOUNTS], drill=PART, remedy=REMEDY)
def service_without_connections_says_so(drills, session, descriptor, expect):
    """While its database gives the service no connection every request is answered in time; it recovers by itself."""
    outage = Outage(descriptor, session)
    with drills.without(PART):
        outage.meanwhile(expect, "every connection to the database")
    outage.recovers(expect, "its connections", drills.part(PART).within)


@verifies("resilience.connections", needs=[View.HTTP, View.ACCOUNTS], writes=True, alone=True, remedy=REMEDY)
def requests_beyond_the_pool_are_all_answered(session, pool_size, descriptor, expect):
    """More simultaneous requests than the pool has connections are all answered, and the next one works."""
    pool = pool_size or UNKNOWN_POOL
    number = min(TIMES_THE_POOL * pool, MOST)
    tokens = session.login()
    before = session.protected(tokens.access)
    if not before.accepted:
        not_assessed(f"control failed: with a fresh access token {before.described} before there was any load")
    quiet = session.quietly()
    worst = []
    for _ in range(ROUNDS):
        words = at_once(quiet, number, tokens.access)
        worst.append(next((one.told for one in words if bad(one)), ""))
        if not worst[-1]:
            break
        control = at_once(quiet, number, None)
        if not all(one.status and one.seconds < descriptor.target.timeout / 2 for one in control):
            not_assessed(f"control failed: {number} simultaneous requests that need no database are not answered soon")
    counts = Counter(str(one.status or "no answer") for one in words)
    if set(counts) == {"429"}:
        not_assessed("every request was throttled (429)")
    shown = ", ".join(f"{times} times {status}" for status, times in sorted(counts.items()))
    expect.holds(
        not all(worst),
        expected=f"{number} simultaneous requests, for a pool of {pool}, to be answered by a 2xx or a 503 each",
        seen=f"{shown}{f': {worst[-1]}' if worst[-1] else ''}",
        pool_is_known=bool(pool_size),
    )
    works = recovery(lambda: session.on_new_connections().protected(tokens.access).accepted, descriptor.target.timeout)
    expect.holds(
        works is not None,
        expected=f"a request to work within {descriptor.target.timeout:g} s after them",
        seen="it does" if works is not None else "it does not",
    )
    expect.conclude(f"{number} simultaneous requests were answered ({shown}), and so was the next one")


def at_once(session, number, access):
    """Read the protected resource that often at the same moment, on connections of their own; without a token: None."""
    session.http.forget_silence()
    sessions = [session.on_new_connections() for _ in range(number)]
    calls = [lambda one=one: one.protected(access).answer for one in sessions]
    return answered_at_once(calls, "reading the protected resource")


def bad(word):
    """No answer, or a server error that is not "try again"."""
    return word.status == 0 or (word.status >= 500 and word.status != 503)
