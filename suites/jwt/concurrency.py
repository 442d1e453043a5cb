"""JWT configuration: one refresh token used many times at once gives one new pair."""

from stackproof import View, burst, not_assessed, requests_overlap, verifies, warm

SIZE = 16  # simultaneous uses
BURSTS = 8  # a single burst of 16 misses the race about once in ten

REMEDY = (
    "claim the token in one atomic step before new ones are made: insert its blacklist row and stop where it was\n"
    "there already (get_or_create's `created`), or SELECT FOR UPDATE the outstanding token;\n"
    "transaction.atomic alone is no cure"
)


@verifies(
    "jwt.rotation",
    needs=[View.HTTP, View.ACCOUNTS],
    writes=True,
    supplementary=True,
    serial="load",
    remedy=REMEDY,
)
def simultaneous_uses_give_exactly_one_pair(session, expect, requirement):
    """Simultaneous uses of one refresh token give exactly one new pair."""
    if requirement.value is not True:
        not_assessed("the clause does not enable rotation")
    session.needs_refresh_tokens()
    control_single_use(session)
    sessions = [session.on_new_connections() for _ in range(SIZE)]
    for number in range(1, BURSTS + 1):
        tokens = session.login()
        if not tokens.refresh:
            not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
        warm(sessions, tokens)
        result = burst(sessions, tokens.refresh)
        if result.throttled or result.unanswered:
            not_assessed(
                f"burst {number}: {result.throttled} of {SIZE} uses were throttled and {result.unanswered} unanswered"
            )
        if not result.winners:
            control_single_use(session)
        expect.holds(
            len(result.winners) == 1,
            expected=f"{SIZE} simultaneous uses of one refresh token to give exactly one new pair",
            seen=f"burst {number} of {BURSTS}: {len(result.winners)} uses of {SIZE} got tokens",
            statuses=list(result.statuses),
        )
    shown, overtakes, tries = requests_overlap(
        lambda on_sent: session.on_new_connections().wait_a_while(tokens.access, on_sent),
        lambda: session.on_new_connections().protected(tokens.access),
    )
    expect.measured(f"a quick request overtook a slow one {overtakes} times in {tries} tries")
    if not shown:
        not_assessed(
            f"every burst gave exactly one pair, but the service was not seen to work on two requests at once "
            f"({overtakes} overtakes in {tries} tries), which hides a race; [auth.wait] may name a slower operation"
        )
    expect.conclude(f"{BURSTS} bursts of {SIZE} simultaneous uses gave exactly one new pair each")


def control_single_use(session):
    """A fresh refresh token that is used once is accepted; otherwise no count of winners means anything."""
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    reply = session.refresh(tokens.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token, used once, {reply.described}")
