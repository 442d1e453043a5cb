"""Each message is enriched before it is handed on."""

import asyncio


def apply() -> None:
    """Take a while for each message."""
    from django.conf import settings

    from dispatch.live.consumers import JobsConsumer

    layer = settings.CHANNEL_LAYERS["default"]
    layer["CONFIG"] = layer["CONFIG"] | {"capacity": 5}
    original = JobsConsumer.job_changed

    async def job_changed(self: JobsConsumer, event: dict[str, str]) -> None:
        await asyncio.sleep(0.2)
        await original(self, event)

    JobsConsumer.job_changed = job_changed
