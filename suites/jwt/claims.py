"""JWT configuration: a good signature is not enough, the claims of a token have to allow what it is used for."""

from stackproof import AccessGate, Forgery, Outcome, RefreshGate, View, claims, expect_refused, verifies

REMEDY = (
    "require and check the claims when decoding: jwt.decode(…, options={'require': ['exp', 'jti', …]}, issuer=…,\n"
    "audience=…, leeway=0), and compare the type; verify_exp and verify_nbf stay on\n"
    "(jsonwebtoken and fast-jwt look at exp where it is there alone: refuse claims without exp or jti yourself)"
)
AHEAD = 86_400  # seconds; far beyond any clock's error


def leeway_of(requirement):
    """Seconds that are allowed past an end; only the requirement on expiry has them."""
    return getattr(requirement.value, "number", 0.0)


@verifies(*claims.CHANGES, needs=[View.HTTP, View.ACCOUNTS, View.KEY], remedy=REMEDY)
def access_token_with_wrong_claims_is_refused(session, forger, expect, requirement):
    """A well-signed access token whose claims do not allow its use is refused."""
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    leeway = leeway_of(requirement)

    def make(tokens):
        return [claims.forge(gate, forger, requirement.id, leeway, tokens)]

    make(gate.tokens)
    claims.control_forged(gate, forger)
    judge(gate, forger, expect, requirement, make)
    if requirement.id == "jwt.not-before-checked":
        report_issued_ahead(gate, forger, expect)


@verifies(*claims.CHANGES, needs=[View.HTTP, View.ACCOUNTS, View.KEY], supplementary=True, remedy=REMEDY)
def refresh_token_with_wrong_claims_is_refused(session, forger, expect, requirement):
    """A well-signed refresh token whose claims do not allow its use is refused."""
    gate = RefreshGate(session)
    leeway = leeway_of(requirement)

    def make(tokens):
        return [claims.forge(gate, forger, requirement.id, leeway, tokens)]

    judge(gate, forger, expect, requirement, make)


def judge(gate, forger, expect, requirement, make):
    """What the requirement wants refused is refused."""
    excuse = claims.excuse(requirement.id, forger.control(gate.good(gate.tokens)))
    if excuse and isinstance(gate, AccessGate) and ends_with_its_session(gate, expect, make):
        return
    expect_refused(gate, expect, make, what="well-signed tokens with wrong claims", excuse=excuse)


def ends_with_its_session(gate, expect, make):
    """Whether a token without id was seen to be accepted, and to end or not to end with its session as others do."""
    session = gate.session
    if session.auth.logout is None:
        return False
    tokens = session.login()
    (forged,) = make(tokens)
    before = gate.show(forged)
    if before.outcome is not Outcome.ACCEPTED:
        return False
    session.logout(tokens)
    own, after = gate.show(Forgery("the service's own token", tokens.access)), gate.show(forged)
    if own.outcome is not Outcome.REFUSED or after.outcome not in {Outcome.REFUSED, Outcome.ACCEPTED}:
        return False
    expect.holds(
        after.outcome is Outcome.REFUSED,
        expected="a token without jti to be refused, or to end with its session",
        seen=f"{forged.name}: {before.described}; after the logout of its session {after.described}, and with the "
        f"service's own token {own.described}",
    )
    return True


def report_issued_ahead(gate, forger, expect):
    """RFC 7519 gives iat no meaning for acceptance: what the service does with a later one is reported alone."""
    parts = forger.control(gate.tokens.access)
    now = int(claims.server_now(gate.tokens))
    look = gate.show(Forgery("iat ahead", forger.like(parts, claims={"iat": now + AHEAD, "exp": now + 2 * AHEAD})))
    verb = "accepted" if look.outcome is Outcome.ACCEPTED else "not accepted"
    expect.note(f"a well-signed token that says it is issued a day from now is {verb}: {look.described}")
