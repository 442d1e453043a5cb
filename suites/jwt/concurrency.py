"""JWT configuration: one refresh token used many times at once gives one new pair."""

from stackproof import View, burst, not_assessed, requests_overlap, verifies, warm

SIZE = 16  # simultaneous uses
BURSTS = 8  # a single burst of 16 misses the race about once in ten
WITHOUT_WINNER = 2  # bursts: one may be a lock that timed out

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
    repeated = barren = 0
    for number in range(1, BURSTS + 1):
        tokens, result = one_burst(session, sessions, number)
        pairs = pairs_of(result, tokens.refresh)
        repeated += len(result.winners) - pairs
        if not pairs:
            control_single_use(session)
            barren += 1
        expect.holds(
            pairs <= 1 and barren < WITHOUT_WINNER,
            expected=f"{SIZE} simultaneous uses of one refresh token to give exactly one new pair",
            seen=f"burst {number} of {BURSTS}: {len(result.winners)} uses of {SIZE} got tokens, {pairs} pairs in all"
            + (f"; {barren} bursts gave none" if barren else ""),
            statuses=list(result.statuses),
        )
    if barren:
        not_assessed(f"{barren} of {BURSTS} bursts gave no pair at all, and the others one each: no clear picture")
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
    same = f"; {repeated} uses were answered with that same pair" if repeated else ""
    expect.conclude(f"{BURSTS} bursts of {SIZE} simultaneous uses gave exactly one new pair each{same}")


def one_burst(session, sessions, number):
    """A login, and its refresh token used on every session at once; a burst that was held up tells nothing."""
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    warm(sessions, tokens)
    result = burst(sessions, tokens.refresh)
    if len(result.winners) <= 1 and (result.throttled or result.unanswered):
        not_assessed(
            f"burst {number}: {result.throttled} of {SIZE} uses were throttled and {result.unanswered} unanswered"
        )
    return tokens, result


def pairs_of(result, used):
    """How many pairs were handed out; a service may answer a repetition with the very pair of the first use."""
    handed_out = [winner.tokens.refresh for winner in result.winners]
    if any(one in {"", used} for one in handed_out):
        return len(handed_out)
    return len(set(handed_out))


def control_single_use(session):
    """A fresh refresh token that is used once is accepted; otherwise no count of winners means anything."""
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    reply = session.refresh(tokens.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token, used once, {reply.described}")
