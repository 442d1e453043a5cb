"""JWT configuration: any sequence of logins, refreshes, reuses and logouts keeps to what was promised."""

from stackproof import View, Word, not_assessed, search, seed_of_run, verifies

REQUESTS = 60  # of one search, where more than ordinary use is allowed
ORDINARY = 40  # and where it is not
PACED = 16  # and where logins have to be spaced

REMEDY = (
    "revoke by the token's own id, in one place that both refresh and logout ask, and never take an id off that list\n"
    "before its token has expired"
)


@verifies(
    "jwt.rotation",
    "jwt.blacklist",
    needs=[View.HTTP, View.ACCOUNTS],
    supplementary=True,
    serial="life",
    remedy=REMEDY,
)
def refresh_tokens_keep_to_their_model(session, descriptor, allow_writes, expect, requirement):
    """In no sequence of logins, refreshes, reuses and logouts that was tried is a used or logged-out token accepted."""
    if requirement.value is not True:
        not_assessed("the clause does not enable it, and nothing is known of what it forbids instead")
    session.needs_refresh_tokens()
    word = Word.ROTATION if requirement.id.endswith("rotation") else Word.BLACKLIST
    if word is Word.BLACKLIST and session.auth.logout is None:
        not_assessed("the descriptor names no [auth.logout] operation")
    control(session)
    requests = REQUESTS if allow_writes else ORDINARY
    requests = PACED if session.auth.logins_per_minute else requests
    many = descriptor.accounts.many_sessions
    found = search(session, word, many_sessions=many, requests=requests, seed=seed_of_run())
    tried = f"{found.sequences} sequences with {found.steps} steps, {found.requests} requests, seed {found.seed}"
    expect.measured(f"searched {tried}")
    if found.surprise:
        expect.holds(
            False,
            expected=found.surprise.expected,
            seen=f"{found.surprise.seen}, at the end of: {'; '.join(found.surprise.story)}. Shortest of {tried}; "
            f"STACKPROOF_SEED={found.seed} searches in the same way again",
            sequence=list(found.surprise.story),
            seed=found.seed,
        )
    if found.unconfirmed:
        story = "; ".join(found.unconfirmed.story)
        not_assessed(f"{found.unconfirmed.seen} once, at the end of: {story}; tried again, it was not so")
    if found.halted:
        not_assessed(f"the search ended early: {found.halted} ({tried})")
    expect.conclude(f"nothing unexpected in {tried}")


def control(session):
    """A good refresh token is accepted and a garbage one is not; otherwise no answer means anything."""
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    session.control_refresh(tokens)
    reply = session.refresh(tokens.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token {reply.described}")
