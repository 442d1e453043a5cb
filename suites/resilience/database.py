"""The service while its database is away, and after it."""

from stackproof import View, recovery, verifies

MEANWHILE = 3  # requests while it is away


@verifies(
    "resilience.postgresql-restart",
    needs=[View.HTTP, View.ACCOUNTS],
    drill="postgres",
    remedy="CONN_HEALTH_CHECKS = True (or a pool that checks), connect_timeout in OPTIONS, no state in the process",
)
def database_that_comes_back_is_used_again(drills, session, expect):
    """While PostgreSQL is away the service says so, and once it is back it works again by itself."""
    before = session.login()
    part = drills.part("postgres")
    with drills.without("postgres"):
        seen = [session.try_login() for _ in range(MEANWHILE)]
    seconds = recovery(lambda: session.login() is not None, part.within)
    del before
    expect.holds(
        seconds is not None,
        expected=f"sign-ins to work again within {part.within:g} s of the database's return",
        seen=f"they do after {seconds:.1f} s" if seconds is not None else "they do not",
        meanwhile=[str(one) for one in seen],
    )
