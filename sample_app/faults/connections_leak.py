"""A connection that is kept for the next time, by every request anew."""

from typing import Any


def apply() -> None:
    """Never give a connection back to the pool."""
    from django.db.backends.postgresql.base import DatabaseWrapper

    kept: list[Any] = []

    def _close(self):
        if self.connection is not None:
            kept.append(self.connection)

    DatabaseWrapper._close = _close
