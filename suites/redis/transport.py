"""Redis: TLS, where the network is not trusted."""

from stackproof import View, not_assessed, verifies


@verifies("tls.redis", needs=[View.REDIS], remedy="tls-port and port 0 on the servers, rediss:// in the service's URLs")
def both_roles_are_reached_over_tls(redis_cache, redis_broker, expect, requirement):
    """Both Redis roles are reached over TLS.

    The clause asks for it where the network is not trusted. Whether it is trusted no program can see: without TLS the
    clause is not assessed, and a person may attest to it (docs/decisions/0007).
    """
    plain = [server.role for server in (redis_cache, redis_broker) if not server.tls]
    if plain and requirement.strength == "conditional":
        not_assessed(
            f"the {' and the '.join(plain)} is reached without TLS, and whether that network is trusted is for a "
            "person to say: an attestation can settle it"
        )
    expect.holds(
        not plain,
        expected="both Redis roles to be reached over TLS",
        seen=f"without TLS: {', '.join(plain)}" if plain else "both are reached over TLS",
    )
