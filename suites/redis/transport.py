"""Redis: TLS, where the network is not trusted."""

from stackproof import (
    Ending,
    NotAssessed,
    View,
    info_without_tls,
    not_applicable,
    not_assessed,
    ping_without_tls,
    redis_places,
    verifies,
)


@verifies("tls.redis", needs=[View.REDIS], remedy="tls-port and port 0 on the servers, rediss:// in the service's URLs")
def both_roles_are_reached_over_tls(descriptor, redis_views, expect, requirement):
    """Both Redis roles are reached over TLS; one that is unused by the descriptor's word is left out.

    The clause asks for it where the network is not trusted. Whether it is trusted no program can see: without TLS the
    clause is not assessed, and a person may attest to it (docs/decisions/0007). A socket of the machine is no network.
    """
    if requirement.value is not True:
        not_assessed("the clause does not ask for TLS to Redis")
    servers = [redis_views(role) for role in ("cache", "broker") if not descriptor.redis.is_unused(role)]
    if not servers:
        not_applicable("redis.cache.unused and redis.broker.unused say that the service has no Redis")
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
        expected="Redis to be reached over TLS in every role",
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


@verifies(
    "tls.redis.plain-port-closed",
    needs=[View.REDIS],
    remedy="port 0 in redis.conf, and nothing else that listens without TLS",
)
def nothing_is_answered_without_tls(descriptor, redis_views, recorder, expect):
    """A Redis that is reached over TLS answers nothing without it: its plain port is closed.

    Where the server tells its ports, they are asked; else the one that `redis.<role>.plain_port` names. What answers
    at a port that nobody named may be another server: only the server's own run id tells.
    """
    places = [one for one in redis_places(descriptor) if one.encrypted]
    if not places:
        not_assessed("neither cache nor broker is reached over TLS; tls.redis judges that")
    wrong, unseen, told = [], [], []
    for place in places:
        server, trouble = opened(redis_views, place)
        verdict, said = judged(place, server, trouble, recorder)
        {"wrong": wrong, "unseen": unseen, "told": told}[verdict].append(f"{' and '.join(place.names)}: {said}")
    expect.holds(
        not wrong,
        expected="a Redis that is reached over TLS to answer nothing without it",
        seen="; ".join(wrong or told) or "nothing was seen to answer without TLS",
    )
    if unseen:
        not_assessed("; ".join(unseen))


def opened(redis_views, place):
    """(the view of a role that lives at a place, why there is none)."""
    try:
        return redis_views(place.names[0].rpartition(".")[2]), ""
    except NotAssessed as error:
        return None, str(error)


def judged(place, server, trouble, recorder):
    """("wrong" | "unseen" | "told", what was seen) of one server."""
    own, direct = ports_of(server, place)
    named, by_hand = place.plain_port
    by_hand = by_hand and named > 0
    if own == 0 and not by_hand:
        return "told", "the server listens over TLS alone (port 0)"
    port = named if by_hand or own is None else own
    if not port:
        return "unseen", trouble or "the server does not tell its ports, and plain_port is 0"
    answer = ping_without_tls(place, port)
    recorder.add("handshake", f"PING at {place.host}:{port} without TLS", **answer.as_evidence())
    at = f"{place.host}:{port}"
    if answer.ending is Ending.REFUSED and (by_hand or direct):
        return "told", f"the connection to {at} was refused"
    if answer.ending is Ending.REFUSED and own is None:  # the port was a guess
        why = trouble or "the server does not tell its ports"
        return "unseen", f"{why}; nothing listens at {at}, and {place.names[0]}.plain_port would name another port"
    if answer.ending is Ending.ANSWERED and answer.said.startswith((b"+PONG", b"-NOAUTH", b"-ERR", b"-NOPERM")):
        ours = by_hand or (own == port and direct) or (answer.said[:1] == b"+" and is_same_server(place, port, server))
        if ours:
            return "wrong", f"{at} answers PING without TLS: {answer.line}"
        return "unseen", f"{at} speaks Redis without TLS; if it is the same server, {place.names[0]}.plain_port says so"
    if answer.ending is Ending.ANSWERED:
        return "unseen", f"{at} answers a plain PING with {answer.line!r}, which is not Redis"
    if own and not by_hand:
        return "unseen", (
            f"the server says that it listens on port {own}, which was not reached from here; "
            f"{place.names[0]}.plain_port names where it would answer without TLS"
        )
    return "unseen", f"whether {at} answers without TLS was not seen: {answer.problem}"


def ports_of(server, place):
    """(the server's own plain port, None where it does not tell; whether its TLS port is the one that we reach)."""
    if server is None:
        return None, False
    try:
        plain, tls = server.config("port"), server.config("tls-port")
    except NotAssessed:
        return told_by_info(server, place)
    return (int(plain), tls == str(place.port)) if plain.isdigit() else (None, False)


def told_by_info(server, place):
    """The same from INFO, for an account that may not ask CONFIG, as on managed servers.

    Redis 7.2 and Valkey list their listeners. Older ones tell `tcp_port`: the plain port, or the TLS port where there
    is none, so that another port than ours may be either.
    """
    seen = server.info("server")
    listeners = [one for key, one in seen.items() if key.startswith("listener") and isinstance(one, dict)]
    of = {str(one.get("name")): str(one.get("port")) for one in listeners}
    if of:
        plain = of.get("tcp", "0")
        return (int(plain), of.get("tls") == str(place.port)) if plain.isdigit() else (None, False)
    port = str(seen.get("tcp_port", ""))
    if port == str(place.port):
        return 0, True
    return (int(port), False) if port.isdigit() and port != "0" else (None, False)


def is_same_server(place, port, server):
    """Whether the plain port names the same run as the server that is reached over TLS; no password travels."""
    run = server.run_id if server else ""
    return bool(run) and run.encode() in info_without_tls(place, port).said
