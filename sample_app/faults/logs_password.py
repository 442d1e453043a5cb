"""A middleware from a night of debugging."""

import structlog
from django.http import HttpRequest

from faults.middleware import Middleware


class BodyLog(Middleware):
    """Logs bodies."""

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        """Log, and answer as before."""
        structlog.get_logger("debugging").info("incoming", body=request.body.decode("utf-8", "replace"))
        return self.get_response(request)


def apply() -> None:
    """Nothing beyond the setting."""
