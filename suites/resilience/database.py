"""The service while its database is away, and after it."""

from stackproof import Outage, View, verifies

PART = "postgres"
RECORDS = 2  # made before


@verifies(
    "resilience.postgresql-restart",
    needs=[View.HTTP, View.ACCOUNTS],
    drill=PART,
    remedy="connect_timeout and a pool's timeout below those of the clients; answer an OperationalError by a 503; a\n"
    "process remembers no failure for good",
)
def service_without_its_database_says_so(drills, session, descriptor, expect):
    """While PostgreSQL is away every request that needs it is answered by a server error; the service recovers."""
    outage = Outage(descriptor, session)
    with drills.without(PART):
        outage.meanwhile(expect, "PostgreSQL")
    outage.recovers(expect, "PostgreSQL", drills.part(PART).within)


@verifies(
    "resilience.postgresql-restart",
    needs=[View.HTTP, View.ACCOUNTS],
    drill=PART,
    remedy="CONN_HEALTH_CHECKS = True, or a pool that checks; a process that remembers no failure for good",
)
def database_that_comes_back_is_used_again(drills, session, descriptor, expect):
    """Once PostgreSQL is back the service works again by itself, with tokens from before."""
    outage = Outage(descriptor, session)
    with drills.without(PART):
        seen = outage.notices()
    expect.note("while it was away", answers=seen)
    outage.recovers(expect, "PostgreSQL", drills.part(PART).within)


@verifies(
    "resilience.acknowledged-is-kept",
    needs=[View.HTTP, View.ACCOUNTS],
    writes=True,
    drill=PART,
    remedy="acknowledge after the commit, never before it; synchronous_commit and fsync stay on",
)
def what_was_acknowledged_outlives_the_database(drills, records, session, expect):
    """What the service acknowledged before PostgreSQL was killed, or while it was away, is there afterwards."""
    records.prepare()
    kept = {records.make(session): "before PostgreSQL was killed" for _ in range(RECORDS)}
    with drills.without(PART):
        told, made = records.try_to_make(session.on_new_connections())
        kept |= {made: "while PostgreSQL was away"} if made else {}
    lost, left = records.lost(kept, drills.part(PART).within)
    expect.holds(
        not lost,
        expected="what was acknowledged to be there once PostgreSQL is back",
        seen=f"{len(kept) - len(lost)} of {len(kept)} records are there; lost: {', '.join(lost) or 'none'}",
        meanwhile=told,
        left=left,
    )
