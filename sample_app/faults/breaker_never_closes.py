"""A circuit breaker, of which the half that closes it was put off."""


def apply() -> None:
    """Ask the database no more once it has failed."""
    from django.db import OperationalError
    from django.db.backends.postgresql.base import DatabaseWrapper

    original, state = DatabaseWrapper.ensure_connection, {"open": False}

    def ensure_connection(self):
        if state["open"]:
            raise OperationalError("the circuit is open")
        try:
            return original(self)
        except OperationalError:
            state["open"] = True
            raise

    DatabaseWrapper.ensure_connection = ensure_connection
