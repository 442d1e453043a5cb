"""WebSocket: a token that ends while its connection is open."""

import time

from stackproof import View, claims_of, not_assessed, verifies

MARGIN = 10.0  # seconds before and after the end of a token
LEEWAY = 60.0  # seconds past the end that are no violation
LOOK_EVERY = 2.0  # seconds; a service may look at the token when a message comes


@verifies(
    "websocket.closed-at-expiry",
    needs=[View.HTTP, View.ACCOUNTS, View.WEBSOCKET, View.CLOCK],
    serial="clock",
    remedy="keep the token's exp with the connection, look at the clock every few seconds, and close(4401) at its end",
)
def socket_is_closed_when_its_token_ends(websocket, clock, descriptor, expect, requirement):
    """A WebSocket is closed soon after the end of the token that opened it, and not before."""
    bound = requirement.value.number
    there, session = websocket.at(descriptor.clock.base_url), clock.session
    with clock.restored():
        clock.move(0)
        tokens = session.login()
        claims = claims_of(tokens.access)
        if claims is None or not claims.expires or not claims.issued:
            not_assessed("the access token does not say when it ends (exp, iat)")
        lifetime = claims.expires - claims.issued
        with there.opened(tokens.access) as connection:
            with connection.read_meanwhile():
                clock.move(lifetime - MARGIN)
            if not there.is_open(connection):
                not_assessed(f"{MARGIN:.0f} s before the token's end {state(connection)}: not for its end, then")
            moved = time.monotonic()
            with connection.read_meanwhile():
                clock.move(lifetime + LEEWAY + MARGIN)
                fresh = session.login().access
            with there.opened(fresh, "with a fresh access token, the clock moved") as other:
                closing = closed_within(there, connection, bound)
                waited = time.monotonic() - moved
                if closing is not None and not there.is_open(other):
                    not_assessed("control failed: a connection with a fresh token ended too while the clock was moved")
    expect.holds(
        closing is not None,
        expected=f"the WebSocket to be closed within {bound:g} s of the end of its token",
        seen=f"{closing.describe()} after {waited:.1f} s"
        if closing
        else f"{LEEWAY + MARGIN + waited:.0f} s past the end of its token it is open, and the service answers on it",
    )


def closed_within(there, connection, bound):
    """How the connection ended, or None where it still works when the time is up."""
    deadline = time.monotonic() + bound
    while time.monotonic() < deadline:
        closing = connection.ended(min(LOOK_EVERY, max(deadline - time.monotonic(), 0.1)))
        if closing is not None:
            return closing
        there.is_open(connection)
    if connection.closing is None and not there.is_open(connection):
        not_assessed("the connection neither ended nor answers any more")
    return connection.closing


def state(connection):
    """How a connection that does not answer stands."""
    return connection.closing.describe() if connection.closing else "it is open and answers nothing"
