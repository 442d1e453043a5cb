"""Redis: TLS, where the network is not trusted."""

from stackproof import NotAssessed, View, not_assessed, verifies


@verifies("tls.redis", needs=[View.REDIS], remedy="tls-port and port 0 on the servers, rediss:// in the service's URLs")
def both_roles_are_reached_over_tls(redis_cache, redis_broker, expect, requirement):
    """Both Redis roles are reached over TLS.

    The clause asks for it where the network is not trusted. Whether it is trusted no program can see: without TLS the
    clause is not assessed, and a person may attest to it (docs/decisions/0007). A socket of the machine is no network.
    """
    if requirement.value is not True:
        not_assessed("the clause does not ask for TLS to Redis")
    servers = (redis_cache, redis_broker)
    plain = [server.role for server in servers if not server.tls and server.over_network]
    if plain and requirement.strength == "conditional":
        verb = "are" if len(plain) > 1 else "is"
        not_assessed(
            f"the {' and the '.join(plain)} {verb} reached without TLS, and whether that network is trusted is for a "
            "person to say: an attestation can settle it"
        )
    for server in servers:
        note_plain_port(server, expect)
    expect.holds(
        not plain,
        expected="both Redis roles to be reached over TLS",
        seen=f"without TLS: {', '.join(plain)}" if plain else "; ".join(f"{one.role}: {way(one)}" for one in servers),
    )


def way(server):
    """How a role is reached."""
    return "over TLS" if server.tls else "through a socket of the machine"


def note_plain_port(server, expect):
    """A server that speaks TLS on one port may speak plain text on another; what the service uses decides."""
    try:
        port = server.config("port") if server.tls else "0"
    except NotAssessed:
        return
    if port != "0":
        expect.note(f"the server of the {server.role} also listens without TLS, on port {port}")
