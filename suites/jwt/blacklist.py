"""JWT configuration: logging out revokes the refresh token, or the access token where that is all."""

from stackproof import View, libraries_of, not_applicable, not_assessed, parts_of, verifies

TRIES = 8  # on new connections: a revocation kept per worker process shows only on some of them
ONLY_ONE = "the access token, which is all that a login hands out, to be refused after logout"

REMEDY = (
    "blacklist the refresh token at logout (simplejwt: TokenBlacklistView, or RefreshToken(...).blacklist()), with\n"
    "'rest_framework_simplejwt.token_blacklist' in INSTALLED_APPS: without it the settings do nothing, silently"
)


@verifies("jwt.blacklist", needs=[View.HTTP, View.ACCOUNTS], remedy=REMEDY)
def refresh_token_is_refused_after_logout(session, blacklist_cause, expect, requirement):
    """A refresh token is refused after its session was logged out, on whatever connection."""
    promised(requirement)
    session.needs_refresh_tokens()
    kept = session.login()
    ended = session.login()
    if not ended.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    logout = session.logout(ended)
    # Some refuse it, since nobody is signed in any more: the refresh token tells.
    if logout.unclear or (logout.refused and session.refresh(ended.refresh).accepted):
        not_assessed(f"control failed: {logout.described}, so the session was not ended")
    for attempt in range(1, TRIES + 1):
        judge_reuse(
            expect,
            session.on_new_connections().refresh(ended.refresh),
            f"after logout ({logout.answer.status}) try {attempt} of {TRIES}",
            blacklist_cause,
        )
    again = session.logout(ended)
    judge_reuse(
        expect, session.refresh(ended.refresh), f"after a second logout ({again.answer.status})", blacklist_cause
    )
    session.control_refresh(kept)
    if session.refresh(kept.refresh).accepted:
        expect.conclude(f"{TRIES} uses after logout were refused, while another session went on")
        return
    expect.note("another session of the account is dead too: one session an account, or a logout that ends them all")
    fresh = session.refresh(session.login().refresh)
    if not fresh.accepted:
        not_assessed(f"control failed: with a fresh refresh token {fresh.described}, so the refusal means nothing")
    expect.conclude(f"{TRIES} uses after logout were refused, while a new session can be refreshed")


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
    promised(requirement)
    must_revoke_it(session.auth)
    kept, ended = session.login(), session.login()
    session.control_protected(ended)
    logout = session.logout(ended)
    # Some refuse it, since nobody is signed in any more: the token tells.
    if logout.unclear or (logout.refused and session.protected(ended.access).accepted):
        not_assessed(f"control failed: signing out, {logout.described}, so the session was not ended")
    replies = [session.on_new_connections().protected(ended.access) for _ in range(TRIES)]
    if all(one.accepted for one in replies) and parts_of(ended.access) is not None:
        not_applicable("the access token is a JWT that lives to its own end: the service keeps nothing to revoke")
    for attempt, reply in enumerate(replies, 1):
        when = f"after logout ({logout.answer.status}) try {attempt} of {TRIES}"
        judge_reuse(expect, reply, when, expected=ONLY_ONE)
    if session.protected(kept.access).accepted:
        expect.conclude(f"{TRIES} uses after logout were refused, while another session went on")
        return
    fresh = session.protected(session.login().access)
    if not fresh.accepted:
        not_assessed(f"control failed: with a fresh access token {fresh.described}, so the refusal means nothing")
    expect.conclude(f"{TRIES} uses after logout were refused, while a new login is accepted")


def must_revoke_it(auth):
    """There is a logout, and no refresh token that it could revoke."""
    if auth.refresh is not None or auth.refresh_tokens:
        not_applicable("a login hands out refresh tokens, and those are what a logout has to revoke")
    if auth.logout is None:
        not_applicable("the descriptor says auth.refresh_tokens = false and names no [auth.logout]: nothing is revoked")


@verifies(
    "jwt.blacklist",
    needs=[View.HTTP, View.ACCOUNTS, View.RESTART],
    writes=True,
    supplementary=True,
    serial="clock",  # the instance whose clock is moved may be the one that is restarted
    alone=True,
    remedy="keep the list of revoked tokens in the database: what a process remembers, or a cache, does not outlive it",
)
def revoked_refresh_token_stays_refused_after_a_restart(restart, expect, requirement):
    """What was revoked, by a logout or by its use, stays refused after the service was restarted."""
    promised(requirement)
    session = restart.session
    session.needs_refresh_tokens()
    ended, used = revoked(session), used_up(session)
    restart.run()
    session = session.on_new_connections()
    fresh = session.login()
    session.control_refresh(fresh)
    reply = session.refresh(fresh.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: after the restart, with a fresh refresh token {reply.described}")
    judge_reuse(expect, session.refresh(ended.refresh), "logged out before the restart")
    if used is None:
        expect.conclude("the logged-out refresh token was refused after the restart, a fresh one accepted")
        return
    judge_reuse(
        expect,
        session.refresh(used.refresh),
        "used before the restart",
        expected="the used refresh token to be refused",
    )
    expect.conclude("the logged-out and the used refresh token were refused after the restart, a fresh one accepted")


def promised(requirement):
    """The clause may also say that there is no blacklist; then there is nothing that a service must do."""
    if requirement.value is not True:
        not_assessed("the clause does not enable the blacklist, and nothing is known of what it forbids instead")


def revoked(session):
    """Tokens whose session was logged out, seen to be refused."""
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    logout = session.logout(tokens)
    if logout.unclear:  # some refuse it, since nobody is signed in any more
        not_assessed(f"control failed: {logout.described}, so the session was not ended")
    reuse = session.refresh(tokens.refresh)
    if not reuse.refused:
        not_assessed(f"right after logout {reuse.described}; another check judges that")
    return tokens


def used_up(session):
    """Tokens whose refresh token was used and is refused since, or None where use does not revoke."""
    tokens = session.login()
    first, second = session.refresh(tokens.refresh), session.refresh(tokens.refresh)
    return tokens if first.accepted and second.refused else None


def judge_reuse(expect, reply, when, cause=str, expected="the refresh token to be refused after logout"):
    """Refused; a break-down is no refusal. `cause` says what is behind an acceptance, where that can be told."""
    if reply.unclear:
        not_assessed(f"{when}: {reply.described}, which is no clear refusal")
    expect.holds(
        reply.refused,
        expected=expected,
        seen=f"{when}: {reply.described}" + ("" if reply.refused else cause()),
    )


@verifies("jwt.blacklist", needs=[View.PROJECT], supplementary=True, remedy=REMEDY)
def blacklist_application_is_installed(project, expect, requirement):
    """Where simplejwt or its fork is used, its blacklist application is installed."""
    settings = project.settings()
    found = libraries_of(settings)
    if not found:
        not_assessed("neither simplejwt nor ninja-jwt is used; the blacklist of another library is unknown")
    missing = [one.application for one in found if not one.installed]
    if missing and len(missing) < len(found):
        not_assessed(f"which of {' and '.join(one.name for one in found)} signs the tokens is not known")
    number = len(settings.get("INSTALLED_APPS") or [])
    expect.holds(
        not missing,
        expected=f"'{found[0].application}' in INSTALLED_APPS",
        seen=f"INSTALLED_APPS has {number} entries; it is {'not among them' if missing else 'there'}",
    )
