"""JWT configuration: access tokens open resources, refresh tokens are exchanged, neither does the other's work."""

from stackproof import AccessGate, Forgery, RefreshGate, View, claims, expect_refused, not_assessed, verifies

REMEDY = (
    "write the kind into every token (token_type, typ) and compare it on each use: simplejwt does so, unless\n"
    "TOKEN_TYPE_CLAIM is None; in FastAPI and Flask the claim has to be compared after decoding"
)


def with_both(session):
    """End the check where a login does not hand out two different tokens."""
    session.needs_refresh_tokens()
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    if tokens.refresh == tokens.access:
        not_assessed("the access token and the refresh token are the same text: auth.login names one place twice?")
    return tokens


@verifies("jwt.kinds-apart", needs=[View.HTTP, View.ACCOUNTS], remedy=REMEDY)
def refresh_token_opens_no_resource(session, expect, requirement):
    """A refresh token is refused where an access token is asked for."""
    tokens = with_both(session)
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    fresh = tokens.refresh
    expect_refused(
        gate, expect, lambda _: [Forgery("a refresh token for an access token", fresh)], what="refresh tokens"
    )


@verifies("jwt.kinds-apart", needs=[View.HTTP, View.ACCOUNTS], remedy=REMEDY)
def access_token_is_exchanged_for_nothing(session, expect, requirement):
    """An access token is refused where a refresh token is asked for."""
    with_both(session)
    gate = RefreshGate(session)
    expect_refused(
        gate,
        expect,
        lambda tokens: [Forgery("an access token for a refresh token", tokens.access)],
        what="access tokens",
    )


@verifies(
    "jwt.id-token-refused",
    needs=[View.HTTP, View.ACCOUNTS],
    remedy="check aud (an ID token is for the client, not for the service) and, where the server issues tokens of\n"
    "RFC 9068, that the header's typ is at+jwt",
)
def id_token_opens_no_resource(session, expect, requirement):
    """An ID token, which tells a client who signed in, is refused where an access token is asked for."""
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    place = session.auth.login.access

    def make(tokens):
        return [Forgery("an ID token for an access token", claims.id_token_beside(tokens, place))]

    expect_refused(gate, expect, make, what="ID tokens")
