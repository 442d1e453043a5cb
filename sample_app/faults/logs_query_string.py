"""The whole address, as the access log of every server has it."""

from collections.abc import Callable

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse


class PathLog:
    """Logs whole addresses."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        """Log, and answer as before."""
        structlog.get_logger("access").info("incoming", path=request.get_full_path())
        return self.get_response(request)


def apply() -> None:
    """Nothing beyond the setting."""
