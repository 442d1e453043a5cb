"""One id and one log line per request."""

import re
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
USABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""Ids of others are taken over, unless they could be something else than an id."""

log = structlog.get_logger("dispatch.request")

type Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class RequestContextMiddleware:
    """Binds the request's id to everything that is logged meanwhile, and logs how the request ended."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Handle a request in whichever way the server does."""
        if self.is_async:
            return self._handle_async(request)
        request_id, started = self._begin(request)
        return self._end(request, self.get_response(request), request_id, started)  # type: ignore[arg-type]

    async def _handle_async(self, request: HttpRequest) -> HttpResponseBase:
        request_id, started = self._begin(request)
        response = await self.get_response(request)  # type: ignore[misc]
        return self._end(request, response, request_id, started)

    def _begin(self, request: HttpRequest) -> tuple[str, float]:
        given = request.headers.get(HEADER, "")
        request_id = given if USABLE_ID.fullmatch(given) else uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        return request_id, time.perf_counter()

    def _end(
        self, request: HttpRequest, response: HttpResponseBase, request_id: str, started: float
    ) -> HttpResponseBase:
        response.headers[HEADER] = request_id
        log.info(
            "request",
            method=request.method,
            path=request.path,  # never the query string: clients put all sorts of things there
            status=response.status_code,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        return response
