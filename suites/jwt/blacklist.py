"""JWT configuration: logging out revokes the refresh token."""

from stackproof import View, not_assessed, verifies

TRIES = 8  # on new connections: a revocation kept per worker process shows only on some of them

REMEDY = (
    "blacklist the refresh token at logout (simplejwt: TokenBlacklistView, or RefreshToken(...).blacklist()), with\n"
    "'rest_framework_simplejwt.token_blacklist' in INSTALLED_APPS: without it the settings do nothing, silently"
)


@verifies("jwt.blacklist", needs=[View.HTTP, View.ACCOUNTS], remedy=REMEDY)
def refresh_token_is_refused_after_logout(session, expect, requirement):
    """A refresh token is refused after its session was logged out, on whatever connection."""
    if requirement.value is not True:
        not_assessed("the clause does not enable the blacklist, and nothing is known of what it forbids instead")
    session.needs_refresh_tokens()
    kept = session.login()
    ended = session.login()
    if not ended.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    logout = session.logout(ended)
    if not logout.accepted:
        not_assessed(f"control failed: {logout.described}, so the session was not ended")
    for attempt in range(1, TRIES + 1):
        reuse = session.on_new_connections().refresh(ended.refresh)
        if not reuse.accepted and not reuse.refused:
            not_assessed(f"after logout {reuse.described}, which is no clear refusal")
        expect.holds(
            reuse.refused,
            expected="the refresh token to be refused after logout",
            seen=f"after logout ({logout.answer.status}) try {attempt} of {TRIES}: {reuse.described}",
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


@verifies("jwt.blacklist", needs=[View.PROJECT], supplementary=True, remedy=REMEDY)
def blacklist_application_is_installed(project, expect, requirement):
    """Where simplejwt is used, its blacklist application is installed."""
    settings = project.settings()
    apps = settings.get("INSTALLED_APPS") or []
    named = any("rest_framework_simplejwt" in str(value) for value in (apps, settings.get("REST_FRAMEWORK")))
    if not named and "SIMPLE_JWT" not in settings:
        not_assessed("the service does not seem to use simplejwt; the blacklist of another library is unknown")
    expect.holds(
        any(str(app).startswith("rest_framework_simplejwt.token_blacklist") for app in apps),
        expected="'rest_framework_simplejwt.token_blacklist' in INSTALLED_APPS",
        seen=f"INSTALLED_APPS has {len(apps)} entries; the blacklist application is "
        + ("there" if any("token_blacklist" in str(app) for app in apps) else "not among them"),
    )
