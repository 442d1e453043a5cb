"""What the service's settings let one process open on the database, what it is admitted, and whether it can await."""

import asyncio
import json

import django

django.setup()

from django.db import connection, connections  # noqa: E402

LIMITS = """
SELECT current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int
       + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
       (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS of_role,
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS of_database,
       pg_backend_pid() AS pid, pg_is_in_recovery() AS standby
"""
OF_DJANGO = {"cursor_factory", "context", "prepare_threshold"}
WITHIN = 8  # seconds


def pool_of(one):
    """(smallest, largest) number of connections of the pool, as psycopg_pool fills in what is not given; or None."""
    given = one.settings_dict["OPTIONS"].get("pool")
    if not given:
        return None
    given = {} if given is True else given
    smallest = given.get("min_size", 4)
    largest = given.get("max_size")
    return [int(smallest), int(smallest if largest is None else largest)]


def beside():
    """The other aliases that lead to the same server, with their pools, and whether they use the same role."""
    own = connection.settings_dict
    others = [connections[alias] for alias in connections if alias != connection.alias]
    return [
        {"alias": one.alias, "pool": pool_of(one), "same_role": one.settings_dict["USER"] == own["USER"]}
        for one in others
        if one.vendor == "postgresql"
        and all(str(one.settings_dict[key] or "") == str(own[key] or "") for key in ("HOST", "PORT"))
    ]


async def awaited():
    """Connect beside Django, and ask for a row."""
    import psycopg

    parameters = {key: value for key, value in connection.get_connection_params().items() if key not in OF_DJANGO}
    async with await psycopg.AsyncConnection.connect(**parameters) as opened:
        await opened.execute("SELECT 1")


def asynchronous(driver):
    """What came of an asynchronous connection: "answers", a reason, or "" where the driver has none."""
    if driver != "psycopg":
        return ""
    try:
        asyncio.run(asyncio.wait_for(awaited(), WITHIN))
    except Exception as error:
        return type(error).__name__
    return "answers"


answer = {"vendor": connection.vendor}
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        cursor.execute(LIMITS)
        answer |= dict(zip([one[0] for one in cursor.description], cursor.fetchone(), strict=True))
        driver = type(connection.connection).__module__.split(".")[0]
        own = getattr(getattr(connection.connection, "info", None), "backend_pid", None)
    seen_pid = answer.pop("pid")
    answer |= {
        "driver": driver,
        "pool": pool_of(connection),
        "beside": beside(),
        "pooled": None if own is None else own != seen_pid,
        "async": asynchronous(driver),
    }
print("\n" + json.dumps({"stackproof": answer}))
