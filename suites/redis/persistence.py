"""Redis: what each role keeps over a restart."""

from stackproof import NotAssessed, View, not_assessed, verifies

WAYS = ("RDB", "AOF")


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


@verifies(
    "redis.broker.appendfsync",
    needs=[View.REDIS],
    remedy="`appendfsync everysec` in the configuration of the broker's server",
)
def append_only_file_of_the_broker_reaches_the_disk(redis_broker, expect, requirement):
    """The broker's append-only file is brought to disk on a schedule, so that a crash loses a second at most."""
    if str(redis_broker.info("persistence").get("aof_enabled", "")) != "1":
        not_assessed("the broker has no append-only file; redis.broker.persistence judges that")
    seen = redis_broker.config("appendfsync")
    expect.that("appendfsync of the broker", seen).is_one_of(requirement.value.options)


def judge(server, expect, requirement):
    """One of the clause's options holds: "RDB", "AOF", both as "RDB+AOF", or "none"."""
    options = requirement.value.options
    demands = [[] if one.lower() == "none" else one.upper().split("+") for one in options]
    unknown = [way for demand in demands for way in demand if way not in WAYS]
    if unknown:
        not_assessed(f"the clause names {', '.join(unknown)}, which is no way of persistence that is known here")
    state = server.info("persistence")
    asked = {way for demand in demands for way in demand} or set(WAYS)
    seen = {way: look(server, state) for way, look in (("RDB", rdb), ("AOF", aof)) if way in asked}
    expect.holds(
        any(keeps(demand, seen) for demand in demands),
        expected=f"persistence of the {server.role} by {' or '.join(options)}",
        seen="; ".join(told for _, _, told in seen.values()),
    )


def keeps(demand, seen):
    """Whether every way of the demand works; without any, whether none is on."""
    return all(seen[way][1] for way in demand) if demand else not any(on for on, _, _ in seen.values())


def rdb(server, state):
    """(whether snapshots are planned, whether they work too, what was seen)."""
    planned, last = server.config("save").strip(), str(state.get("rdb_last_bgsave_status", ""))
    if not planned:
        return False, False, "no snapshots are planned (save is empty)"
    return True, last == "ok", f"save is {planned!r}, the last snapshot: {last or 'unknown'}"


def aof(server, state):
    """(whether the append-only file is on, whether it works too, what was seen); INFO tells it without CONFIG."""
    on = str(state["aof_enabled"]) == "1" if "aof_enabled" in state else server.config("appendonly") == "yes"
    last = str(state.get("aof_last_write_status", ""))
    if not on:
        return False, False, "appendonly is no"
    try:
        fsync = server.config("appendfsync")
    except NotAssessed:
        fsync = "unknown"
    return True, last == "ok", f"appendonly is yes, appendfsync {fsync}, the last write: {last or 'unknown'}"
