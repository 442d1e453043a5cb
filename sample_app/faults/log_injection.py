"""An access log by hand."""

import sys
from collections.abc import Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse


class PlainLog:
    """Writes paths."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        """Log, and answer as before."""
        sys.stderr.write(f"{request.method} {request.path}\n")
        return self.get_response(request)


def apply() -> None:
    """Nothing beyond the setting."""
