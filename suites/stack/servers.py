"""Version matrix: the servers, by what they say of themselves."""

from stackproof import View, not_applicable, not_assessed, verifies


@verifies("version.postgresql", needs=[View.POSTGRES], one_of="place", remedy="run a PostgreSQL inside the constraint")
def postgresql_is_inside_the_constraint(postgres, expect, requirement):
    """The PostgreSQL server is inside the constraint."""
    expect.that("the server's version", postgres.version).is_inside(requirement.value.constraint)
    expect.conclude(f"PostgreSQL {postgres.version} is inside {requirement.value.constraint}")


@verifies("version.redis", needs=[View.REDIS], remedy="run a Redis inside the constraint for both roles")
def redis_of_the_cache_is_inside_the_constraint(redis_cache, expect, requirement, specification):
    """The server of the cache is Redis, inside the constraint."""
    judge(redis_cache, "cache", "Redis", expect, requirement, specification)


@verifies("version.redis", needs=[View.REDIS], remedy="run a Redis inside the constraint for both roles")
def redis_of_the_broker_is_inside_the_constraint(redis_broker, expect, requirement, specification):
    """The server of the broker is Redis, inside the constraint."""
    judge(redis_broker, "broker", "Redis", expect, requirement, specification)


@verifies("version.valkey", needs=[View.REDIS], remedy="run a Valkey inside the constraint for both roles")
def valkey_is_inside_the_constraint(redis_cache, expect, requirement, specification):
    """Where an edition of the specification has a row for Valkey, the server of the cache is inside it."""
    judge(redis_cache, "cache", "Valkey", expect, requirement, specification)


@verifies("version.valkey", needs=[View.REDIS], remedy="run a Valkey inside the constraint for both roles")
def valkey_of_the_broker_is_inside_the_constraint(redis_broker, expect, requirement, specification):
    """Where an edition of the specification has a row for Valkey, the server of the broker is inside it."""
    judge(redis_broker, "broker", "Valkey", expect, requirement, specification)


def judge(server, role, product, expect, requirement, specification):
    """A row is about its own product; Valkey answers with a Redis version for compatibility, and is not Redis.

    Where the document has a row for the other product, too, that one judges this role.
    """
    if server.product != product:
        if specification.find(f"version.{server.product.lower()}") is not None:
            not_applicable(f"the server of the {role} is {server.product}, whose own row judges it")
        told = f" (it says redis_version {server.compatible_with} for compatibility)" if product == "Redis" else ""
        not_assessed(
            f"the server of the {role} is {server.product} {server.version}{told}, and the row is about {product}; "
            "an attestation can settle it"
        )
    expect.that(f"the server of the {role}", server.version).is_inside(requirement.value.constraint)
    expect.conclude(f"the {role} is {product} {server.version}, inside {requirement.value.constraint}")
