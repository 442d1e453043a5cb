"""Clients send JSON, somebody thought."""

import json
from typing import Any


def apply() -> None:
    """Parse first, and ask nothing."""
    from dispatch.live.consumers import JobsConsumer

    original = JobsConsumer.receive

    async def receive(self: JobsConsumer, text_data: str | None = None, **given: Any) -> None:
        json.loads(text_data or "")
        await original(self, text_data, **given)

    JobsConsumer.receive = receive
