"""Waiting in threads, of which there are few."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def apply() -> None:
    """Wait in a pool."""
    from rest_framework.response import Response

    from dispatch.live.views import WaitQuery, WaitView

    pool = ThreadPoolExecutor(4)

    async def get(self: WaitView, request: Any) -> Response:
        seconds = WaitQuery.seconds_of(request)
        await asyncio.get_running_loop().run_in_executor(pool, time.sleep, seconds)
        return Response({"waited": seconds})

    WaitView.get = get
