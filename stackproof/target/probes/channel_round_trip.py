"""Send a message through the service's channel layer to a channel of its own, and receive it."""

import asyncio
import json
import secrets

import django

django.setup()

from channels.layers import get_channel_layer  # noqa: E402
from django.conf import settings  # noqa: E402

WITHIN = 5  # seconds


async def round_trip(layer):
    """Whether the message that went out came back."""
    channel = await layer.new_channel("stackproof.")
    told = secrets.token_hex(8)
    await layer.send(channel, {"type": "stackproof.probe", "told": told})
    try:
        # wait, and not wait_for: a server that cannot be reached must stay an error, whatever it is called
        receiving = asyncio.ensure_future(layer.receive(channel))
        done, _ = await asyncio.wait({receiving}, timeout=WITHIN)
        message = receiving.result() if done else {}
        receiving.cancel()
    finally:
        if hasattr(layer, "close_pools"):
            await layer.close_pools()
    return message.get("told") == told


layer = get_channel_layer()
answer = {
    "backend": str((getattr(settings, "CHANNEL_LAYERS", None) or {}).get("default", {}).get("BACKEND", "")),
    "family": [f"{one.__module__}.{one.__qualname__}" for one in type(layer).__mro__] if layer is not None else [],
    "received": layer is not None and asyncio.run(round_trip(layer)),
}
print("\n" + json.dumps({"stackproof": answer}))
