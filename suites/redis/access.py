"""Redis: who gets in, and what the service's own user may do there."""

from stackproof import View, not_assessed, open_commands, seen_without_a_password, users_without_a_password, verifies

GET_IN = "`requirepass` or `user default off` in redis.conf, and a user of its own for the service"
RIGHTS = (
    "a user of its own for the service: `user service on >… ~* &* +@all -@admin -@dangerous` in redis.conf, and\n"
    "redis://service:…@… in its settings; see ACL CAT dangerous"
)


@verifies("redis.authentication", needs=[View.REDIS], remedy=GET_IN)
def cache_tells_nothing_without_a_password(redis_cache, recorder, expect):
    """The cache's server tells nothing to somebody without a password."""
    judge_strangers(redis_cache, recorder, expect)


@verifies("redis.authentication", needs=[View.REDIS], remedy=GET_IN)
def broker_tells_nothing_without_a_password(redis_broker, recorder, expect):
    """The broker's server tells nothing to somebody without a password."""
    judge_strangers(redis_broker, recorder, expect)


@verifies("redis.cache.application-user", needs=[View.REDIS], remedy=RIGHTS)
def application_may_not_endanger_the_cache(redis_cache, application_users, expect, requirement):
    """The service's own user of the cache may run none of the dangerous commands."""
    judge_rights(redis_cache, application_users("cache"), expect, requirement)


@verifies("redis.broker.application-user", needs=[View.REDIS], remedy=RIGHTS)
def application_may_not_endanger_the_broker(redis_broker, application_users, expect, requirement):
    """The service's own user of the broker may run none of the dangerous commands."""
    judge_rights(redis_broker, application_users("broker"), expect, requirement)


def judge_strangers(server, recorder, expect):
    """What was answered decides; a refusal counts where the server's word for it was seen."""
    if not server.over_network:
        not_assessed(f"the {server.role} is reached through a socket of the machine, whose file decides who gets in")
    seen = seen_without_a_password(server)
    recorder.add(
        "query",
        f"GET, INFO and DBSIZE at the {server.role} without a password",
        answered=list(seen.answered),
        refused=seen.refused,
        unclear=seen.unclear,
    )
    opened = users_without_a_password(server) or []
    others = [one for one in opened if one != "default"]
    expect.holds(
        not seen.answered and not others,
        expected=f"the server of the {server.role} to tell nothing without a password",
        seen=told(seen, others),
    )
    if seen.unclear:
        not_assessed(f"what the {server.role} tells without a password was not seen: {seen.unclear}")


def told(seen, others):
    """What somebody without a password met."""
    if seen.answered:
        return f"without a password it answers {', '.join(seen.answered)}"
    if others:
        return f"any password opens its users {', '.join(others)} (nopass)"
    return f"it refuses: {next(iter(seen.refused.values()), seen.unclear)}"


def judge_rights(server, users, expect, requirement):
    """ACL DRYRUN tells, and runs nothing."""
    found = {user: open_commands(server, user, requirement.value.options) for user in users}
    wrong = [f"{user!r} may run {', '.join(commands)}" for user, commands in found.items() if commands]
    named = " and ".join(repr(user) for user in users)
    expect.holds(
        not wrong,
        expected=f"the service's own user of the {server.role} to have no right to dangerous commands",
        seen="; ".join(wrong) or f"{named} may run none of {', '.join(requirement.value.options)}",
    )
