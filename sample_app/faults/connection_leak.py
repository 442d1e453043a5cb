"""Connections beside the pool, which nobody closes."""

from itertools import count
from typing import Any

KEPT: list[Any] = []


def apply() -> None:
    """Open one beside the pool now and then, and keep it."""
    import psycopg
    from django.conf import settings

    from dispatch.accounts.authentication import BearerAuthentication

    before, number = BearerAuthentication.authenticate, count()
    configured = settings.DATABASES["default"]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    parameters = {name: configured[key] for name, key in names.items() if configured[key]}
    parameters |= {key: value for key, value in configured["OPTIONS"].items() if key != "pool"}

    def authenticate(self: BearerAuthentication, request: Any) -> Any:
        if next(number) % 3 == 0:
            KEPT.append(psycopg.connect(**parameters))
        return before(self, request)

    BearerAuthentication.authenticate = authenticate
