"""A thread for each wait, which is not seen from outside."""

import time
from typing import Any


def apply() -> None:
    """DRF's own life of a request, in a thread."""
    from rest_framework.response import Response
    from rest_framework.views import APIView

    from dispatch.live.views import WaitQuery, WaitView

    def get(self: WaitView, request: Any) -> Response:
        seconds = WaitQuery.seconds_of(request)
        time.sleep(seconds)
        return Response({"waited": seconds})

    WaitView.get = get
    WaitView.dispatch = APIView.dispatch
    WaitView.options = APIView.options
