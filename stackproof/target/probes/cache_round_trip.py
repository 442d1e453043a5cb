"""Write a value into the service's cache, read it back, take it out again."""

import json
import secrets

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import caches  # noqa: E402

cache = caches["default"]
if getattr(cache, "_ignore_exceptions", False):
    # django-redis would swallow "connection refused", and a server that nobody reached would look like a lost value.
    cache._ignore_exceptions = False

key, value = f"stackproof-{secrets.token_hex(8)}", secrets.token_hex(8)
cache.set(key, value, 30)
read = cache.get(key)
cache.delete(key)
answer = {
    "backend": str(settings.CACHES["default"]["BACKEND"]),
    "family": [f"{one.__module__}.{one.__qualname__}" for one in type(cache).__mro__],
    "read_back": read == value,
    "gone_after_delete": cache.get(key) is None,
}
print("\n" + json.dumps({"stackproof": answer}))
