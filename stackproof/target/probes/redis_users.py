"""Where the service's own settings say that its cache, its broker and its channel layer are, and as whom it connects.

Names of users, hosts and ports alone; a password never leaves the process.

python redis_users.py [APPLICATION]
"""

import json
import sys
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings

SENTINEL = "sentinel"  # kombu's: who signs in at the primary stands in the first of them
SCHEMES = {"redis", "rediss", "unix", "redis+socket", "rediss+socket", SENTINEL}


def told(address):
    """What of one address may be told, or None where it is no Redis's."""
    if isinstance(address, dict) and "address" in address:
        found, named = told(address["address"]), address.get("username")
        return found and ({**found, "user": str(named)} if named else found)
    if isinstance(address, list | tuple) and len(address) == 2 and isinstance(address[0], str):
        return {"user": "default", "host": str(address[0]), "port": str(address[1])}
    if not isinstance(address, str):
        return None
    parts = urlsplit(address)
    try:
        port = str(parts.port or 6379)
    except ValueError:
        return None
    if parts.scheme not in SCHEMES:
        return None
    return {"user": unquote(parts.username or "") or "default", "host": parts.hostname or "", "port": port}


def each(value):
    """Addresses of a setting that holds one, or some."""
    found = value or [""] if isinstance(value, list) else str(value).split(";") if isinstance(value, str) else [value]
    if isinstance(found[0], str) and urlsplit(found[0]).scheme == SENTINEL:
        found = found[:1]
    return [one for one in (told(address) for address in found) if one]


def of_cache(entry):
    """The cache's addresses; django-redis and Django's own backend can name a user in their options."""
    options = entry.get("OPTIONS") or {}
    named = options.get("username") or (options.get("CONNECTION_POOL_KWARGS") or {}).get("username")
    return [{**one, "user": str(named)} if named else one for one in each(entry.get("LOCATION") or "")]


django.setup()
caches = getattr(settings, "CACHES", None) or {}
layers = getattr(settings, "CHANNEL_LAYERS", None) or {}
layer = (layers.get("default") or {}).get("CONFIG") or {}
broker = ""
for name in ("CELERY_BROKER_URL", "BROKER_URL"):
    broker = broker or getattr(settings, name, "") or ""
if len(sys.argv) > 1 and sys.argv[1]:
    with suppress(Exception):
        from celery.app.utils import find_app

        configured = find_app(sys.argv[1]).conf.broker_url
        broker = configured or broker
answer = {
    "cache": of_cache(caches.get("default") or {}),
    "broker": each(broker),
    "channels": each(layer.get("hosts") or ""),
}
print("\n" + json.dumps({"stackproof": answer}))
