"""JWT configuration: any sequence of logins, refreshes, reuses and logouts keeps to what was promised."""

from stackproof import View, Ways, Word, claims_of, not_applicable, not_assessed, search, seed_of_run, verifies

REQUESTS = 60  # of one search, where more than ordinary use is allowed
ORDINARY = 40  # and where it is not
PACED = 16  # and where logins have to be spaced
PART = 0.3  # of a refresh token's life, that passes at a time
UNTOLD = 86_400.0  # seconds, where the token does not tell

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
    lengthy=True,
    remedy=REMEDY,
)
def refresh_tokens_keep_to_their_model(session, descriptor, allow_writes, expect, requirement):
    """In no sequence of logins, refreshes, reuses and logouts that was tried is a used or logged-out token accepted."""
    session.needs_refresh_tokens()
    word = promised(session, requirement)
    control(session)
    judge(session, word, descriptor, allow_writes, expect)


@verifies(
    "jwt.rotation",
    "jwt.blacklist",
    "accounts.password-change-access",
    needs=[View.HTTP, View.ACCOUNTS, View.DISPOSABLE],
    writes=True,
    supplementary=True,
    serial="life",
    lengthy=True,
    remedy="end sessions on a change of the password by revoking their tokens; deleting what is known of the tokens\n"
    "of an account deletes what was revoked of them, too",
)
def refresh_tokens_keep_to_their_model_when_passwords_change(session, desk, descriptor, expect, requirement):
    """In no sequence with changes of the password is a used, logged-out or outdated token accepted."""
    session.needs_refresh_tokens()
    word = promised(session, requirement)
    owner = Owner(session, desk)
    control(owner.account(session))
    change = session.auth.password_change
    ways = Ways(owner.change_password, owner.account, revokes=change is not None and change.revokes)
    judge(session, word, descriptor, True, expect, ways)


@verifies(
    "jwt.rotation",
    "jwt.blacklist",
    needs=[View.HTTP, View.ACCOUNTS, View.CLOCK],
    supplementary=True,
    serial="clock",
    remedy="keep the id of a used or revoked token until that token's own exp; a list that forgets sooner (a cache\n"
    "with a shorter time to live, a clean-up by age) revives it",
)
def refresh_tokens_keep_to_their_model_while_time_passes(clock, descriptor, expect, requirement):
    """In no sequence during which the service's clock moves on is a used or logged-out token accepted."""
    session = clock.session
    session.needs_refresh_tokens()
    word = promised(session, requirement)
    offsets = [0.0]

    def pass_time(seconds):
        offsets.append(offsets[-1] + seconds)
        clock.move(offsets[-1])

    with clock.restored():
        clock.move(0)
        lifetime = control(session)
        ways = Ways(pass_time=pass_time, pause=lifetime * PART, lifetime=lifetime * (1 - PART))
        judge(session, word, descriptor, False, expect, ways)


class Owner:
    """A disposable account whose password changes."""

    def __init__(self, session, desk):
        self._desk, self._now = desk, desk.create()
        self._by_service = session.auth.password_change is not None

    def account(self, session):
        """A session of it, with the password that it has now."""
        return session.as_account(self._now)

    def change_password(self, session, tokens):
        """By the service's own operation where there is one, else at the desk."""
        if not self._by_service:
            self._now = self._desk.set_password(self._now)
            return True
        new = self._desk.with_new_password(self._now)
        changed = session.change_password(tokens, new.password)
        if changed.accepted:
            self._now = new
        return changed.accepted


def promised(session, requirement):
    """The promise that a requirement is about, where it was given."""
    if requirement.id.startswith("accounts."):
        change = session.auth.password_change
        if change is None or not change.revokes:
            not_applicable("auth.password_change.revokes = true does not promise that tokens end with the password")
        return Word.PASSWORD
    if requirement.value is not True:
        not_assessed("the clause does not enable it, and nothing is known of what it forbids instead")
    word = Word.ROTATION if requirement.id.endswith("rotation") else Word.BLACKLIST
    if word is Word.BLACKLIST and session.auth.logout is None:
        not_assessed("the descriptor names no [auth.logout] operation")
    return word


def judge(session, word, descriptor, allow_writes, expect, ways=None):
    """Search, and tell what was found."""
    requests = REQUESTS if allow_writes else ORDINARY
    requests = PACED if session.auth.logins_per_minute else requests
    many = descriptor.accounts.many_sessions
    found = search(session, word, many_sessions=many, requests=requests, seed=seed_of_run(), ways=ways)
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
    """A good refresh token is accepted and a garbage one is not; gives the seconds for which one lives."""
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    session.control_refresh(tokens)
    reply = session.refresh(tokens.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token {reply.described}")
    claims = claims_of(tokens.refresh)
    return claims.expires - claims.issued if claims and claims.expires and claims.issued else UNTOLD
