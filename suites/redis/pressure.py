"""Redis: what each role really does when its memory is full. Each fills it for a moment, and empties it again."""

import secrets
import time

from stackproof import View, not_assessed, pressure, verifies

MESSAGES = 40
REMEDY = (
    "maxmemory and maxmemory-policy in the configuration of that role's server: allkeys-lru evicts, noeviction keeps"
)


@verifies(
    "redis.broker.maxmemory-policy",
    needs=[View.REDIS, View.PROJECT, View.CELERY],
    supplementary=True,
    drill="memory",
    remedy=REMEDY,
)
def broker_refuses_and_loses_no_message(redis_broker, errand, descriptor, expect, requirement):
    """A broker whose memory is full refuses writes, evicts nothing, and every queued message is still there."""
    if "noeviction" not in requirement.value.options:
        not_assessed("the clause does not ask for a broker that keeps everything")
    name = f"stackproof-{secrets.token_hex(8)}"
    with pressure(redis_broker, allowed=descriptor.redis.broker.pressure) as memory:
        placed = errand("queue", name=name, app=descriptor.celery.app, count=MESSAGES)
        seen_at_its_place(redis_broker, placed)
        before = evictions(redis_broker)
        time.sleep(1.1)  # the server counts idleness in seconds: what was queued shall look older than the junk
        filled = memory.fill()
        evicted = evictions(redis_broker) - before
    numbers = errand("drain", name=name)["numbers"]
    left = len(set(numbers) & set(range(MESSAGES)))
    refused = f"refused the next write ({filled.refusal})" if filled.refusal else "refused nothing"
    expect.holds(
        left == MESSAGES and evicted == 0,
        expected=f"a full broker to evict nothing and to keep all of {MESSAGES} queued messages",
        seen=f"after {filled.written / 1024**2:.0f} MiB it {refused}, evicted {evicted} keys, and kept {left} of "
        f"{MESSAGES} messages",
    )
    if not filled.refusal:
        not_assessed(f"the broker took {filled.written / 1024**2:.0f} MiB and refused nothing: it was never full")


@verifies("redis.cache.maxmemory-policy", needs=[View.REDIS], supplementary=True, drill="memory", remedy=REMEDY)
def cache_evicts_and_stays_up(redis_cache, descriptor, expect, requirement):
    """A cache whose memory is full evicts, goes on taking values, and stays the same process."""
    if "noeviction" in requirement.value.options:
        not_assessed("the clause does not ask for a cache that evicts")
    with pressure(redis_cache, allowed=descriptor.redis.cache.pressure) as memory:
        before = evictions(redis_cache)
        filled = memory.fill()
        evicted = evictions(redis_cache) - before
        refused = filled.refusal or memory.refusal()
        same = redis_cache.says("PING") and redis_cache.info("server").get("run_id") == redis_cache.run_id
    took = f"took {filled.written / 1024**2:.0f} MiB at a bound of {memory.bound / 1024**2:.0f} MiB"
    expect.holds(
        evicted > 0 and not refused and bool(same),
        expected="a full cache to evict, to take new values, and to stay up",
        seen=f"it {took}, evicted {evicted} keys, {f'and refused: {refused}' if refused else 'and refused nothing'}"
        + ("" if same else "; it is another process now"),
    )


def evictions(server):
    """Keys that the server has evicted since its start."""
    return int(server.info("stats").get("evicted_keys", 0))


def seen_at_its_place(server, placed):
    """The control: what the service queued stands in this very server."""
    found = server.length(placed["key"], placed["database"])
    if found != MESSAGES:
        not_assessed(
            f"control failed: of {MESSAGES} messages that the service queued, {found} stand in the server of "
            "[redis.broker]: is it the service's own broker?"
        )
