"""A connection through the service's own settings: the driver, the server, and whether it is encrypted."""

import importlib
import json
import os

import django

django.setup()

from django.db import connection, connections  # noqa: E402


def others():
    """[alias, sslmode] of further databases that are reached over a network; None where the settings do not tell."""
    found = []
    for one in connections.all():
        if one.alias == "default" or one.vendor != "postgresql":
            continue
        given = one.get_connection_params()
        where = str(given.get("host") or given.get("hostaddr") or os.environ.get("PGHOST") or "")
        if given.get("service"):
            found.append([one.alias, given.get("sslmode")])
        elif where and not where.startswith(("/", "@")):
            found.append([one.alias, str(given.get("sslmode") or os.environ.get("PGSSLMODE") or "")])
    return found


answer = {"vendor": connection.vendor}
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        driver = type(connection.connection).__module__.split(".")[0]
        mode = connection.get_connection_params().get("sslmode", "")
        if not mode:
            info = getattr(connection.connection, "info", None)
            given = info.get_parameters() if info is not None and hasattr(info, "get_parameters") else {}
            mode = given.get("sslmode", "")
        cursor.execute("SHOW server_version")
        [server] = cursor.fetchone()
        cursor.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        row = cursor.fetchone() or (None, None)
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
        own = getattr(connection.connection, "info", None)
        pooled = getattr(own, "backend_pid", pid) != pid
        host = str(getattr(own, "host", None) or "")  # libpq's: a folder, or "@" and a name, is a Unix socket
        lib = getattr(connection.connection, "pgconn", own)  # psycopg 3's wrapper of libpq, psycopg 2's info
    answer |= {
        "driver": driver,
        "driver_version": str(getattr(importlib.import_module(driver), "__version__", "")),
        "server_version": str(server).split()[0],
        "sslmode": str(mode or ""),
        "ssl": row[0],
        "tls_version": row[1],
        "to_pooler": bool(getattr(lib, "ssl_in_use", False)) if pooled else None,
        "socket": host if host.startswith(("/", "@")) else "",
        "others": others(),
    }
print("\n" + json.dumps({"stackproof": answer}))
