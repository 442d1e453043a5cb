"""Redis: cache and broker are servers of their own."""

from stackproof import View, not_assessed, verifies


@verifies(
    "redis.separate-instances",
    needs=[View.REDIS],
    remedy="run two servers: two database numbers of one server share its memory, its policy and its fate",
)
def cache_and_broker_are_different_servers(redis_cache, redis_broker, expect, requirement):
    """The cache and the broker are two servers, by the id that a server makes at its start."""
    if requirement.value is not True:
        not_assessed("the clause does not ask for separate instances, and a shared one may be two servers as well")
    ids = [server.run_id for server in (redis_cache, redis_broker)]
    if not all(ids):
        not_assessed("a server tells no run_id in INFO server, so that nothing tells one server from two")
    expect.holds(
        ids[0] != ids[1],
        expected="cache and broker to be different servers",
        seen="their run ids differ" if ids[0] != ids[1] else "both have the same run id",
    )
