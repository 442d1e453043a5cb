"""JWT configuration: lifetimes as the service enforces them, its clock moved."""

from stackproof import View, not_assessed, verifies

MARGIN = 10.0  # seconds before and after the end of a lifetime
LEEWAY = 60.0  # seconds past the end that are reported and no violation

REMEDY = (
    "do not widen the acceptance of expired tokens: LEEWAY small or 0, verify_exp never off (RFC 7519, section 4.1.4)"
)


@verifies(
    "jwt.access-token-lifetime",
    needs=[View.HTTP, View.ACCOUNTS, View.CLOCK],
    supplementary=True,
    serial="clock",
    remedy=REMEDY,
)
def access_token_is_refused_after_its_lifetime(clock, expect, requirement):
    """An access token is accepted until shortly before the end of its lifetime and refused after it."""
    lifetime = requirement.value.total_seconds()
    session = clock.session
    with clock.restored():
        clock.move(0)
        tokens = session.login()
        session.control_protected(tokens)
        clock.move(lifetime - MARGIN)
        judge_before(expect, "access", lifetime, session.protected(tokens.access))
        clock.move(lifetime + MARGIN)
        late = session.protected(tokens.access)
        if late.accepted:
            clock.move(lifetime + LEEWAY + MARGIN)
            late = session.protected(tokens.access)
            expect.note(f"accepted {MARGIN:.0f} s past its lifetime: the service allows a leeway")
        judge_after(expect, "access", lifetime, late)
        session.control_protected(session.login())
    expect.conclude(f"accepted at {lifetime - MARGIN:.0f} s and refused after {lifetime:.0f} s, the clock moved")


@verifies(
    "jwt.refresh-token-lifetime",
    needs=[View.HTTP, View.ACCOUNTS, View.CLOCK],
    supplementary=True,
    serial="clock",
    remedy=REMEDY,
)
def refresh_token_is_refused_after_its_lifetime(clock, expect, requirement):
    """A refresh token is accepted until shortly before the end of its lifetime and refused after it."""
    lifetime = requirement.value.total_seconds()
    session = clock.session
    session.needs_refresh_tokens()
    with clock.restored():
        clock.move(0)
        early, late, latest = session.login(), session.login(), session.login()
        if not early.refresh:
            not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
        clock.move(lifetime - MARGIN)
        judge_before(expect, "refresh", lifetime, session.refresh(early.refresh))
        clock.move(lifetime + MARGIN)
        reply = session.refresh(late.refresh)
        if reply.accepted:
            clock.move(lifetime + LEEWAY + MARGIN)
            reply = session.refresh(latest.refresh)
            expect.note(f"accepted {MARGIN:.0f} s past its lifetime: the service allows a leeway")
        judge_after(expect, "refresh", lifetime, reply)
        fresh = session.login()
        session.control_refresh(fresh)
        if not session.refresh(fresh.refresh).accepted:
            not_assessed("control failed: a fresh refresh token is refused too while the clock is moved")
    expect.conclude(f"accepted at {lifetime - MARGIN:.0f} s and refused after {lifetime:.0f} s, the clock moved")


@verifies(
    "jwt.refresh-token-lifetime",
    needs=[View.HTTP, View.ACCOUNTS, View.CLOCK],
    supplementary=True,
    serial="clock",
    remedy="give the new refresh token an exp of its own (simplejwt: call set_exp() on it after rotation)",
)
def rotated_refresh_token_outlives_the_first(clock, expect, requirement):
    """A refresh token from a rotation lives a whole lifetime from then on, not from the login."""
    lifetime = requirement.value.total_seconds()
    session = clock.session
    session.needs_refresh_tokens()
    with clock.restored():
        clock.move(0)
        first = session.login()
        clock.move(lifetime / 2)
        reply = session.refresh(first.refresh)
        if not reply.accepted or not reply.tokens.refresh or reply.tokens.refresh == first.refresh:
            not_assessed(f"half-way through its lifetime {reply.described} and gave no new refresh token")
        clock.move(lifetime * 1.25)
        later = session.refresh(reply.tokens.refresh)
        if not later.accepted and not later.refused:
            not_assessed(f"with the rotated token {later.described}, which is neither accepted nor refused")
        expect.holds(
            later.accepted,
            expected="a refresh token handed out half-way to be accepted after the first one's end",
            seen=f"{lifetime * 0.75:.0f} s after it was handed out: {later.described}",
        )


def judge_before(expect, what, lifetime, reply):
    """Accepted shortly before the end; anything but acceptance or a clear refusal is no verdict."""
    if not reply.accepted and not reply.refused:
        not_assessed(f"before the end of its lifetime {reply.described}, which is neither accepted nor refused")
    expect.holds(
        reply.accepted,
        expected=f"the {what} token to be accepted {MARGIN:.0f} s before its {lifetime:.0f} s are over",
        seen=f"{MARGIN:.0f} s before the end: {reply.described}",
    )


def judge_after(expect, what, lifetime, reply):
    """Refused after the end; a break-down is no refusal."""
    if not reply.accepted and not reply.refused:
        not_assessed(f"after the end of its lifetime {reply.described}, which is no clear refusal")
    expect.holds(
        reply.refused,
        expected=f"the {what} token to be refused after its {lifetime:.0f} s",
        seen=f"past the end and {LEEWAY:.0f} s of leeway: {reply.described}",
    )
