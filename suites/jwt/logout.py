"""JWT configuration: where an access token is all that there is, logging out revokes that."""

from stackproof import View, not_applicable, not_assessed, verifies

TRIES = 8  # on new connections: a revocation kept per worker process shows only on some of them


@verifies(
    "jwt.blacklist",
    needs=[View.HTTP, View.ACCOUNTS],
    remedy="remember what was logged out until it ends by itself: the token's id (jti), or the session that it names;\n"
    "where signing out is the client's own affair by design, the descriptor names no [auth.logout]",
)
def only_token_is_refused_after_logout(session, expect, requirement):
    """Where a login hands out an access token alone, that one is refused after its session was logged out."""
    if requirement.value is not True:
        not_assessed("the clause does not enable the blacklist, and nothing is known of what it forbids instead")
    auth = session.auth
    if auth.refresh is not None or auth.refresh_tokens:
        not_applicable("a login hands out refresh tokens, and those are what a logout has to revoke")
    if auth.logout is None:
        not_applicable("the descriptor says auth.refresh_tokens = false and names no [auth.logout]: nothing is revoked")
    kept, ended = session.login(), session.login()
    before = session.protected(ended.access)
    if not before.accepted:
        not_assessed(f"control failed: before its logout, with a fresh access token {before.described}")
    logout = session.logout(ended)
    if logout.unclear or logout.refused:
        not_assessed(f"control failed: signing out, {logout.described}, so the session was not ended")
    for attempt in range(1, TRIES + 1):
        reply = session.on_new_connections().protected(ended.access)
        if reply.unclear:
            not_assessed(f"after logout, try {attempt} of {TRIES}: {reply.described}, which is no clear refusal")
        expect.holds(
            reply.refused,
            expected="the access token, which is all that a login hands out, to be refused after logout",
            seen=f"after logout ({logout.answer.status}) try {attempt} of {TRIES}: {reply.described}",
        )
    if session.protected(kept.access).accepted:
        expect.conclude(f"{TRIES} uses after logout were refused, while another session went on")
        return
    fresh = session.protected(session.login().access)
    if not fresh.accepted:
        not_assessed(f"control failed: with a fresh access token {fresh.described}, so the refusal means nothing")
    expect.conclude(f"{TRIES} uses after logout were refused, while a new login is accepted")
