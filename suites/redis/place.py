"""Redis: what the service puts into its cache and its queue stands in the server of that role."""

import secrets

from stackproof import View, not_assessed, verifies

OTHER = {"cache": "broker", "broker": "cache"}
REMEDY = "CACHES and CELERY_BROKER_URL of the running service lead to the servers of [redis.cache] and [redis.broker]"


@verifies(
    "redis.purpose.cache",
    needs=[View.PROJECT, View.REDIS],
    writes=True,
    supplementary=True,
    remedy=REMEDY,
)
def cached_value_stands_in_the_server_of_the_cache(errand, redis_views, expect):
    """A value that the service caches stands in the server of the cache."""
    name = f"stackproof-{secrets.token_hex(8)}"
    placed = errand("cache_put", key=name, value=secrets.token_hex(8))
    if not placed.get("read_back"):
        not_assessed("the service's cache did not give back what was put in; redis.purpose.cache judges that")
    judge("cache", "a value that the service caches", placed, redis_views, expect)


@verifies(
    "redis.purpose.celery-broker",
    needs=[View.PROJECT, View.CELERY, View.REDIS],
    writes=True,
    supplementary=True,
    remedy=REMEDY,
)
def queued_message_stands_in_the_server_of_the_broker(errand, redis_views, descriptor, expect):
    """A message that the service queues stands in the server of the broker."""
    placed = errand("queue", name=f"stackproof-{secrets.token_hex(8)}", app=descriptor.celery.app, count=1)
    judge("broker", "a message that the service queues", placed, redis_views, expect)


def judge(role, what, placed, redis_views, expect):
    """Seen in its own server: fine. Seen in the other role's alone: wrong. Seen in neither: the file may be wrong."""
    found = next((name for name in (role, OTHER[role]) if stands_in(redis_views(name), placed)), "")
    if not found:
        not_assessed(f"{what} stands in neither role's server: is the URL of [redis.{role}] the service's own?")
    expect.holds(
        found == role,
        expected=f"{what} to stand in the server of the {role}",
        seen=f"{what} stands in the server of the {found}",
    )


def stands_in(server, placed):
    """Whether a key is there, in the database that the service named."""
    return server.holds(placed["key"], placed["database"])
