"""Send a message through the service's channel layer to a channel of its own, and receive it."""

import asyncio
import json
import secrets

import django

django.setup()

from channels.layers import get_channel_layer  # noqa: E402
from django.conf import settings  # noqa: E402

WITHIN = 5


async def round_trip():
    """Whether the message that went out came back."""
    layer = get_channel_layer()
    if layer is None:
        return False
    channel = await layer.new_channel("stackproof.")
    told = secrets.token_hex(8)
    await layer.send(channel, {"type": "stackproof.probe", "told": told})
    message = await asyncio.wait_for(layer.receive(channel), WITHIN)
    return message.get("told") == told


layers = getattr(settings, "CHANNEL_LAYERS", {}) or {}
print(json.dumps({"backend": str(layers.get("default", {}).get("BACKEND", "")), "received": asyncio.run(round_trip())}))
