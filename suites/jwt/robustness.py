"""JWT configuration: whatever is sent for a token, the service answers, and knows what it answers."""

import time

from stackproof import (
    AccessGate,
    Forgery,
    Outcome,
    RefreshGate,
    View,
    clear_or_not_assessed,
    malformed,
    not_assessed,
    record,
    verifies,
)

SIZES = (7, 16, 64)  # KiB; servers cap header fields at 8 to 64, and some answer nothing beyond
AT_LEAST = 2.0  # seconds that an answer to the larger ones is waited for
AS_LONG = 20.0  # times what the smallest took
HANDLE = (
    "catch whatever decoding and looking up a token can raise (ValueError, TypeError, OverflowError, RecursionError,\n"
    "DataError, not the library's own errors alone), check the types of claims first, and answer 401"
)
LIMIT = "cap header fields in the server and answer 431 or 400; refuse a long token before it is decoded"


def judge_handled(gate, expect, make, what, *, well_signed=False):
    """No try makes the service break down; whether it is refused is another requirement's question."""
    looks, broken = gate.break_downs(make)
    record(expect, looks)
    mute = [one for one in broken if one.outcome is Outcome.CLOSED]
    if mute and len(mute) == len(broken) and not well_signed:
        not_assessed(
            f"{mute[0].name}: the connection ends without an answer, twice, and a good token is answered in between "
            f"({mute[0].described}): so does a handler that breaks down, and a firewall; the service's log tells which"
        )
    if broken:
        names = "; ".join(one.name for one in broken)
        fail = "answer 5xx" if not mute else "end the connection without an answer" if mute == broken else "break down"
        expect.holds(
            False,
            expected=f"{what} to be answered with a refusal",
            seen=f"{len(broken)} of {len(looks)} made the service {fail}, twice each ({names}): {broken[0].described}",
        )
    unclear = [one for one in looks if one.outcome in {Outcome.BROKEN, Outcome.UNCLEAR}]
    if unclear:
        not_assessed(f"{unclear[0].name}: {unclear[0].described}, once or unclearly: nothing can be said of it")
    answered = [one for one in looks if one.outcome is not Outcome.CLOSED]
    if not answered:
        not_assessed("every try ended with a closed connection")
    closed = len(looks) - len(answered)
    note = f"; {closed} ended with a closed connection" if closed else ""
    expect.holds(
        True,
        expected=f"{what} to be answered with a refusal",
        seen=f"{len(answered)} {what} were answered without a 5xx as {gate.what}{note}",
    )


@verifies("jwt.unhandled-input", needs=[View.HTTP, View.ACCOUNTS], remedy=HANDLE)
def malformed_access_token_is_handled(session, expect, requirement):
    """No malformed access token makes the service answer 5xx."""
    gate = AccessGate(session, breaking=True)
    judge_handled(gate, expect, lambda tokens: malformed.malformed(tokens.access), "malformed tokens")


@verifies("jwt.unhandled-input", needs=[View.HTTP, View.ACCOUNTS], supplementary=True, remedy=HANDLE)
def malformed_refresh_token_is_handled(session, expect, requirement):
    """No malformed refresh token makes the service answer 5xx."""
    gate = RefreshGate(session, breaking=True)
    in_body = not session.auth.refresh.token.startswith(("cookie:", "header:"))
    make = malformed.malformed_in_a_body if in_body else malformed.malformed
    judge_handled(gate, expect, lambda tokens: make(tokens.refresh), "malformed tokens")


@verifies("jwt.unhandled-input", needs=[View.HTTP, View.ACCOUNTS, View.KEY], supplementary=True, remedy=HANDLE)
def malformed_claims_of_an_access_token_are_handled(session, forger, expect, requirement):
    """No wrong or missing claim of a well-signed access token makes the service answer 5xx."""
    gate = AccessGate(session, breaking=True)
    parts = forger.control(gate.tokens.access)
    wrong = malformed.malformed_claims(parts)
    made = [Forgery(name, forger.like(parts, **changes)) for name, changes in wrong]
    judge_handled(gate, expect, lambda _: made, "well-signed tokens with malformed claims", well_signed=True)


@verifies("jwt.unhandled-input", needs=[View.HTTP, View.ACCOUNTS, View.KEY], supplementary=True, remedy=HANDLE)
def malformed_claims_of_a_refresh_token_are_handled(session, forger, expect, requirement):
    """No wrong or missing claim of a well-signed refresh token makes the service answer 5xx."""
    gate = RefreshGate(session, breaking=True)
    parts = forger.control(gate.tokens.refresh)
    wrong = malformed.malformed_claims(parts)
    made = [Forgery(name, forger.like(parts, **changes)) for name, changes in wrong]
    judge_handled(gate, expect, lambda _: made, "well-signed tokens with malformed claims", well_signed=True)


def oversized_looks(gate):
    """What came of each size, up to the first that gets no answer at all.

    Once the service has answered one, it shows how long that takes, and the next need not be waited for much longer.
    """
    looks, patient, took = [], gate.session, 0.0
    for size in SIZES:
        if len(looks) == 1:
            gate.session = patient.on_new_connections(within=max(AT_LEAST, AS_LONG * took))
        began = time.monotonic()
        one = gate.show(malformed.oversized(gate.tokens.access, size * 1024))
        if one.outcome is Outcome.BROKEN:  # once may be anything; the second answer counts
            one = gate.show(malformed.oversized(gate.tokens.access, size * 1024))
        took = time.monotonic() - began
        looks.append(one)
        if not one.status:
            break
    gate.session = patient
    return looks


@verifies("jwt.oversized-refused", needs=[View.HTTP, View.ACCOUNTS], remedy=LIMIT)
def oversized_token_is_refused(session, expect, requirement):
    """A token of many kilobytes is refused, and the service goes on answering."""
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    looks = oversized_looks(gate)
    record(expect, looks)
    if not AccessGate(session).is_open():
        not_assessed("control failed: a good token is not accepted any more afterwards")
    expect.holds(
        not any(one.outcome in {Outcome.ACCEPTED, Outcome.BROKEN} for one in looks),
        expected="oversized tokens to be refused with a 4xx",
        seen="; ".join(f"{one.name}: {one.outcome.value} ({one.described})" for one in looks),
    )
    clear_or_not_assessed([one for one in looks if one.status])
    if not any(one.outcome is Outcome.REFUSED for one in looks):
        not_assessed(f"{looks[0].name}: {looks[0].described}: that is no refusal that can be seen")
