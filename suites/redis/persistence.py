"""Redis: what each role keeps over a restart."""

from stackproof import View, not_assessed, verifies


@verifies(
    "redis.cache.persistence",
    needs=[View.REDIS],
    remedy="`save 900 1 300 10` (RDB) or `appendonly yes` (AOF) in the configuration of the cache's server",
)
def cache_is_persisted_as_the_clause_says(redis_cache, expect, requirement):
    """The cache's server keeps its data in the way that the clause names."""
    judge(redis_cache, expect, requirement)


@verifies(
    "redis.broker.persistence",
    needs=[View.REDIS],
    remedy="`appendonly yes` and `appendfsync everysec` in the configuration of the broker's server",
)
def broker_is_persisted_as_the_clause_says(redis_broker, expect, requirement):
    """The broker's server keeps its data in the way that the clause names."""
    judge(redis_broker, expect, requirement)


def judge(server, expect, requirement):
    """RDB: snapshots are planned, and the last one worked. AOF: the log is on, and the last write to it worked."""
    state = server.info("persistence")
    ways = {"RDB": rdb, "AOF": aof}
    unknown = [one for one in requirement.value.options if one.upper() not in ways]
    if unknown:
        not_assessed(f"the clause names {', '.join(unknown)}, which is no way of persistence that is known here")
    seen = [ways[one.upper()](server, state) for one in requirement.value.options]
    expect.holds(
        all(good for good, _ in seen),
        expected=f"persistence of the {server.role} by {' and '.join(requirement.value.options)}",
        seen="; ".join(told for _, told in seen),
    )


def rdb(server, state):
    """(whether snapshots work, what was seen)."""
    save, last = server.config("save"), str(state.get("rdb_last_bgsave_status", ""))
    if not save.strip():
        return False, "no snapshots are planned (save is empty)"
    return last == "ok", f"save is {save!r}, the last snapshot: {last or 'unknown'}"


def aof(server, state):
    """(whether the append-only file works, what was seen)."""
    on, last = server.config("appendonly") == "yes", str(state.get("aof_last_write_status", ""))
    if not on:
        return False, "appendonly is no"
    return last == "ok", f"appendonly is yes, appendfsync {server.config('appendfsync')}, the last write: {last}"
