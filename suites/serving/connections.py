"""Serving: requests leave no database connections behind."""

import time

from stackproof import View, Wire, not_assessed, steady_load, verifies

AT_A_TIME = 8
EACH = 50  # requests on each of them
PARTS = 5  # the load is interrupted for a look at the connections
LEAKED = 4  # times the concurrency: no pool, and no two processes with one each, need more
RESTS = 10.0  # seconds until the service has put its connections away
LOOK_EVERY = 0.5
QUIET_LOOKS = 4

SESSIONS = """SELECT count(*) AS sessions FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'stackproof'"""


@verifies(
    "serving.connections-return",
    needs=[View.HTTP, View.ACCOUNTS, View.POSTGRES],
    writes=True,
    serial="load",
    alone=True,
    remedy="CONN_MAX_AGE = 0 with a pool (OPTIONS['pool']) under ASGI, close_old_connections() in threads of your\n"
    "own, and `async with` around every connection that code opens itself",
)
def many_requests_leave_no_connections_behind(session, postgres, descriptor, expect):
    """After four hundred requests, eight at a time, the database has no more connections than eight at a time need."""
    if descriptor.target.requests_per_second:
        not_assessed("target.requests_per_second allows no load")
    if postgres.pooled():
        not_assessed("a pooler stands in between: what it holds open says nothing of the service")
    carried = session.carrying(session.login().access)
    path, wire = session.auth.protected.path, Wire(descriptor, session.http)
    control = steady_load(wire, path, carried, AT_A_TIME, 1)
    if control.keys() - {200, 204}:
        told = ", ".join(f"{number} times {status or 'no HTTP'}" for status, number in sorted(control.items()))
        not_assessed(f"control failed: GET {path}, {AT_A_TIME} at a time, is not answered with success: {told}")
    before = quiet_level(postgres)
    bound = LEAKED * AT_A_TIME
    statuses, levels = {}, [before]
    for _ in range(PARTS):
        for status, number in steady_load(wire, path, carried, AT_A_TIME, EACH // PARTS).items():
            statuses[status] = statuses.get(status, 0) + number
        levels.append(sessions(postgres))
        if levels[-1] - before > 2 * bound:
            break  # enough is seen: the server's other clients need connections too
    after = settled(postgres, before + AT_A_TIME)
    asked = sum(statuses.values())
    odd = {status: number for status, number in statuses.items() if not 200 <= status < 300}
    expect.measured(f"{asked} requests, {AT_A_TIME} at a time", statuses=statuses, sessions=levels, after_a_rest=after)
    grown = after - before
    leaked = grown > bound
    if AT_A_TIME < grown <= bound:
        not_assessed(f"{grown} sessions more than before after {asked} requests: a large pool or a slow leak")
    if odd and not leaked:
        told = ", ".join(f"{number} times {status or 'no HTTP'}" for status, number in sorted(odd.items()))
        alone = steady_load(wire, path, carried, 1, 1).keys()
        worn = (
            " and so is one alone after a rest, as where a pool's connections are not given back"
            if 503 in alone
            else ""
        )
        not_assessed(f"of {asked} requests some were answered otherwise ({told}){worn}")
    expect.holds(
        not leaked,
        expected=f"the sessions of the database to go back to what {AT_A_TIME} requests at a time need",
        seen=f"{before} sessions before, {max(levels)} during {asked} requests, {after} after a rest",
    )


def sessions(postgres):
    """How many sessions others have in this database."""
    return int(postgres.quiet_rows(SESSIONS)[0]["sessions"])


def quiet_level(postgres):
    """Their number while nothing is asked; where it moves by itself, no growth can be told."""
    seen = []
    for _ in range(QUIET_LOOKS):
        seen.append(sessions(postgres))
        time.sleep(LOOK_EVERY)
    if max(seen) - min(seen) > AT_A_TIME:
        not_assessed(f"the sessions of the database go from {min(seen)} to {max(seen)} by themselves")
    return max(seen)


def settled(postgres, enough):
    """Their number once it is no larger than that, or after the rest."""
    deadline = time.monotonic() + RESTS
    while (seen := sessions(postgres)) > enough and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY)
    return seen
