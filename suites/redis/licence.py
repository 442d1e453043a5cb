"""Redis: the licence of what really runs, by dated facts (spec/licences.toml)."""

from stackproof import View, licence_of, not_assessed, verifies

REMEDY = "run a version of Redis that is licensed so (BSD: 7.2 and earlier), or Valkey and a row about it"


@verifies("licence.redis", needs=[View.REDIS], one_of="the server of the cache", remedy=REMEDY)
def server_of_the_cache_is_licensed_as_the_clause_says(redis_cache, expect, requirement):
    """What runs as the cache is published under the licence of the clause."""
    judge(redis_cache, expect, requirement)


@verifies("licence.redis", needs=[View.REDIS], one_of="the server of the broker", remedy=REMEDY)
def server_of_the_broker_is_licensed_as_the_clause_says(redis_broker, expect, requirement):
    """What runs as the broker is published under the licence of the clause."""
    judge(redis_broker, expect, requirement)


def judge(server, expect, requirement):
    """The product is what the server says that it is; a version says nothing of the licence by itself.

    7.4 lies inside `>=7.2,<8.0` and is not BSD licensed; Valkey answers redis_version 7.2.4 and is.
    """
    named = f"{server.product} {server.version}"
    if server.managed:
        not_assessed(f"the {server.role} is {server.managed}, whose terms are a contract: an attestation can settle it")
    fact = licence_of(server.product.lower(), server.version)
    if fact is None:
        not_assessed(f"no dated fact tells the licence of {named}, which runs as the {server.role}")
    claimed = " or ".join(requirement.value.options)
    licences = "/".join(fact.names)
    expect.holds(
        fact.grants(requirement.value.options),
        expected=f"what runs as the {server.role} to be {claimed} licensed",
        seen=f"{named} is published under {licences} ({fact.source})",
    )
    for module in server.modules:
        about = licence_of(f"redis-module-{module.lower()}", "")
        if about is None:
            expect.note(f"the {server.role} has loaded the module {module}, whose licence no dated fact tells")
            continue
        expect.holds(
            about.grants(requirement.value.options),
            expected=f"what runs as the {server.role} to be {claimed} licensed, its modules too",
            seen=f"its module {module} is published under {'/'.join(about.names)} ({about.source})",
        )
    expect.conclude(f"the {server.role} is {named}, published under {licences}")
