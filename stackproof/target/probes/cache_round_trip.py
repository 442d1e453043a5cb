"""Write a value into the service's cache, read it back, take it out again."""

import json
import secrets

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402

key, value = f"stackproof-{secrets.token_hex(8)}", secrets.token_hex(8)
cache.set(key, value, 30)
read = cache.get(key)
cache.delete(key)
print(
    json.dumps(
        {
            "backend": str(settings.CACHES["default"]["BACKEND"]),
            "read_back": read == value,
            "gone_after_delete": cache.get(key) is None,
        }
    )
)
