"""JWT configuration: lifetimes as the service enforces them: by tokens of its own key, by its clock, by waiting."""

import time

from stackproof import View, claims_of, not_assessed, seconds_ahead, verifies

MARGIN = 10.0  # seconds before and after the end of a lifetime
LEEWAY = 60.0  # seconds past the end that are reported and no violation

REMEDY = (
    "do not widen the acceptance of expired tokens: LEEWAY small or 0, verify_exp never off (RFC 7519, section 4.1.4)"
)
IMPATIENT = "a token's end can be waited for with --patience (17m for a quarter of an hour and a leeway)"
ACCESS, REFRESH = "jwt.access-token-lifetime", "jwt.refresh-token-lifetime"
SIGNED_IN = [View.HTTP, View.ACCOUNTS]


# -- by tokens that the service's own key signed --------------------------------------------------------------------


@verifies(ACCESS, needs=[*SIGNED_IN, View.KEY], supplementary=True, remedy=REMEDY)
def forged_access_token_is_refused_after_its_lifetime(session, forger, expect, requirement):
    """An access token forged with the service's key is accepted before its end and refused after it."""
    lifetime = requirement.value.total_seconds()
    tokens = session.login()
    session.control_protected(tokens)
    parts = forger.control(tokens.access)
    if "exp" not in parts.claims:
        not_assessed("the access token has no exp, so the service keeps its end elsewhere, where no forged one helps")

    def used(age):
        return session.protected(forger.issued(parts, seconds_ago=age - seconds_ahead(tokens), lifetime=lifetime))

    judge_forged(expect, "access", lifetime, used)


@verifies(REFRESH, needs=[*SIGNED_IN, View.KEY], supplementary=True, remedy=REMEDY)
def forged_refresh_token_is_refused_after_its_lifetime(session, forger, expect, requirement):
    """A refresh token forged with the service's key is accepted before its end and refused after it."""
    lifetime = requirement.value.total_seconds()
    session.needs_refresh_tokens()
    session.control_refresh(signed_in(session))

    def used(age):
        tokens = signed_in(session)  # its id is known to a service that keeps a list, and was not used yet
        parts = forger.control(tokens.refresh)
        if "exp" not in parts.claims:
            not_assessed("the refresh token has no exp, so the service keeps its end elsewhere")
        return session.refresh(forger.issued(parts, seconds_ago=age - seconds_ahead(tokens), lifetime=lifetime))

    judge_forged(expect, "refresh", lifetime, used)


def judge_forged(expect, what, lifetime, used):
    """`used(age)` is what the service makes of a token of that age in seconds."""
    fresh = used(0)
    if not fresh.accepted:
        not_assessed(
            f"control failed: with a freshly forged {what} token {fresh.described}: the service takes none that it "
            "did not issue itself"
        )
    early = used(lifetime - MARGIN)
    late = used(lifetime + MARGIN)
    if late.accepted:
        late = used(lifetime + LEEWAY + MARGIN)
        expect.note(f"accepted {MARGIN:.0f} s past its lifetime: the service allows a leeway")
    judge_after(expect, what, lifetime, late)
    if not early.accepted:
        # It may hold the token's age against something else: the account's last login, its own start.
        not_assessed(
            f"{MARGIN:.0f} s before the end {early.described}, so the refusal after it need not be for its age"
        )
    expect.conclude(f"forged: accepted {MARGIN:.0f} s before its {lifetime:.0f} s were over and refused after them")


# -- by the clock ---------------------------------------------------------------------------------------------------


@verifies(ACCESS, needs=[*SIGNED_IN, View.CLOCK], supplementary=True, serial="clock", remedy=REMEDY)
def access_token_is_refused_after_its_lifetime(clock, expect, requirement):
    """An access token is accepted before its end and refused after it, the service's clock moved."""
    lifetime = requirement.value.total_seconds()
    session = clock.session
    with clock.restored():
        clock.move(0)
        tokens = session.login()
        outlives_a_login(session, lambda: session.protected(tokens.access))
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


@verifies(REFRESH, needs=[*SIGNED_IN, View.CLOCK], supplementary=True, serial="clock", remedy=REMEDY)
def refresh_token_is_refused_after_its_lifetime(clock, expect, requirement):
    """A refresh token is accepted before its end and refused after it, the service's clock moved."""
    lifetime = requirement.value.total_seconds()
    session = clock.session
    session.needs_refresh_tokens()
    with clock.restored():
        clock.move(0)
        survivor = signed_in(session)
        outlives_a_login(session, lambda: session.refresh(survivor.refresh))
        early, late, latest = (signed_in(session) for _ in range(3))
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
    REFRESH,
    needs=[*SIGNED_IN, View.CLOCK],
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
        survivor, first = signed_in(session), signed_in(session)
        outlives_a_login(session, lambda: session.refresh(survivor.refresh))
        clock.move(lifetime / 2)
        reply = session.refresh(first.refresh)
        if not reply.accepted or not reply.tokens.refresh or reply.tokens.refresh == first.refresh:
            not_assessed(f"half-way through its lifetime {reply.described} and gave no new refresh token")
        clock.move(lifetime * 1.25)
        later = session.refresh(reply.tokens.refresh)
        if later.unclear:
            not_assessed(f"with the rotated token {later.described}, which is neither accepted nor refused")
        expect.holds(
            later.accepted,
            expected="a refresh token handed out half-way to be accepted after the first one's end",
            seen=f"{lifetime * 0.75:.0f} s after it was handed out: {later.described}",
        )


def outlives_a_login(session, use):
    """Each move of the clock is confirmed by a login; where that ends the account's other sessions, none is judged."""
    session.login()
    reply = use()
    if not reply.accepted:
        not_assessed(
            f"after another login of the account {reply.described}: a login ends its other sessions, and the clock's "
            "moves are confirmed by logins"
        )


# -- by waiting -----------------------------------------------------------------------------------------------------


@verifies(ACCESS, needs=SIGNED_IN, supplementary=True, serial="patience", remedy=REMEDY)
def kept_access_token_is_refused_after_its_lifetime(session, wait, expect, requirement):
    """An access token that is kept is accepted before its own end and refused after it, waited for."""
    if not wait.patience:
        not_assessed(IMPATIENT)
    tokens = session.login()
    session.control_protected(tokens)
    life = Life(tokens.access, tokens, requirement)

    def used():
        return session.protected(tokens.access)

    judge_waiting(expect, wait, "access", life, (used, used, used))
    session.control_protected(session.login())


@verifies(REFRESH, needs=SIGNED_IN, supplementary=True, serial="patience", remedy=REMEDY)
def kept_refresh_token_is_refused_after_its_lifetime(session, wait, expect, requirement):
    """A refresh token that is kept is accepted before its own end and refused after it, waited for."""
    if not wait.patience:
        not_assessed(IMPATIENT)
    session.needs_refresh_tokens()
    early, late, latest = (signed_in(session) for _ in range(3))  # each is used once
    life = Life(late.refresh, late, requirement)
    uses = [lambda one=one: session.refresh(one.refresh) for one in (early, late, latest)]
    judge_waiting(expect, wait, "refresh", life, uses)
    session.control_refresh(late)
    if not session.refresh(signed_in(session).refresh).accepted:
        not_assessed("control failed: a fresh refresh token is refused too, so the refusal need not be for its age")


class Life:
    """Seconds that a token lives by its own claims, else as promised, and when it began."""

    def __init__(self, token, tokens, requirement):
        claims, answer = claims_of(token), tokens.answer
        self.seconds = requirement.value.total_seconds()
        if claims and claims.expires and claims.issued:
            self.seconds = claims.expires - claims.issued
        elif claims and claims.expires and answer.date:
            self.seconds = claims.expires - answer.date
        self.began = time.monotonic() - max(0.0, time.time() - answer.received)


def judge_waiting(expect, wait, what, life, uses):
    """Use a token on both sides of its end; `uses` are for before, after, and after a leeway."""
    use_before, use_after, use_last = uses
    margin = min(MARGIN, life.seconds / 3)
    wait.must_reach(life.began + life.seconds + margin, f"the end of the {what} token")
    wait.until(life.began + life.seconds - margin)
    early = use_before()
    wait.until(life.began + life.seconds + margin)
    late = use_after()
    if late.accepted:
        expect.note(f"accepted {margin:.0f} s past its end: the service allows a leeway, or does not look")
        wait.must_reach(life.began + life.seconds + LEEWAY + margin, f"the end of a leeway of {LEEWAY:.0f} s")
        wait.until(life.began + life.seconds + LEEWAY + margin)
        late = use_last()
    judge_after(expect, what, life.seconds, late)
    if early.refused:
        not_assessed(f"{margin:.0f} s before its end {early.described}: something else than its age ended it")
    judge_before(expect, what, life.seconds, early, margin)
    expect.conclude(f"waited for: accepted {margin:.0f} s before its end at {life.seconds:.0f} s, and refused after it")


# -- what all have in common ----------------------------------------------------------------------------------------


def signed_in(session):
    """A login that carries a refresh token."""
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    return tokens


def judge_before(expect, what, lifetime, reply, margin=MARGIN):
    """Accepted shortly before the end; anything but acceptance or a clear refusal is no verdict."""
    if reply.unclear:
        not_assessed(f"before the end of its lifetime {reply.described}, which is neither accepted nor refused")
    expect.holds(
        reply.accepted,
        expected=f"the {what} token to be accepted {margin:.0f} s before its {lifetime:.0f} s are over",
        seen=f"{margin:.0f} s before the end: {reply.described}",
    )


def judge_after(expect, what, lifetime, reply):
    """Refused after the end; a break-down is no refusal."""
    if reply.unclear:
        not_assessed(f"after the end of its lifetime {reply.described}, which is no clear refusal")
    expect.holds(
        reply.refused,
        expected=f"the {what} token to be refused after its {lifetime:.0f} s",
        seen=f"past the end and {LEEWAY:.0f} s of leeway: {reply.described}",
    )
