"""No connection to the database is to be had: its server gives none, or the service's own pool is in use."""

from stackproof import Outage, View, answered_at_once, not_assessed, verifies

PART = "connections"
TIMES_THE_POOL = 3
UNKNOWN_POOL = 16  # connections, where the service's settings do not tell
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
def requests_beyond_the_pool_are_all_answered(session, pool_size, expect):
    """More simultaneous requests than the pool has connections are all answered, and the next one works."""
    pool = pool_size or UNKNOWN_POOL
    number = min(TIMES_THE_POOL * pool, MOST)
    tokens = session.login()
    quiet = session.quietly()
    seen = []
    for _ in range(2):
        sessions = [quiet.on_new_connections() for _ in range(number)]
        calls = [lambda one=one: one.protected(tokens.access).answer for one in sessions]
        words = answered_at_once(calls, "reading the protected resource")
        seen.append(words)
        if not any(bad(one) for one in words):
            break
    worst = [next((one.told for one in words if bad(one)), "") for words in seen]
    counts = {}
    for one in seen[-1]:
        counts[one.status or "no answer"] = counts.get(one.status or "no answer", 0) + 1
    if all(one.status == 429 for one in seen[-1]):
        not_assessed("every request was throttled (429)")
    expect.holds(
        not all(worst),
        expected=f"{number} simultaneous requests, for a pool of {pool}, to be answered by a 2xx or a 503 each",
        seen=worst[-1] or f"{number} requests: {counts}",
        answers={str(key): value for key, value in counts.items()},
    )
    after = session.on_new_connections().protected(tokens.access)
    expect.holds(after.accepted, expected="the next request to work", seen=after.described)
    expect.conclude(f"{number} simultaneous requests were answered: {counts}")


def bad(word):
    """No answer, or a server error that is not "try again"."""
    return word.status == 0 or (word.status >= 500 and word.status != 503)
