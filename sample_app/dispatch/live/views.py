"""Waiting and streaming, without costing a thread or a connection."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.accounts.authentication import ClaimsAuthentication
from dispatch.api.views import AsyncAPIView

LONGEST_WAIT_SECONDS = 25
"""Below the thirty seconds after which mobile networks drop a silent connection."""

TICK_SECONDS = 0.2
_running: set[object] = set()


@contextmanager
def running() -> Iterator[None]:
    """Counts a wait or a stream of this process for as long as it lasts."""
    one = object()
    _running.add(one)
    try:
        yield
    finally:
        _running.discard(one)


class WaitQuery(serializers.Serializer[dict[str, Any]]):
    """How long to wait."""

    seconds = serializers.DecimalField(
        max_digits=6,
        decimal_places=3,
        min_value=0,
        max_value=LONGEST_WAIT_SECONDS,
        default=1,  # type: ignore[arg-type]
    )

    @classmethod
    def seconds_of(cls, request: Request) -> float:
        """What a request asks for.

        Raises:
            ValidationError: it is no such number.
        """
        query = cls(data=request.query_params)
        query.is_valid(raise_exception=True)
        return float(query.validated_data["seconds"])


class WaitedSerializer(serializers.Serializer[dict[str, Any]]):
    """How long it was."""

    waited = serializers.FloatField()


class WaitView(AsyncAPIView):
    """Keeps a request open: clients measure with it how long their network lets them."""

    authentication_classes = (ClaimsAuthentication,)
    further_errors = ("400",)

    @extend_schema(parameters=[WaitQuery], responses=WaitedSerializer, operation_id="wait")
    async def get(self, request: Request) -> Response:
        """Answer after `seconds`."""
        seconds = WaitQuery.seconds_of(request)
        with running():
            await asyncio.sleep(seconds)
        return Response({"waited": seconds})


class LinesRenderer(BaseRenderer):
    """Lines of JSON; what is no stream is one line."""

    media_type = "application/x-ndjson"
    format = "ndjson"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        """One line."""
        return json.dumps(data, default=str).encode() + b"\n"


async def ticks(seconds: float) -> AsyncIterator[bytes]:
    """A line at once and one every `TICK_SECONDS`; ends early where nobody listens any more."""
    with running():
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            passed = loop.time() - began
            yield json.dumps({"seconds": round(passed, 3)}).encode() + b"\n"
            if passed >= seconds:
                return
            await asyncio.sleep(min(TICK_SECONDS, seconds - passed))


class TicksView(AsyncAPIView):
    """Keeps a request open and says so: clients see with it whether something on the way holds answers back."""

    authentication_classes = (ClaimsAuthentication,)
    renderer_classes = (LinesRenderer, JSONRenderer)
    further_errors = ("400",)

    @extend_schema(
        parameters=[WaitQuery], responses={(200, LinesRenderer.media_type): str}, operation_id="wait_with_ticks"
    )
    async def get(self, request: Request) -> StreamingHttpResponse:
        """Send a line every fifth of a second, for `seconds`."""
        stream = StreamingHttpResponse(ticks(WaitQuery.seconds_of(request)), content_type=LinesRenderer.media_type)
        stream.headers["Cache-Control"] = "no-store"
        stream.headers["X-Accel-Buffering"] = "no"  # nginx passes on what it has
        return stream


class InFlightSerializer(serializers.Serializer[dict[str, Any]]):
    """How many there are."""

    in_flight = serializers.IntegerField(min_value=0)


class InFlightView(AsyncAPIView):
    """Says how many waits and streams this process holds open."""

    authentication_classes = (ClaimsAuthentication,)

    @extend_schema(responses=InFlightSerializer, operation_id="waits_in_flight")
    async def get(self, request: Request) -> Response:
        """Count them."""
        return Response({"in_flight": len(_running)})
