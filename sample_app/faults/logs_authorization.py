"""Headers are harmless, somebody thought."""

from collections.abc import Callable

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse


class HeaderLog:
    """Logs headers."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        """Log, and answer as before."""
        structlog.get_logger("debugging").info("incoming", headers=dict(request.headers))
        return self.get_response(request)


def before_settings() -> None:
    """Hide nothing."""
    from dispatch.observability import logs

    logs.redact = lambda _logger, _method, event: event
