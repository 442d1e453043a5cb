"""A middleware as they were written before ASGI."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Stopwatch:
    """Says how long an answer took; callable once, and never awaited."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Time the request."""
        began = time.perf_counter()
        response = self.get_response(request)
        response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - began) * 1000:.1f}"
        return response
