"""Uses the service's cache and broker as the service does: a JSON object a line in, one a line out.

Everything lies under names of this process's own, and is taken away at the end of the input.
"""

import json
import sys

import django

django.setup()

from django.core.cache import caches  # noqa: E402

kept = set()  # keys in the cache
queues = {}  # queue: application


def application(name):
    from celery.app.utils import find_app

    return find_app(name)


def default_cache():
    """The cache; django-redis would swallow "connection refused", and a lost value would look like a lost server."""
    cache = caches["default"]
    if getattr(cache, "_ignore_exceptions", False):
        cache._ignore_exceptions = False
    return cache


def place_of(cache):
    """The number of the database that a Redis cache writes to, or None where it does not tell."""
    try:
        client = (cache.client if hasattr(cache, "client") else cache._cache).get_client(write=True)
        return int(client.connection_pool.connection_kwargs.get("db") or 0)
    except Exception:
        return None


def cache_put(key, value):
    """Write a value that goes by itself after a minute; tells the key as the server knows it."""
    cache = default_cache()
    cache.set(key, value, 60)
    kept.add(key)
    return {"key": str(cache.make_key(key)), "database": place_of(cache), "read_back": cache.get(key) == value}


def queue(name, app, count):
    """Send messages to a queue that no worker reads; tells the list as the server knows it."""
    found = application(app)
    with found.connection_for_write() as connection, connection.Producer() as producer:
        queues[name] = app
        for number in range(count):
            producer.publish({"stackproof": number}, exchange="", routing_key=name, serializer="json")
        options = connection.transport_options or {}
        base = connection.virtual_host or "0"
        database = str(base).strip("/") or "0"
    prefix = str(options.get("global_keyprefix", ""))
    return {"key": f"{prefix}{name}", "database": int(database) if database.isdigit() else None, "queued": count}


def drain(name):
    """Take every message of a queue; tells their numbers."""
    numbers = []
    with application(queues[name]).connection_for_write() as connection:
        channel = connection.default_channel
        while (message := channel.basic_get(name, no_ack=True)) is not None:
            numbers.append(message.payload.get("stackproof"))
    return {"numbers": numbers}


def put_away():
    """Remove whatever was made here."""
    for key in kept:
        default_cache().delete(key)
    kept.clear()
    for name, app in list(queues.items()):
        with application(app).connection_for_write() as connection:
            connection.default_channel.queue_purge(name)
        queues.pop(name)
    return {}


ERRANDS = {one.__name__: one for one in (cache_put, queue, drain, put_away)}

for line in sys.stdin:
    question = json.loads(line)
    try:
        said = ERRANDS[question.pop("errand")](**question)
    except Exception as error:
        said = {"trouble": f"{type(error).__name__}: {str(error)[:300]}"}
    print("\n" + json.dumps({"stackproof": said}), flush=True)
put_away()
