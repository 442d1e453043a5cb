"""Redis: cache and broker are servers of their own."""

from stackproof import View, verifies


@verifies(
    "redis.separate-instances",
    needs=[View.REDIS],
    remedy="run two servers: two database numbers of one server share its memory, its policy and its fate",
)
def cache_and_broker_are_different_servers(redis_cache, redis_broker, expect):
    """The cache and the broker are two servers, by the id that a server makes at its start."""
    expect.holds(
        redis_cache.run_id != redis_broker.run_id,
        expected="cache and broker to be different servers",
        seen="their run ids differ" if redis_cache.run_id != redis_broker.run_id else "both have the same run id",
    )
