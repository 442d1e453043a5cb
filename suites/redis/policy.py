"""Redis: what each role does when its memory is full."""

from stackproof import View, verifies

REMEDY = "maxmemory-policy (and maxmemory, where it evicts) in the configuration of that role's server"


@verifies("redis.cache.maxmemory-policy", needs=[View.REDIS], remedy=REMEDY)
def cache_has_the_policy(redis_cache, expect, requirement):
    """The cache's server has the policy of the clause."""
    judge(redis_cache, expect, requirement)


@verifies("redis.broker.maxmemory-policy", needs=[View.REDIS], remedy=REMEDY)
def broker_has_the_policy(redis_broker, expect, requirement):
    """The broker's server has the policy of the clause; one that evicts loses queued messages without an error."""
    judge(redis_broker, expect, requirement)


def judge(server, expect, requirement):
    """The policy is one of the clause's, and has a bound to act at.

    INFO tells both; many managed servers have no CONFIG, which is asked only where INFO is silent.
    """
    memory = server.info("memory")
    policy = str(memory.get("maxmemory_policy") or server.config("maxmemory-policy"))
    bound = int(memory["maxmemory"] if "maxmemory" in memory else server.config("maxmemory"))
    expect.that(f"maxmemory-policy of the {server.role}", policy).is_one_of(requirement.value.options)
    if policy != "noeviction":
        expect.holds(
            bound > 0,
            expected=f"maxmemory to be set on the {server.role}, or {policy} never acts",
            seen=f"maxmemory is {bound}",
        )
    where = f"at {bound / 1024**2:.0f} MiB" if bound else "without a bound of its own"
    expect.conclude(f"the {server.role} has {policy}, {where}")
