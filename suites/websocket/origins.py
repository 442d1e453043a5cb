"""WebSocket: which web pages it opens for. Browsers let any page try, and send the cookies along."""

from stackproof import View, expect_socket_refused, hostile_origin, look_alikes, not_applicable, not_assessed, verifies

SIGNED_IN = [View.HTTP, View.ACCOUNTS, View.WEBSOCKET]
REMEDY = "wrap the WebSocket's routes in channels.security.websocket.OriginValidator with the front end's origins"


def signed_in(websocket, session, descriptor):
    """An access token that opens the socket from the front end's own origin, or no refusal means anything."""
    if not descriptor.websocket.origin:
        not_assessed("websocket.origin is not given: that a page of the front end is let in is the control")
    access = session.login().access
    websocket.control(access)
    return access


@verifies("websocket.foreign-origin-refused", needs=SIGNED_IN, remedy=REMEDY)
def foreign_origin_is_refused(websocket, session, descriptor, expect):
    """For a page of an origin that nobody allowed the WebSocket does not open, a good token notwithstanding."""
    access = signed_in(websocket, session, descriptor)
    expect_socket_refused(websocket, expect, f"from {hostile_origin}", access, origin=hostile_origin)


@verifies("websocket.null-origin-refused", needs=SIGNED_IN, remedy=f"{REMEDY}; never 'null'")
def null_origin_is_refused(websocket, session, descriptor, expect):
    """For the origin "null", which any page can send, the WebSocket does not open."""
    access = signed_in(websocket, session, descriptor)
    expect_socket_refused(websocket, expect, 'from the origin "null"', access, origin="null")


@verifies(
    "websocket.look-alike-origin-refused",
    needs=SIGNED_IN,
    remedy="compare origins whole: scheme, host and port, no prefix, no suffix, no unescaped dot of a pattern",
)
def look_alikes_of_the_own_origin_are_refused(websocket, session, descriptor, expect):
    """For an origin that resembles the front end's in part the WebSocket does not open."""
    access = signed_in(websocket, session, descriptor)
    allowed = {one.rstrip("/") for one in descriptor.cors.allowed_origins}
    if any("*" in one for one in allowed):
        not_applicable("cors.allowed_origins has patterns: which look-alikes they mean is not known")
    alike = [(one, how) for one, how in look_alikes(descriptor.websocket.origin) if one not in allowed]
    for one, how in alike:
        expect_socket_refused(websocket, expect, f"from {one} ({how})", access, origin=one)
    expect.conclude(f"{len(alike)} look-alikes of {descriptor.websocket.origin} are refused, and it is let in itself")
