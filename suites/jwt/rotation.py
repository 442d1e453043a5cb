"""JWT configuration: a new refresh token on each use, and the used one is dead."""

import re
import time

from stackproof import View, not_assessed, other_token_places, verifies

CHAIN = 10
REUSES = 8  # on new connections: a revocation kept per worker process shows only on some of them
GRACE_PROBES = (2.0, 5.0, 11.0, 16.0, 32.0)  # seconds after the use at which a reuse that was accepted is tried again
BY_TURNS = 5  # times that a refused one is shown once more
TURNS = "the processes behind this address do not agree (has each the same INSTALLED_APPS, settings and database?)"

ROTATE = "simplejwt: ROTATE_REFRESH_TOKENS = True and BLACKLIST_AFTER_ROTATION = True, with the app installed:\n"
REMEDY = ROTATE + "INSTALLED_APPS += ['rest_framework_simplejwt.token_blacklist'] and migrate"


NOT_DEMANDED = re.compile(r"\bnot\s+(?:required|needed)\b", re.IGNORECASE)  # which rules nothing out

OFF_REMEDY = "; where the clause rules rotation out: ROTATE_REFRESH_TOKENS = False"


def promised(requirement):
    """The clause may also say that rotation is off; then there is nothing that this check could see."""
    if requirement.value is not True:
        not_assessed("the clause does not enable rotation")


def first_refresh(session):
    """A login and the first use of its refresh token, after the controls."""
    session.needs_refresh_tokens()
    first = session.login()
    if not first.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    reply = session.refresh(first.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token {reply.described}")
    return first, reply


@verifies("jwt.rotation", needs=[View.HTTP, View.ACCOUNTS], remedy=REMEDY + OFF_REMEDY)
def refresh_answers_a_new_refresh_token(session, expect, requirement):
    """Each use of a refresh token hands out another refresh token; none does where the clause rules rotation out."""
    first, reply = first_refresh(session)
    session.control_refresh(first)
    if requirement.value is not True:
        judge_none_handed_out(first, reply, expect, requirement)
        return
    if not reply.tokens.refresh:
        elsewhere = other_token_places(reply.tokens)
        if elsewhere:
            not_assessed(f"the answer carries a token at {elsewhere[0]!r}: name it in auth.refresh.refresh if it is it")
        expect.holds(
            False,
            expected="the answer of a refresh to carry a new refresh token",
            seen=f"{reply.described} with an access token alone",
        )
    expect.that("the refresh token that a refresh hands out", reply.tokens.refresh).differs_from(
        first.refresh, of="the one that was used"
    )


@verifies("jwt.rotation", needs=[View.HTTP, View.ACCOUNTS], remedy=REMEDY)
def used_refresh_token_is_refused(session, blacklist_cause, expect, requirement):
    """A refresh token that was used is refused afterwards; where rotation is ruled out, it serves again."""
    first, reply = first_refresh(session)
    if requirement.value is not True:
        judge_it_serves_again(session, first, reply, expect)
        return
    if not reply.tokens.refresh or reply.tokens.refresh == first.refresh:
        not_assessed("the refresh handed out no new refresh token; another check judges that")
    used_at = time.monotonic()
    for attempt in range(1, REUSES + 1):
        reuse = session.on_new_connections().refresh(first.refresh)
        if reuse.accepted:
            same = reuse.tokens.refresh == reply.tokens.refresh
            what = "the same tokens once more" if same else "tokens"
            ending = blacklist_cause() or grace_window(session, first.refresh, used_at)
            expect.holds(
                False,
                expected="a used refresh token to be refused",
                seen=f"{reuse.described} and handed out {what} at reuse {attempt} of {REUSES}{ending}",
            )
        if not reuse.refused:
            not_assessed(f"with a used refresh token {reuse.described}, which is no clear refusal")
    control = session.login()
    session.control_refresh(control)
    expect.holds(True, expected="a used refresh token to be refused", seen=f"{REUSES} reuses were refused")


def judge_none_handed_out(first, reply, expect, requirement):
    """Rotation is off: a refresh hands out no other refresh token."""
    fresh = reply.tokens.refresh if reply.tokens.refresh != first.refresh else ""
    if fresh and NOT_DEMANDED.search(requirement.text):
        not_assessed("the clause does not demand rotation, and does not rule it out: the service rotates")
    elsewhere = other_token_places(reply.tokens)
    if not fresh and elsewhere:
        not_assessed(f"the answer carries a token at {elsewhere[0]!r}: name it in auth.refresh.refresh if it is it")
    expect.holds(
        not fresh,
        expected="a refresh to hand out no other refresh token, for the clause disables rotation",
        seen=f"{reply.described} with {'another refresh' if fresh else 'an access'} token",
    )


def judge_it_serves_again(session, first, reply, expect):
    """Rotation is off: what was used is the session's only refresh token, and has to serve until its end."""
    if reply.tokens.refresh and reply.tokens.refresh != first.refresh:
        not_assessed("the refresh handed out another refresh token; another check judges that")
    again = session.on_new_connections().refresh(first.refresh)
    if not (again.accepted or again.refused):
        not_assessed(f"with a used refresh token {again.described}, which is no clear answer")
    expect.holds(
        again.accepted,
        expected="a refresh token to serve again, for no other one takes its place",
        seen=f"with a used refresh token {again.described}",
    )


def grace_window(session, used, used_at):
    """Whether the reuse goes on being accepted, and how long: a service may allow it for a while, for lost answers."""
    accepted = time.monotonic() - used_at
    for moment in GRACE_PROBES:
        time.sleep(max(0.0, used_at + moment - time.monotonic()))
        late = session.on_new_connections().refresh(used)
        now = time.monotonic() - used_at
        if late.refused and any(session.on_new_connections().refresh(used).accepted for _ in range(BY_TURNS)):
            return f"; accepted and refused by turns: {TURNS}"
        if late.refused:
            return f"; accepted {accepted:.0f} s after its use and refused after {now:.0f} s: a grace period in between"
        if not late.accepted:
            return f"; {now:.0f} s after its use {late.described}"
        accepted = now
    return f"; still accepted {accepted:.0f} s after its use"


@verifies("jwt.rotation", needs=[View.HTTP, View.ACCOUNTS], supplementary=True, remedy=REMEDY)
def chain_of_refreshes_stays_alive(session, expect, requirement):
    """A session can be refreshed again and again, each time with the token of the time before."""
    promised(requirement)
    _, reply = first_refresh(session)
    seen = {reply.tokens.refresh}
    for step in range(2, CHAIN + 1):
        if not reply.tokens.refresh:
            not_assessed("the refresh handed out no new refresh token; another check judges that")
        reply = session.refresh(reply.tokens.refresh)
        if reply.answer.status == 429:
            not_assessed(f"step {step}: {reply.described}: the service throttles refreshes")
        if reply.unclear:
            not_assessed(f"step {step}: {reply.described}, which is neither accepted nor refused")
        expect.holds(
            reply.accepted,
            expected=f"step {step} of {CHAIN} of a chain of refreshes to be accepted",
            seen=f"step {step}: {reply.described}",
        )
        seen.add(reply.tokens.refresh)
    expect.that("different refresh tokens in the chain", len(seen)).equals(CHAIN)
    expect.conclude(f"a chain of {CHAIN} refreshes was accepted, each with another refresh token")
