"""JWT configuration: logging out revokes the refresh token."""

from stackproof import View, libraries_of, not_assessed, verifies

TRIES = 8  # on new connections: a revocation kept per worker process shows only on some of them

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
    judge_reuse(expect, session.refresh(used.refresh), "used before the restart", what="the used refresh token")
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


def judge_reuse(expect, reply, when, cause=str, what="the refresh token"):
    """Refused; a break-down is no refusal. `cause` says what is behind an acceptance, where that can be told."""
    if reply.unclear:
        not_assessed(f"{when}: {reply.described}, which is no clear refusal")
    expect.holds(
        reply.refused,
        expected=f"{what} to be refused after logout" if what == "the refresh token" else f"{what} to be refused",
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
