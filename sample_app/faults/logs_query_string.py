"""The whole address, as the access log of every server has it."""

import structlog
from django.http import HttpRequest

from faults.middleware import Middleware


class PathLog(Middleware):
    """Logs whole addresses."""

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        """Log, and answer as before."""
        structlog.get_logger("access").info("incoming", path=request.get_full_path())
        return self.get_response(request)


def apply() -> None:
    """Nothing beyond the setting."""
