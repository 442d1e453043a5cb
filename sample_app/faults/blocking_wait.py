"""A blocking call where a coroutine should wait."""

import time
from typing import Any


def apply() -> None:
    """Wait on the event loop itself."""
    from rest_framework.response import Response

    from dispatch.live.views import WaitQuery, WaitView

    async def get(self: WaitView, request: Any) -> Response:
        seconds = WaitQuery.seconds_of(request)
        time.sleep(seconds)
        return Response({"waited": seconds})

    WaitView.get = get
