"""Version matrix: the servers, by what they say of themselves."""

from stackproof import View, not_assessed, verifies


@verifies("version.postgresql", needs=[View.POSTGRES], one_of="place", remedy="run a PostgreSQL inside the constraint")
def postgresql_is_inside_the_constraint(postgres, expect, requirement):
    """The PostgreSQL server is inside the constraint."""
    expect.that("the server's version", postgres.version).is_inside(requirement.value.constraint)
    expect.conclude(f"PostgreSQL {postgres.version} is inside {requirement.value.constraint}")


@verifies("version.redis", needs=[View.REDIS], remedy="run a Redis inside the constraint for both roles")
def redis_of_the_cache_is_inside_the_constraint(redis_cache, expect, requirement):
    """The server of the cache is Redis, inside the constraint."""
    judge(redis_cache, "cache", expect, requirement)


@verifies("version.redis", needs=[View.REDIS], remedy="run a Redis inside the constraint for both roles")
def redis_of_the_broker_is_inside_the_constraint(redis_broker, expect, requirement):
    """The server of the broker is Redis, inside the constraint."""
    judge(redis_broker, "broker", expect, requirement)


@verifies("version.valkey", needs=[View.REDIS], remedy="run a Valkey inside the constraint")
def valkey_is_inside_the_constraint(redis_cache, expect, requirement):
    """Where an edition of the specification has a row for Valkey, the server of the cache is inside it."""
    if redis_cache.product != "Valkey":
        not_assessed(f"the server of the cache is {redis_cache.product}, and the row is about Valkey")
    expect.that("the server of the cache", redis_cache.version).is_inside(requirement.value.constraint)


def judge(server, role, expect, requirement):
    """Valkey answers with a Redis version for compatibility; it is not Redis, and the row is about Redis."""
    if server.product != "Redis":
        not_assessed(
            f"the server of the {role} is {server.product} {server.version} (it says redis_version "
            f"{server.compatible_with} for compatibility), and the row is about Redis; an attestation can settle it"
        )
    expect.that(f"the server of the {role}", server.version).is_inside(requirement.value.constraint)
    expect.conclude(f"the {role} is Redis {server.version}, inside {requirement.value.constraint}")
