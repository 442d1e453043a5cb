"""JWT configuration: what the tokens themselves claim about their lifetimes."""

import time

from stackproof import View, claims_of, not_assessed, other_token_places, verifies

# Two clocks in one token (issuer's and framework's) differ by seconds: 895 to 901 s were seen for a promise of 900 s.
TOLERANCE = 10.0  # seconds
CLOCKS = 300.0  # seconds that the clocks of two machines of one service may differ without anybody's minding
MILLISECONDS = 1e11  # as seconds the year 5138: an exp beyond it counts milliseconds
# Seconds between a login and its rotation. An exp that is the same every time is frozen; one that is counted in whole
# seconds differs after the first, and clocks that jitter or are rounded do not repeat themselves.
PAUSES = (1.2, 3.0, 4.0)
CLAIM_REMEDY = "simplejwt: set SIMPLE_JWT['{}'] to the specification's duration; other libraries have a like setting"


def judge_claims(expect, requirement, what, token, answer):
    """The token lives as long as promised: by `exp - iat`, and by `exp` against the clocks at hand."""
    promised = requirement.value.total_seconds()
    claims = claims_of(token)
    if claims is None:
        not_assessed(
            f"the {what} is opaque (no JWT), so it claims no lifetime; how long it is accepted would be seen by a "
            "[clock] that can be moved, or with --patience"
        )
    if claims.expires is None and "exp" in claims.names:
        not_assessed(f"the exp of the {what} is no number (RFC 7519, section 2: NumericDate), so it tells no lifetime")
    if claims.expires is None:
        expect.holds(
            False,
            expected=f"the {what} to expire after {promised:.0f} s",
            seen=f"its claims ({', '.join(claims.names)}) have no exp: it never expires",
        )
    if claims.expires >= MILLISECONDS:
        not_assessed(
            f"the exp of the {what} has {len(str(int(claims.expires)))} digits: milliseconds, it seems. RFC 7519, "
            "section 2, counts seconds: read so, the token lives for millennia. It does not tell what is enforced"
        )
    if claims.issued is not None:
        expect.that(f"exp - iat of the {what}, in seconds", round(claims.expires - claims.issued, 1)).between(
            promised - TOLERANCE, promised + TOLERANCE, unit=" s"
        )
    elif answer.date is None:
        not_assessed(f"the {what} has no iat, and the server sends no Date to hold its exp against")
    judge_end(expect, what, promised, claims, answer)
    expect.conclude(f"the {what} claims {claims.expires - (claims.issued or answer.date):.0f} s of {promised:.0f} s")


def judge_end(expect, what, promised, claims, answer):
    """The end lies as far ahead as promised, by the server's Date; which clock is wrong is told before who is."""
    if answer.date is None:
        return
    slack = TOLERANCE + answer.seconds + 1
    by_date, by_ours = claims.expires - answer.date, claims.expires - answer.received
    gap = answer.date - answer.received
    if abs(by_date - promised) > slack:
        if claims.issued is not None and abs(by_date - promised) <= CLOCKS:
            expect.note(f"the clock that signs the {what} and the server's Date differ by {by_date - promised:+.0f} s")
            return
        if abs(gap) > slack and abs(by_ours - promised) <= slack:
            expect.note(
                f"the server's Date is {gap:+.0f} s from the clock of this machine, which agrees with the token"
            )
            return
        if abs(gap) > CLOCKS or (claims.issued is None and abs(gap) > slack):
            not_assessed(
                f"the {what} ends {by_date:.0f} s from the server's Date and {by_ours:.0f} s from now by the clock of "
                f"this machine: these clocks differ by {abs(gap):.0f} s, so it tells no lifetime"
            )
    expect.that(f"exp of the {what} minus the server's Date, in seconds", round(by_date, 1)).between(
        promised - slack, promised + slack, unit=" s"
    )


def refuse_sliding(tokens):
    """One token for both purposes has no lifetime of a refresh token in its exp."""
    if tokens.refresh == tokens.access:
        not_assessed(
            "one token serves as access and as refresh token (a sliding token); its exp is the access token's, "
            "and how long it can be refreshed stands elsewhere"
        )


@verifies(
    "jwt.access-token-lifetime",
    needs=[View.HTTP, View.ACCOUNTS],
    remedy=CLAIM_REMEDY.format("ACCESS_TOKEN_LIFETIME"),
)
def access_token_of_a_login_claims_the_lifetime(session, expect, requirement):
    """The access token of a login claims the specified lifetime."""
    tokens = session.login()
    session.control_protected(tokens)
    judge_claims(expect, requirement, "access token", tokens.access, tokens.answer)


@verifies(
    "jwt.access-token-lifetime",
    needs=[View.HTTP, View.ACCOUNTS],
    supplementary=True,
    remedy=CLAIM_REMEDY.format("ACCESS_TOKEN_LIFETIME"),
)
def access_token_of_a_refresh_claims_the_lifetime(session, expect, requirement):
    """The access token that a refresh hands out claims the same lifetime as that of a login."""
    session.needs_refresh_tokens()
    tokens = session.login()
    reply = session.refresh(tokens.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token {reply.described}")
    judge_claims(expect, requirement, "refreshed access token", reply.tokens.access, reply.answer)


@verifies(
    "jwt.refresh-token-lifetime",
    needs=[View.HTTP, View.ACCOUNTS],
    remedy=CLAIM_REMEDY.format("REFRESH_TOKEN_LIFETIME"),
)
def refresh_token_of_a_login_claims_the_lifetime(session, expect, requirement):
    """The refresh token of a login claims the specified lifetime."""
    session.needs_refresh_tokens()
    tokens = session.login()
    if not tokens.refresh:
        hint = ", ".join(other_token_places(tokens)[:3])
        where = session.auth.login.refresh
        not_assessed(
            f"the login carries no refresh token at {where!r}" + (f"; a token stands at {hint}" if hint else "")
        )
    refuse_sliding(tokens)
    session.control_refresh(tokens)
    used = session.refresh(tokens.refresh)
    if not used.accepted:
        not_assessed(f"control failed: with a fresh refresh token {used.described}")
    judge_claims(expect, requirement, "refresh token", tokens.refresh, tokens.answer)


@verifies(
    "jwt.refresh-token-lifetime",
    needs=[View.HTTP, View.ACCOUNTS],
    supplementary=True,
    remedy="give the new refresh token an exp of its own (simplejwt: call set_exp() on it after rotation)",
)
def rotated_refresh_token_claims_a_lifetime_of_its_own(session, expect, requirement):
    """The refresh token that a rotation hands out claims the whole lifetime anew."""
    session.needs_refresh_tokens()
    for attempt, pause in enumerate(PAUSES, 1):
        first, reply = rotated_after(session, pause)
        judge_claims(expect, requirement, "rotated refresh token", reply.tokens.refresh, reply.answer)
        old, new = claims_of(first.refresh), claims_of(reply.tokens.refresh)
        if old is None or old.expires is None:
            not_assessed("the refresh token of the login has no exp to compare with")
        gained = new.expires - old.expires
        expect.measured(f"rotation {attempt}: {pause:g} s later its exp is {gained:.0f} s further")
        if abs(gained) >= 1:
            return
    expect.holds(
        False,
        expected="the rotated refresh token to expire later than the one that it replaces",
        seen=f"its exp is the same after {len(PAUSES)} rotations, {PAUSES[0]:g} to {PAUSES[-1]:g} s after the login",
    )


def rotated_after(session, pause):
    """A login and, a few seconds later, the rotation of its refresh token."""
    first = session.login()
    time.sleep(pause)
    reply = session.refresh(first.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token {reply.described}")
    if not reply.tokens.refresh or reply.tokens.refresh == first.refresh:
        not_assessed("the refresh handed out no new refresh token; jwt.rotation judges that")
    return first, reply
