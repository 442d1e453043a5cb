"""What every part of the service shares about its database."""

from typing import Any

import psycopg
from django.conf import settings
from django.db.models import Func, UUIDField


class GenerateUUID(Func):
    """A random UUID made by PostgreSQL (extension `uuid-ossp`), for `db_default`."""

    function = "uuid_generate_v4"
    arity = 0
    output_field = UUIDField()


async def ping(timeout_seconds: int) -> None:
    """Connect anew, beside the pool and without a thread, and ask for a row.

    Raises:
        psycopg.Error: the database does not answer.
    """
    configured: dict[str, Any] = settings.DATABASES["default"]
    options = {key: value for key, value in configured["OPTIONS"].items() if key != "pool"}
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    parameters = {name: configured[key] for name, key in names.items() if configured[key]}
    timeout = {"connect_timeout": timeout_seconds}
    async with await psycopg.AsyncConnection.connect(**(options | parameters | timeout)) as connection:
        await connection.execute("SELECT 1")
