"""WebSocket: whom it opens for. A refusal counts only where a good token was seen to open it in the same run."""

from stackproof import (
    NotAssessed,
    Outcome,
    View,
    bad_tokens,
    claims_of,
    expect_socket_refused,
    not_assessed,
    refusal_is_told,
    verifies,
)

SIGNED_IN = [View.HTTP, View.ACCOUNTS, View.WEBSOCKET]
MARGIN = 10.0  # seconds past the end of a token
LEEWAY = 60.0  # seconds past the end that are no violation
NOWHERE = "/stackproof/no-such-socket/"
PARAMETERS = ("token", "access_token", "jwt", "auth_token")
REMEDY = "refuse in the handshake: authenticate in a middleware, and close() in connect() before accept()"


@verifies("websocket.token-required", needs=SIGNED_IN, remedy=REMEDY)
def socket_without_a_token_is_refused(websocket, session, expect):
    """Without a token the WebSocket does not open."""
    websocket.control(session.login().access)
    expect_socket_refused(websocket, expect, "without a token", None)


@verifies(
    "websocket.bad-token-refused",
    needs=SIGNED_IN,
    remedy="verify tokens of WebSockets by the same code as those of requests (simplejwt: AccessToken(raw))",
)
def socket_with_a_bad_token_is_refused(websocket, session, expect):
    """With a garbage token, or with a good one in which anything was changed, the WebSocket does not open."""
    access = session.login().access
    websocket.control(access)
    bad = bad_tokens(access)
    for one in bad:
        expect_socket_refused(websocket, expect, f"with {one.name}", one.token)
    expect.conclude(f"refused with {len(bad)} bad tokens, and opened with a good one")


@verifies(
    "websocket.refresh-token-refused",
    needs=SIGNED_IN,
    remedy="ask for the type of the token (simplejwt: AccessToken(raw), never UntypedToken)",
)
def socket_with_a_refresh_token_is_refused(websocket, session, expect):
    """With a refresh token the WebSocket does not open."""
    session.needs_refresh_tokens()
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    websocket.control(tokens.access)
    expect_socket_refused(websocket, expect, "with a refresh token", tokens.refresh)


@verifies(
    "websocket.expired-token-refused",
    needs=SIGNED_IN,
    serial="clock",
    remedy="verify exp when the WebSocket is opened, without a wide leeway",
)
def socket_with_an_expired_token_is_refused(websocket, session, descriptor, expect, request):
    """With an access token past its end the WebSocket does not open."""
    trouble = ""
    if descriptor.auth.signing_key is not None:
        try:
            by_a_forged_token(websocket, session, expect, request.getfixturevalue("forger"))
        except NotAssessed as error:
            trouble = str(error)
        else:
            return
    if descriptor.clock is not None:
        by_the_clock(websocket.at(descriptor.clock.base_url), expect, request.getfixturevalue("clock"))
        return
    not_assessed(trouble or "an expired token takes [auth.signing_key], or a [clock] that can be moved")


def by_a_forged_token(websocket, session, expect, forger):
    """A freshly forged token opens, an old one of the same making does not."""
    tokens = session.login()
    parts = forger.control(tokens.access)
    if "exp" not in parts.claims:
        not_assessed("the access token has no exp, so the service keeps its end elsewhere, where no forged one helps")
    fresh = forger.issued(parts, seconds_ago=0, lifetime=600)
    websocket.control(fresh)
    old = forger.issued(parts, seconds_ago=600 + LEEWAY + MARGIN, lifetime=600)
    expect_socket_refused(websocket, expect, f"with a token {LEEWAY + MARGIN:.0f} s past its end", old)


def by_the_clock(websocket, expect, clock):
    """A token opens, and does not any more once the clock stands past its end."""
    with clock.restored():
        clock.move(0)
        tokens = clock.session.login()
        websocket.control(tokens.access)
        claims = claims_of(tokens.access)
        if claims is None or not claims.expires or not claims.issued:
            not_assessed("the access token does not say when it ends (exp, iat)")
        clock.move(claims.expires - claims.issued + LEEWAY + MARGIN)
        websocket.control(clock.session.login().access)
        what = f"with a token {LEEWAY + MARGIN:.0f} s past its end"
        expect_socket_refused(websocket, expect, what, tokens.access)


@verifies(
    "websocket.deactivated-refused",
    needs=[*SIGNED_IN, View.DISPOSABLE],
    writes=True,
    remedy="look the account up when a WebSocket is opened: User.objects.aget(pk=…, is_active=True)",
)
def socket_of_a_deactivated_account_is_refused(websocket, session, desk, expect):
    """With the token of an account that was deactivated the WebSocket does not open."""
    account = desk.create()
    access = session.as_account(account).login().access
    websocket.control(access)
    desk.deactivate(account)
    expect_socket_refused(websocket, expect, "with the token of a deactivated account", access)
    websocket.control(session.login().access)


@verifies(
    "websocket.refusal-told",
    needs=SIGNED_IN,
    remedy="close with a code of its own, await self.close(4401), or before accept(), which is a 403 in the handshake",
)
def refused_client_learns_why(websocket, session, expect):
    """A client without a good token is refused by an HTTP error, or by a close code that says so."""
    access = session.login().access
    websocket.control(access)
    told = []
    for what, token in (("without a token", None), ("with a garbage token", bad_tokens(access)[0].token)):
        look = expect_refusal(websocket, what, token)
        expect.holds(
            refusal_is_told(look),
            expected="a refused client to be told by an HTTP error or a close code of 1008, 3000, 3003 or 4000 to 4999",
            seen=f"{what} {look.described}",
        )
        told.append(f"{what} {look.described}")
    expect.conclude("; ".join(told))


def expect_refusal(websocket, what, token):
    """A refusal of whatever kind; what opens is judged by other checks."""
    look = websocket.look(what, token)
    if look.outcome is not Outcome.REFUSED:
        not_assessed(f"{what} {look.described}, which is no refusal")
    return look


@verifies(
    "websocket.token-not-in-query",
    needs=SIGNED_IN,
    remedy="take the token from a header, a cookie or the subprotocol: URLs end in logs and histories; where browsers "
    "need the query, promise one parameter with websocket.query_token",
)
def token_in_another_parameter_opens_nothing(websocket, session, descriptor, expect):
    """A good token in a query parameter that nobody promised opens no WebSocket."""
    about = descriptor.websocket
    access = session.login().access
    websocket.control(access)
    promised = {about.query_token, about.token.partition(":")[2] if about.token.startswith("query:") else ""}
    names = [name for name in PARAMETERS if name not in promised]
    expect_refusal(websocket, "without a token", None)
    for name in names:
        expect_socket_refused(websocket, expect, f"with the token in ?{name}= alone", None, query={name: access})
    expect.conclude(f"the token opens nothing in ?{'=, ?'.join(names)}=")


@verifies(
    "websocket.unknown-path-refused",
    needs=SIGNED_IN,
    remedy="end the URLRouter with a route for every other path, whose consumer closes: stock routing answers 500",
)
def unknown_path_is_refused(websocket, session, expect):
    """A handshake for a path that does not exist is refused, and is no server error."""
    access = session.login().access
    websocket.control(access)
    looks = [websocket.look("for a path that does not exist", access, path=NOWHERE) for _ in range(2)]
    if not {one.outcome for one in looks} <= {Outcome.REFUSED, Outcome.BROKEN}:
        not_assessed(f"for {NOWHERE} {looks[0].described}, which is neither a refusal nor a server error")
    expect.holds(
        any(one.outcome is Outcome.REFUSED for one in looks),
        expected="a path that does not exist to be refused, without a server error",
        seen=f"for {NOWHERE} {looks[-1].described}",
    )
