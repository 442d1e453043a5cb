"""Licences, as far as a project's files tell: what its images hold is published as the document says."""

from stackproof import View, chosen_lines, licence_of, not_assessed, verifies

REMEDY = "choose a version of Redis that is licensed so (BSD: 7.2 and earlier), or Valkey and a row about it"


@verifies("licence.redis", needs=[View.FILES], one_of="the server of the cache", remedy=REMEDY)
def image_of_the_cache_is_licensed_as_the_clause_says(files, descriptor, today, expect, requirement):
    """What the project's images hold as the cache is published under the licence of the clause."""
    judge(files, "cache", descriptor.redis.cache, today, expect, requirement)


@verifies("licence.redis", needs=[View.FILES], one_of="the server of the broker", remedy=REMEDY)
def image_of_the_broker_is_licensed_as_the_clause_says(files, descriptor, today, expect, requirement):
    """What the project's images hold as the broker is published under the licence of the clause."""
    judge(files, "broker", descriptor.redis.broker, today, expect, requirement)


def judge(files, role, described, today, expect, requirement):
    """Every image of Redis, or of what stands in its place; where the server itself is described, that one decides."""
    claimed = " or ".join(requirement.value.options)
    for one in chosen_lines.redis_lines(files):
        named = f"{one.product} {one.version} ({one.where})"
        if one.product == "redis" and "." not in one.version:
            not_assessed(f"{named} may be any release of that line, and they differ in licence")
        fact = licence_of(one.product, one.version, today)
        if fact is None:
            not_assessed(f"no dated fact tells the licence of {named}")
        expect.holds(
            fact.grants(requirement.value.options),
            expected=f"the images of Redis to be {claimed} licensed",
            seen=f"{named} is published under {'/'.join(fact.names)} ({fact.source})",
        )
    if described is not None:
        not_assessed(f"the images are licensed so, and the {role}'s own server, which stackproof.toml names, decides")
