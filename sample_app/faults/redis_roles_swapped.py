"""Two variables of a deployment, each with the other's value."""

import os


def before_settings() -> None:
    """Swap them."""
    cache, broker = os.environ["DISPATCH_CACHE_URL"], os.environ["DISPATCH_BROKER_URL"]
    os.environ["DISPATCH_CACHE_URL"], os.environ["DISPATCH_BROKER_URL"] = broker, cache
