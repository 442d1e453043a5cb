"""A connection through the service's own settings: the driver, the server, and whether it is encrypted."""

import json

import django

django.setup()

from django.db import connection  # noqa: E402

with connection.cursor() as cursor:
    driver = type(connection.connection).__module__.split(".")[0]
    module = __import__(driver)
    parameters = connection.get_connection_params()
    mode = parameters.get("sslmode", "")
    if not mode:
        info = getattr(connection.connection, "info", None)
        given = info.get_parameters() if info is not None and hasattr(info, "get_parameters") else {}
        mode = given.get("sslmode", "")
    cursor.execute("SHOW server_version")
    [server] = cursor.fetchone()
    cursor.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    row = cursor.fetchone() or (None, None)

print(
    json.dumps(
        {
            "vendor": connection.vendor,
            "driver": driver,
            "driver_version": str(getattr(module, "__version__", "")),
            "server_version": str(server).split()[0],
            "sslmode": str(mode or ""),
            "ssl": row[0],
            "tls_version": row[1],
        }
    )
)
