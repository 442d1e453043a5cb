"""The services that the tests run against, up before Django's settings are read.

Loaded early (`-p tests.services`), because settings take the addresses from the environment. Where
DISPATCH_DATABASE_URL is set already, those services are used and nothing is started.
"""

import atexit
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def start() -> None:
    """Start PostgreSQL and two Redis roles, and tell the environment where they are."""
    from fixtures.services import ServicePlan, provide

    stack = ExitStack()
    folder = Path(
        stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatch-tests-", ignore_cleanup_errors=True))
    )
    folder.chmod(0o711)
    services = stack.enter_context(
        provide("embedded", ServicePlan(), workdir=folder, progress=lambda line: print(f"· {line}", file=sys.stderr))
    )
    atexit.register(stack.close)
    os.environ |= {
        "DISPATCH_SECRET_KEY": "only-for-tests-and-longer-than-thirty-two-bytes",
        "DISPATCH_DATABASE_URL": services.postgres.url,
        "DISPATCH_CACHE_URL": services.cache.url,
        "DISPATCH_BROKER_URL": services.broker.url,
        "DISPATCH_CORS_ALLOWED_ORIGINS": "https://app.example.com",
        "DISPATCH_TLS_REDIRECT": "false",
        "DISPATCH_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    }


if "DISPATCH_DATABASE_URL" not in os.environ:
    start()
