"""Accounts that are deactivated, deleted or given another password: what was handed out before opens nothing more.

Everything happens to a disposable account. Controls: its token was accepted just before, a garbage one is refused, and
another account goes on undisturbed.
"""

import time

from stackproof import View, is_refusal, not_applicable, not_assessed, parts_of, verifies

TRIES = 4  # on new connections: what one worker process remembers is not what another does
SETTLES_WITHIN = 2.0  # seconds for caches; a longer life after the end is a finding
VIEWS = [View.HTTP, View.ACCOUNTS, View.DISPOSABLE]


def _opened(session, desk):
    """(account, its session, its tokens, tokens of another account), all seen to be accepted."""
    account = desk.create()
    own = session.as_account(account)
    tokens = own.login()
    own.control_protected(tokens)
    return account, own, tokens, session.login()


def _renewed(own, tokens):
    """The newest refresh token of the account, once the one before it was accepted."""
    own.needs_refresh_tokens()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {own.auth.login.refresh!r}")
    reply = own.refresh(tokens.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token {reply.described}, so no refusal means anything")
    own.control_refresh(tokens)
    return reply.tokens.refresh or tokens.refresh


def _other_goes_on(session, others, *, refresh=False):
    """The other account's token is still accepted, or nothing is concluded."""
    reply = session.refresh(others.refresh) if refresh and others.refresh else session.protected(others.access)
    if not reply.accepted:
        not_assessed(f"control failed: for another account {reply.described} too, so the refusal means nothing")


def _refused(expect, what, attempt):
    """Every try is refused, at the latest after `SETTLES_WITHIN`; the first accepted one after that is a violation."""
    began = time.monotonic()
    reply = attempt()
    while reply.accepted and time.monotonic() - began < SETTLES_WITHIN:
        time.sleep(0.4)
        reply = attempt()
    waited = time.monotonic() - began
    for number in range(TRIES):
        if reply.unclear:
            not_assessed(f"{what}: {reply.described}, which is no clear refusal")
        expect.holds(
            reply.refused, expected=f"{what} to be refused", seen=f"{what}: {reply.described} (after {waited:.1f} s)"
        )
        if number < TRIES - 1:
            reply = attempt()


@verifies(
    "accounts.deactivated-access-refused",
    needs=VIEWS,
    writes=True,
    remedy="look the account up when a token is checked (simplejwt: JWTAuthentication, USER_AUTHENTICATION_RULE)",
)
def access_token_of_a_deactivated_account_is_refused(session, desk, expect, requirement):
    """An access token is refused once its account was deactivated."""
    account, own, tokens, others = _opened(session, desk)
    desk.deactivate(account)
    _refused(
        expect,
        "the access token of a deactivated account",
        lambda: own.on_new_connections().protected(tokens.access),
    )
    _other_goes_on(session, others)


@verifies(
    "accounts.deactivated-refresh-refused",
    needs=VIEWS,
    writes=True,
    remedy="refuse to refresh for accounts that are not active (simplejwt 5.5 does; own views ask is_active)",
)
def refresh_token_of_a_deactivated_account_is_refused(session, desk, expect, requirement):
    """A refresh token is refused once its account was deactivated."""
    account, own, tokens, others = _opened(session, desk)
    newest = [_renewed(own, tokens)]
    desk.deactivate(account)
    _refused(expect, "the refresh token of a deactivated account", lambda: _use(own, newest))
    _other_goes_on(session, others, refresh=True)


def _use(own, newest):
    """Use the newest refresh token, and keep the one that came for it: a used one proves nothing."""
    reply = own.on_new_connections().refresh(newest[-1])
    if reply.accepted and reply.tokens.refresh:
        newest.append(reply.tokens.refresh)
    return reply


@verifies(
    "accounts.deactivated-login-refused",
    needs=VIEWS,
    writes=True,
    remedy="sign in with authenticate(), whose ModelBackend refuses accounts that are not active",
)
def login_of_a_deactivated_account_is_refused(session, desk, expect, requirement):
    """The right password signs in no more once the account was deactivated."""
    account, own, _, _ = _opened(session, desk)
    wrong = own.try_wrong_login()
    if own.access_in(wrong) or wrong.status in {408, 425, 429} or wrong.status >= 500:
        not_assessed(
            f"control failed: with a wrong password {wrong.describe()}, so it is not known how a refusal looks"
        )
    desk.deactivate(account)
    answer = own.try_login()
    accepted = bool(own.access_in(answer))
    clear = is_refusal(answer)
    if not accepted and not clear and answer.status != wrong.status:
        not_assessed(f"for a deactivated account {answer.describe()}, which is no clear refusal")
    expect.holds(
        not accepted,
        expected="the login of a deactivated account to be refused",
        seen=f"with the right password of a deactivated account {answer.describe()}"
        + (" and handed out a token" if accepted else ""),
    )
    session.login()  # another account still signs in, or nothing is concluded


@verifies(
    "accounts.deleted-access-refused",
    needs=VIEWS,
    writes=True,
    remedy="look the account up when a token is checked (simplejwt: JWTAuthentication and not the stateless one)",
)
def access_token_of_a_deleted_account_is_refused(session, desk, expect, requirement):
    """An access token is refused once its account was deleted."""
    account, own, tokens, others = _opened(session, desk)
    desk.delete(account)
    _refused(expect, "the access token of a deleted account", lambda: own.on_new_connections().protected(tokens.access))
    _other_goes_on(session, others)


DELETED_REMEDY = "catch that the account is gone and answer 401 (stock simplejwt answers 500: User.DoesNotExist)"


@verifies("accounts.deleted-refresh-refused", needs=VIEWS, writes=True, remedy=DELETED_REMEDY)
def refresh_token_of_a_deleted_account_is_refused(session, desk, expect, requirement):
    """A refresh token is refused once its account was deleted."""
    account, own, tokens, others = _opened(session, desk)
    newest = [_renewed(own, tokens)]
    desk.delete(account)
    _refused(expect, "the refresh token of a deleted account", lambda: _use(own, newest))
    _other_goes_on(session, others, refresh=True)


@verifies("accounts.deleted-refresh-handled", needs=VIEWS, writes=True, remedy=DELETED_REMEDY)
def refresh_token_of_a_deleted_account_breaks_nothing(session, desk, expect, requirement):
    """A refresh token of a deleted account is answered, and not with a server error."""
    account, own, tokens, others = _opened(session, desk)
    newest = _renewed(own, tokens)
    desk.delete(account)
    reply = own.refresh(newest)
    _other_goes_on(session, others, refresh=True)
    if 502 <= reply.answer.status <= 504 or reply.answer.status in {408, 425, 429}:
        not_assessed(f"for a deleted account {reply.described}, which tells nothing of the service itself")
    expect.holds(
        reply.answer.status < 500,
        expected="the refresh token of a deleted account to be answered without a server error",
        seen=f"for a deleted account {reply.described}, while another account's is exchanged",
    )


CHANGE_REMEDY = "end the account's sessions when its password changes (simplejwt: CHECK_REVOKE_TOKEN, and blacklist)"


@verifies("accounts.password-change-access", needs=VIEWS, writes=True, remedy=CHANGE_REMEDY)
def access_token_from_before_a_password_change_is_refused(session, desk, expect, requirement, descriptor, request):
    """Where the service promises it, an access token from before a change of the password is refused."""
    _promised(descriptor, request)
    account, own, tokens, others = _opened(session, desk)
    _note_digest(expect, tokens.access)
    _change_password(own, tokens, desk, account)
    _refused(
        expect,
        "the access token from before a password change",
        lambda: own.on_new_connections().protected(tokens.access),
    )
    _other_goes_on(session, others)


@verifies("accounts.password-change-refresh", needs=VIEWS, writes=True, remedy=CHANGE_REMEDY)
def refresh_token_from_before_a_password_change_opens_nothing(session, desk, expect, requirement, descriptor, request):
    """Where the service promises it, a refresh token from before a change of the password leads to nothing."""
    _promised(descriptor, request)
    account, own, tokens, others = _opened(session, desk)
    newest = _renewed(own, tokens)
    _change_password(own, tokens, desk, account)
    reply = own.refresh(newest)
    if reply.unclear:
        not_assessed(f"after a password change {reply.described}, which is no clear refusal")
    opened = own.protected(reply.tokens.access) if reply.accepted else None
    if opened is not None and opened.unclear:
        not_assessed(f"with the access token from it {opened.described}, which is no clear refusal")
    if opened is not None and opened.refused:
        expect.note("the refresh token is still exchanged, for access tokens that open nothing")
    expect.holds(
        opened is None or opened.refused,
        expected="a refresh token from before a password change to give no access token that opens anything",
        seen=f"after a password change {reply.described}"
        + (f", and with the access token from it {opened.described}" if opened else ""),
    )
    _other_goes_on(session, others, refresh=True)


def _promised(descriptor, request):
    """End the check where nobody promised anything; the project is asked only where the descriptor names one."""
    change = descriptor.auth.password_change
    if change is not None and change.revokes:
        return
    project = descriptor.project
    if project is not None and project.python is not None and "version.django" not in project.unused:
        settings = request.getfixturevalue("project").settings()
        if (settings.get("SIMPLE_JWT") or {}).get("CHECK_REVOKE_TOKEN") is True:
            return
    not_applicable(
        "neither auth.password_change.revokes = true nor simplejwt's CHECK_REVOKE_TOKEN promises that tokens end with "
        "a change of the password"
    )


def _change_password(own, tokens, desk, account):
    """By the service's own operation where there is one, else at the desk; the new password signs in."""
    if own.auth.password_change is not None:
        new = desk.with_new_password(account)
        changed = own.change_password(tokens, new.password)
        if not changed.accepted:
            not_assessed(f"{changed.described}: the password could not be changed")
    else:
        new = desk.set_password(account)
    own.as_account(new).login()
    if own.access_in(own.try_login()):
        not_assessed("control failed: the old password still signs in, so it was not changed")


def _note_digest(expect, access):
    """simplejwt's claim is the MD5 of the stored hash, for whoever reads the token."""
    parts = parts_of(access)
    named = [name for name in (parts.claims if parts else {}) if "password" in name.lower() or "hash" in name.lower()]
    if named:
        expect.note(
            f"the access token carries {', '.join(named)}: with simplejwt's CHECK_REVOKE_TOKEN that is the MD5 of the "
            "stored hash, which everybody who sees the token can read"
        )
