"""PostgreSQL: what the service opens, and what the server admits."""

from stackproof import View, not_assessed, verifies

OPENS = "what the service opens"
REMEDY = "a smaller pool (OPTIONS pool max_size), fewer processes, a larger max_connections, or a pooler in between"
LIMITS = """
SELECT current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int
       + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS of_database
"""
ROLES = """
SELECT DISTINCT a.usename AS role, r.rolconnlimit AS limit
FROM pg_stat_activity a JOIN pg_roles r ON r.rolname = a.usename
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.application_name <> 'stackproof'
"""


@verifies(
    "postgresql.connections-suffice",
    needs=[View.PROJECT],
    serial="database",
    one_of=OPENS,
    remedy=REMEDY,
)
def connections_suffice_for_every_process(project, descriptor, expect):
    """All processes of the service together can open no more connections than the server admits to its role.

    A process that serves requests opens as many as its pool holds at most, or without a pool one for each thread; any
    other process opens what its pool holds at least, and one where it has none. How many there are the descriptor
    says: postgres.processes, postgres.threads, postgres.workers.
    """
    seen = project.once("database_use")
    if seen.get("vendor") != "postgresql":
        not_assessed(f"the service's default database is {seen.get('vendor')}, not PostgreSQL")
    if seen["standby"]:
        not_assessed("the service's settings lead to a standby: the primary decides")
    if seen["pooled"]:
        not_assessed("the service reaches PostgreSQL through a pooler, which shares connections among its clients")
    given = descriptor.postgres
    if given is None or not given.processes:
        not_assessed("how many processes serve requests is not known: write it into postgres.processes")
    if seen["pool"] is None and not given.threads:
        not_assessed("the service has no connection pool, and postgres.threads does not say how many each process has")
    smallest, largest = seen["pool"] or (1, given.threads)
    opened = given.processes * largest + given.workers * max(1, smallest)
    limits = limits_in(seen, seen["of_role"])
    judge(
        f"{given.processes} processes x {largest} and {given.workers} others x {max(1, smallest)}",
        opened,
        limits,
        expect,
    )
    judge_beside(seen.get("beside") or [], opened, limits, given, expect)


@verifies(
    "postgresql.connections-suffice",
    needs=[View.POSTGRES],
    one_of=OPENS,
    remedy="smaller pools, fewer processes, a larger max_connections, or a pooler in between",
)
def connections_suffice_for_a_service_without_django(postgres, descriptor, expect):
    """The same of a service without Django, in whatever language: how large its pools are the descriptor says.

    The limit of a role counts where one role alone has sessions in the database, so that it is the service's.
    """
    if "version.django" not in descriptor.unused:
        not_assessed(
            "a service without Django lists version.django in project.unused; Django's settings tell its pools"
        )
    given = descriptor.postgres
    if not (given.processes and given.threads):
        not_assessed(
            "how many processes serve requests, and how many connections each opens at most, is not known: write it "
            "into postgres.processes and postgres.threads"
        )
    postgres.needs_primary()
    if postgres.pooled():
        not_assessed("a pooler answers in PostgreSQL's place, which shares connections among its clients")
    roles = postgres.rows(ROLES)
    if len(roles) > 1:
        expect.note(f"which of {', '.join(one['role'] for one in roles)} is the service's own role is not known")
    own = roles[0]["limit"] if len(roles) == 1 else -1
    opened = given.processes * given.threads + given.workers
    what = f"{given.processes} processes x {given.threads} and {given.workers} others x 1"
    judge(what, opened, limits_in(postgres.rows(LIMITS)[0], own), expect)


def limits_in(seen, of_role):
    """What the server, the role and the database admit; -1 is no limit."""
    return {
        "max_connections less those reserved": seen["max_connections"] - seen["reserved"],
        "the role's own limit": of_role,
        "the database's own limit": seen["of_database"],
    }


def judge(what, opened, limits, expect):
    """The smallest limit admits what is opened."""
    name, admitted = min(((name, one) for name, one in limits.items() if one >= 0), key=lambda pair: pair[1])
    expect.holds(
        opened <= admitted,
        expected="the server to admit every connection that the service can open",
        seen=f"{what} are {opened}, and {admitted} are admitted ({name})",
    )


def judge_beside(others, opened, limits, given, expect):
    """Other databases of the settings on the same server may take connections, too; whether they do is not known."""
    if not others:
        return
    names = ", ".join(one["alias"] for one in others)
    if any(one["pool"] is None for one in others) and not given.threads:
        not_assessed(
            f"DATABASES has {names} on the same server without a pool: postgres.threads says how many it opens"
        )
    total = {True: opened, False: opened}
    for one in others:
        smallest, largest = one["pool"] or (1, given.threads)
        more = given.processes * largest + given.workers * max(1, smallest)
        total = {same: number + (more if one["same_role"] or not same else 0) for same, number in total.items()}
    admitted = {False: limits["max_connections less those reserved"], True: limits["the role's own limit"]}
    if any(0 <= admitted[same] < total[same] for same in (True, False)):
        not_assessed(
            f"{opened} connections of the default database are admitted, and {total[False]} would not be with those of "
            f"{names} on the same server: how many of them the service opens at once is not known"
        )
    expect.conclude(f"{total[False]} connections, those of {names} among them, are admitted")


@verifies(
    "postgresql.async-connections",
    needs=[View.PROJECT],
    serial="database",
    remedy="psycopg 3 as the driver, with parameters in OPTIONS that its asynchronous connections take, too",
)
def database_is_reached_asynchronously(project, expect):
    """An asynchronous connection of the service's driver, opened by the service's settings, answers.

    Django's own ORM works in threads; what a service awaits itself goes through such a connection.
    """
    seen = project.once("database_use")
    if seen.get("vendor") != "postgresql":
        not_assessed(f"the service's default database is {seen.get('vendor')}, not PostgreSQL")
    if seen["driver"] == "psycopg" and seen["async"] != "answers":
        not_assessed(f"the asynchronous connection did not answer: {seen['async']}")
    expect.holds(
        seen["driver"] == "psycopg",
        expected="a driver with asynchronous connections",
        seen=f"the driver is {seen['driver']}, and its asynchronous connection {seen['async'] or 'is not there'}",
    )
