"""JWT configuration: a request that a browser could be made to send brings proof of where it comes from."""

from stackproof import View, carriers, not_applicable, not_assessed, verifies

KEPT_HERE = ("lax", "strict")  # SameSite: no request of another site that changes something brings the cookie


@verifies(
    "jwt.proof-demanded",
    needs=[View.HTTP, View.ACCOUNTS],
    remedy="compare the proof on every request that changes something and that a cookie authenticates, refreshing and\n"
    "signing out among them; SameSite=Lax or Strict on the cookie keeps other sites' requests without it",
)
def refresh_without_its_proof_is_refused(session, expect, requirement):
    """Where a cookie carries the refresh token, exchanging it without the proof of [auth.csrf] is refused."""
    auth = session.auth
    if auth.csrf is None:
        not_applicable("the descriptor describes no proof against forged requests ([auth.csrf])")
    session.needs_refresh_tokens()
    if not auth.refresh.token.startswith("cookie:"):
        not_applicable("the refresh token travels in no cookie, and browsers send nothing else by themselves")
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {auth.login.refresh!r}")
    bare = session.without_proofs().refresh(tokens.refresh)
    if bare.unclear:
        not_assessed(f"without the proof {bare.described}, which is neither accepted nor refused")
    if bare.refused:
        good = session.refresh(tokens.refresh)
        if not good.accepted:
            good = session.refresh(session.login().refresh)
        if not good.accepted:
            not_assessed(f"control failed: with the proof {good.described}, so the refusal means nothing")
        expect.holds(
            True,
            expected="a refresh with the cookie alone to be refused",
            seen=f"without the proof {bare.described}, and with it a refresh token was exchanged",
        )
        return
    name = auth.refresh.token.partition(":")[2]
    cookie = next((one for one in carriers.token_cookies(auth, tokens) if one.name == name), None)
    if cookie is None:
        not_assessed(
            f"without the proof {bare.described}, and the login sets no cookie {name} whose SameSite tells more"
        )
    if auth.refresh.extra and auth.refresh.format == "json":
        not_assessed(
            f"without the proof {bare.described}; its body is JSON, for which browsers ask the service first, and "
            "whether it takes another type was not tried"
        )
    expect.holds(
        cookie.same_site in KEPT_HERE,
        expected="a refresh with the cookie alone to be refused, or the cookie to be kept from other sites' requests",
        seen=f"without the proof {bare.described}; the cookie {name}: {cookie.described}",
    )
