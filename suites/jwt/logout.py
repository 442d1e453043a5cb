"""JWT configuration: where an access token is all that there is, logging out revokes that."""

from stackproof import View, not_applicable, not_assessed, parts_of, verifies

TRIES = 8  # on new connections: a revocation kept per worker process shows only on some of them


@verifies(
    "jwt.blacklist",
    needs=[View.HTTP, View.ACCOUNTS],
    remedy="end the session on the server (Django: logout(request)), for every process, and not in the browser alone;\n"
    "of a JWT remember the id (jti) until it ends by itself",
)
def only_token_is_refused_after_logout(session, expect, requirement):
    """Where a login hands out an access token alone, that one is refused after its session was logged out.

    A JWT that a logout leaves alone lives to its own end, which is short: nothing is kept that could be revoked.
    """
    must_revoke_it(session.auth, requirement)
    kept, ended = session.login(), session.login()
    before = session.protected(ended.access)
    if not before.accepted:
        not_assessed(f"control failed: before its logout, with a fresh access token {before.described}")
    logout = session.logout(ended)
    # Some refuse it, since nobody is signed in any more: the token tells.
    if logout.unclear or (logout.refused and session.protected(ended.access).accepted):
        not_assessed(f"control failed: signing out, {logout.described}, so the session was not ended")
    replies = [session.on_new_connections().protected(ended.access) for _ in range(TRIES)]
    if all(one.accepted for one in replies) and parts_of(ended.access) is not None:
        not_applicable("the access token is a JWT that lives to its own end: the service keeps nothing to revoke")
    for attempt, reply in enumerate(replies, 1):
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


def must_revoke_it(auth, requirement):
    """The clause enables the blacklist, and there is a logout and no refresh token that it could revoke."""
    if requirement.value is not True:
        not_assessed("the clause does not enable the blacklist, and nothing is known of what it forbids instead")
    if auth.refresh is not None or auth.refresh_tokens:
        not_applicable("a login hands out refresh tokens, and those are what a logout has to revoke")
    if auth.logout is None:
        not_applicable("the descriptor says auth.refresh_tokens = false and names no [auth.logout]: nothing is revoked")
