"""A connection through the service's own settings: the driver, the server, and whether it is encrypted."""

import importlib
import json

import django

django.setup()

from django.db import connection  # noqa: E402

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
    answer |= {
        "driver": driver,
        "driver_version": str(getattr(importlib.import_module(driver), "__version__", "")),
        "server_version": str(server).split()[0],
        "sslmode": str(mode or ""),
        "ssl": row[0],
        "tls_version": row[1],
    }
print("\n" + json.dumps({"stackproof": answer}))
