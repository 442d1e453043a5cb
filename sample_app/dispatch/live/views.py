"""Waiting, without costing a thread or a connection."""

import asyncio
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.accounts.authentication import ClaimsAuthentication
from dispatch.api.views import AsyncAPIView

LONGEST_WAIT_SECONDS = 25
"""Below the thirty seconds after which mobile networks drop a silent connection."""


class WaitQuery(serializers.Serializer[dict[str, Any]]):
    """How long to wait."""

    seconds = serializers.DecimalField(
        max_digits=6, decimal_places=3, min_value=0, max_value=LONGEST_WAIT_SECONDS, default=1
    )


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
        query = WaitQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        seconds = float(query.validated_data["seconds"])
        await asyncio.sleep(seconds)
        return Response({"waited": seconds})
