"""Password hashing: what becomes of old hashes, and which of them open an account at all; on a disposable account."""

import time

from stackproof import NotAssessed, View, not_assessed, verifies

OLD = ("PBKDF2 with 100000 iterations", "Argon2id with m=64,t=1,p=1")  # kinds of probes/accounts.py
UNSALTED = ("MD5 without salt", "MD5 with an empty salt", "SHA-1 without salt", "plain text")
WITHIN = 3.0  # seconds for a service that stores anew in the background


@verifies(
    "password.old-hash-upgraded",
    needs=[View.HTTP, View.ACCOUNTS, View.DISPOSABLE],
    writes=True,
    remedy="keep must_update() of Django's hashers, and check passwords with authenticate() or user.check_password()",
)
def old_hash_is_stored_anew_at_login(session, desk, expect, requirement):
    """A password stored as PBKDF2, or as Argon2id with hardly any cost, is stored as the first hasher does at login."""
    account = desk.create()
    own = session.as_account(account)
    own.login()
    new = desk.stored(account).parts
    desk.store(account, "the first hasher's")
    own.login()
    wanted = desk.stored(account).parts
    if new != wanted:
        not_assessed("a new password is stored otherwise than by the first hasher, which another check looks at")
    tried = 0
    for kind in OLD:
        desk.store(account, kind)
        before = desk.stored(account)
        answer = own.try_login()
        if not own.access_in(answer):
            expect.note(f"{kind}: {answer.describe()}: the service does not admit it")
            continue
        tried += 1
        after = _settled(desk, account, wanted)
        expect.holds(
            after.parts == wanted,
            expected=f"a password stored as {kind} to be stored as {'$'.join(wanted)} after a login",
            seen=f"after a login it is stored as {'$'.join(after.parts)}"
            + (", as it was" if after.mark == before.mark else ""),
        )
    if not tried:
        not_assessed("no older kind of hash is admitted at login, so that nothing could be stored anew")


def _settled(desk, account, wanted):
    """What is stored once it is the wanted kind, or after `WITHIN`."""
    deadline = time.monotonic() + WITHIN
    while True:
        stored = desk.stored(account)
        if stored.parts == wanted or time.monotonic() > deadline:
            return stored
        time.sleep(0.5)


@verifies(
    "password.unsalted-refused",
    needs=[View.HTTP, View.ACCOUNTS, View.DISPOSABLE],
    writes=True,
    serial="stored-passwords",  # what it stores must not be counted as the service's own
    remedy="take hashers without salt out of PASSWORD_HASHERS, and authentication backends that compare plain text",
)
def password_without_salt_opens_no_account(session, desk, expect, requirement):
    """A login is refused where the password is stored in plain text, or as MD5 or SHA-1 without salt."""
    account = desk.create()
    own = session.as_account(account)
    own.login()
    wrong = own.try_wrong_login()
    if own.access_in(wrong) or wrong.status >= 500 or wrong.status == 429:
        not_assessed(f"control failed: with a wrong password {wrong.describe()}")
    for kind in UNSALTED:
        try:
            desk.store(account, kind)
        except NotAssessed as error:  # a column that is too narrow, a constraint of the table
            expect.note(f"{kind}: {error}")
            continue
        answer = own.try_login()
        accepted = bool(own.access_in(answer))
        if not accepted and answer.status != wrong.status:
            not_assessed(f"with the password stored as {kind} {answer.describe()}, a wrong password {wrong.status}")
        expect.holds(
            not accepted,
            expected=f"a login to be refused where the password is stored as {kind}",
            seen=f"with the password stored as {kind} {answer.describe()}",
        )
    desk.store(account, "the first hasher's")
    own.login()
    expect.conclude(f"refused: {', '.join(UNSALTED)}; with the password stored well the same account signs in")
