"""JWT configuration: tokens whose signature proves nothing are refused."""

from stackproof import (
    AccessGate,
    Forgery,
    RefreshGate,
    View,
    expect_refused,
    forgeries,
    verifies,
)

VERIFY = (
    "verify the signature of every token before anything in it is believed: jwt.decode(token, key, algorithms=[…]),\n"
    "never with verify_signature off, and refuse whatever raises"
)
ALLOW = "name the one algorithm of your tokens when decoding (algorithms=['HS256']); never take it from the token"
KINDS = {
    "jwt.signature-verified": (forgeries.with_foreign_signatures, "tokens with a signature that is not theirs"),
    "jwt.alg-none-refused": (forgeries.unsecured, "tokens that say they are not signed"),
}
GARBAGE = "stackproof.garbage.token"


@verifies("jwt.signature-verified", needs=[View.HTTP, View.ACCOUNTS], remedy=VERIFY)
def token_with_a_foreign_signature_is_refused(session, expect, requirement):
    """A token whose signature does not belong to its content is refused."""
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    make, what = KINDS[requirement.id]
    expect_refused(gate, expect, lambda tokens: make(tokens.access), what=what)


@verifies("jwt.alg-none-refused", needs=[View.HTTP, View.ACCOUNTS], remedy=ALLOW)
def token_that_says_it_is_unsigned_is_refused(session, expect, requirement):
    """A token that says it is not signed is refused, in every spelling of none."""
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    make, what = KINDS[requirement.id]
    expect_refused(gate, expect, lambda tokens: make(tokens.access), what=what)


@verifies(*KINDS, needs=[View.HTTP, View.ACCOUNTS], supplementary=True, remedy=VERIFY)
def refresh_token_with_a_foreign_signature_is_refused(session, expect, requirement):
    """A refresh token that is not signed, or not with the service's key, is refused."""
    make, what = KINDS[requirement.id]
    expect_refused(RefreshGate(session), expect, lambda tokens: make(tokens.refresh), what=what)


@verifies("jwt.changed-token-refused", needs=[View.HTTP, View.ACCOUNTS], remedy=VERIFY)
def changed_access_token_is_refused(session, expect, requirement):
    """An access token in which a character was changed, or which was cut, is refused; opaque ones too."""

    def make(tokens):
        return [*forgeries.changed(tokens.access), Forgery("a token that nobody issued", GARBAGE)]

    expect_refused(AccessGate(session), expect, make, what="changed tokens")


@verifies("jwt.changed-token-refused", needs=[View.HTTP, View.ACCOUNTS], supplementary=True, remedy=VERIFY)
def changed_refresh_token_is_refused(session, expect, requirement):
    """A refresh token in which a character was changed, or which was cut, is refused; opaque ones too."""
    make = forgeries.changed
    expect_refused(RefreshGate(session), expect, lambda tokens: make(tokens.refresh), what="changed tokens")
