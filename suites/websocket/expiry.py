"""WebSocket: a token that ends while its connection is open."""

import time

from stackproof import View, claims_of, not_assessed, seconds_ahead, verifies

MARGIN = 10.0  # seconds before and after the end of a token, the clock moved
LEEWAY = 60.0  # seconds past the end that are no violation
LOOK_EVERY = 2.0  # seconds; a service may look at the token when a message comes
FORGED_LIFE = 15.0  # seconds of a forged token, in which a connection is opened and seen to work
BEFORE = 3.0  # seconds before the end of a forged token
LONG_LIFE = 600.0  # seconds of the forged token beside it


@verifies(
    "websocket.closed-at-expiry",
    needs=[View.HTTP, View.ACCOUNTS, View.WEBSOCKET],
    serial="clock",
    remedy="keep the token's exp with the connection, look at the clock every few seconds, and close(4401) at its end",
)
def socket_is_closed_when_its_token_ends(websocket, session, descriptor, expect, requirement, request):
    """A WebSocket is closed soon after the end of the token that opened it, and not before."""
    bound = requirement.value.number
    if descriptor.clock is not None:
        by_the_clock(websocket.at(descriptor.clock.base_url), expect, request.getfixturevalue("clock"), bound)
    elif descriptor.auth.signing_key is not None:
        forger, http = (request.getfixturevalue(name) for name in ("forger", "http"))
        by_a_short_token(websocket, session, expect, forger, http.remaining(), bound)
    else:
        not_assessed("the end of a token takes a [clock] that can be moved, or [auth.signing_key] for a short one")


def by_the_clock(there, expect, clock, bound):
    """The connection of a token ends once the clock stands past it, and that of a fresh one does not."""
    session = clock.session
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
    judge(expect, closing, bound, waited, LEEWAY + MARGIN + waited)


def by_a_short_token(there, session, expect, forger, remaining, bound):
    """The connection of a token forged to end soon ends with it, and that of a longer one stays."""
    if remaining < FORGED_LIFE + LEEWAY + bound:
        not_assessed(f"it may take {FORGED_LIFE + LEEWAY + bound:.0f} s, and the run's budget ends before (--budget)")
    tokens = session.login()
    parts = forger.control(tokens.access)
    if "exp" not in parts.claims:
        not_assessed("the access token has no exp, so the service keeps its end elsewhere, where no forged one helps")

    def forged(life):
        token = forger.issued(parts, seconds_ago=-seconds_ahead(tokens), lifetime=life)
        return there.opened(token, f"with a forged token of {life:.0f} s")

    with forged(LONG_LIFE) as other:
        with other.read_meanwhile():
            end = time.monotonic() + FORGED_LIFE
            with forged(FORGED_LIFE) as connection:
                with connection.read_meanwhile():
                    time.sleep(max(0.0, end - BEFORE - time.monotonic()))
                if not there.is_open(connection):
                    not_assessed(f"{BEFORE:.0f} s before the token's end {state(connection)}: not for its end, then")
                closing = closed_within(there, connection, end + LEEWAY + bound - time.monotonic())
                past = max(0.0, time.monotonic() - end)
        if closing is not None and not there.is_open(other):
            not_assessed(f"control failed: the connection of a token of {LONG_LIFE:.0f} s ended too")
    judge(expect, closing, bound, past, past)


def judge(expect, closing, bound, waited, past):
    """`waited` seconds it took to close, or it was open `past` seconds beyond the end."""
    expect.holds(
        closing is not None,
        expected=f"the WebSocket to be closed within {bound:g} s of the end of its token",
        seen=f"{closing.describe()} after {waited:.1f} s"
        if closing
        else f"{past:.0f} s past the end of its token it is open, and the service answers on it",
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
