"""Tasks of their own, which no cancellation reaches."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

TASKS: set[Any] = set()


def apply() -> None:
    """Shield waits, and make streams in a task beside the request's."""
    from dispatch.live import views

    wait, ticks = views.WaitView.get, views.ticks

    async def get(self: views.WaitView, request: Any) -> Any:
        return await asyncio.shield(kept(wait(self, request)))

    async def detached(seconds: float) -> AsyncIterator[bytes]:
        lines: asyncio.Queue[bytes] = asyncio.Queue()

        async def fill() -> None:
            async for line in ticks(seconds):
                await lines.put(line)
            await lines.put(b"")

        kept(fill())
        while line := await lines.get():
            yield line

    def kept(work: Any) -> Any:
        task = asyncio.ensure_future(work)
        TASKS.add(task)
        task.add_done_callback(TASKS.discard)
        return task

    views.WaitView.get = get
    views.ticks = detached
