"""JWT configuration: what was revoked at one instance of the service is refused by the others."""

from stackproof import View, not_applicable, not_assessed, verifies

REMEDY = "keep revoked and used refresh tokens in a database that every instance asks, not in the memory of a process"
TRIES = 4  # on new connections: behind one URL there may be several processes


@verifies(
    "jwt.rotation",
    needs=[View.HTTP, View.ACCOUNTS],
    supplementary=True,
    serial="clock",  # the instance whose clock is moved is one of them
    remedy=REMEDY,
)
def used_refresh_token_is_refused_by_every_instance(session, descriptor, expect, requirement):
    """A refresh token that was used at one instance of the service is refused by the others."""
    judge(session, descriptor, expect, requirement, use_up, "used")


@verifies(
    "jwt.blacklist",
    needs=[View.HTTP, View.ACCOUNTS],
    supplementary=True,
    serial="clock",  # the instance whose clock is moved is one of them
    remedy=REMEDY,
)
def revoked_refresh_token_is_refused_by_every_instance(session, descriptor, expect, requirement):
    """A refresh token that was logged out at one instance of the service is refused by the others."""
    judge(session, descriptor, expect, requirement, log_out, "logged out")


def judge(session, descriptor, expect, requirement, revoke, word):
    """Revoke here, try there; for every other base URL that shares its sessions with the first one."""
    if requirement.value is not True:
        not_assessed("the clause does not enable it, and nothing is known of what it forbids instead")
    session.needs_refresh_tokens()
    others = other_instances(descriptor)
    if not others:
        not_applicable("the descriptor names no other base URL of the service (target.also)")
    known = [url for url in others if shares_sessions(session, url)]
    strangers = [url for url in descriptor.target.also if url in others and url not in known]
    if not known and not strangers:
        not_applicable("the instance of [clock] has sessions of its own, and target.also names no other base URL")
    for url in known:
        tokens = signed_in(session)
        revoke(session, tokens)
        for attempt in range(1, TRIES + 1):
            reply = session.at(url).on_new_connections().refresh(tokens.refresh)
            if reply.unclear:
                not_assessed(f"{url}: {reply.described}, which is no clear refusal")
            expect.holds(
                reply.refused,
                expected=f"a refresh token {word} at {descriptor.target.base_url} to be refused at {url}",
                seen=f"at {url}, try {attempt} of {TRIES}: {reply.described}",
            )
        if not shares_sessions(session, url):
            not_assessed(f"control failed: {url} takes no fresh refresh token of the service any more")
    if strangers:
        not_assessed(
            f"{', '.join(strangers)} takes no refresh token that was handed out at {descriptor.target.base_url}: "
            "it does not seem to be an instance of the same service"
        )
    expect.conclude(f"{word} at {descriptor.target.base_url}, refused at {', '.join(known)}")


def other_instances(descriptor):
    """Base URLs that the descriptor names beside the first one."""
    named = [*descriptor.target.also, descriptor.clock.base_url if descriptor.clock else ""]
    return [url for url in dict.fromkeys(named) if url and url.rstrip("/") != descriptor.target.base_url.rstrip("/")]


def shares_sessions(session, url):
    """A fresh refresh token of the one is good at the other, where a garbage one is not."""
    tokens = signed_in(session)
    there = session.at(url)
    there.control_refresh(tokens)
    return there.refresh(tokens.refresh).accepted


def use_up(session, tokens):
    """Use the refresh token here."""
    reply = session.refresh(tokens.refresh)
    if not reply.accepted:
        not_assessed(f"control failed: with a fresh refresh token {reply.described}")
    if not reply.tokens.refresh or reply.tokens.refresh == tokens.refresh:
        not_assessed("the refresh handed out no new refresh token; another check judges that")
    again = session.refresh(tokens.refresh)
    if not again.refused:
        not_assessed(f"used again at the same instance {again.described}; another check judges that")


def log_out(session, tokens):
    """End the session here."""
    reply = session.logout(tokens)
    if reply.unclear:  # some say 401, since nobody is signed in any more
        not_assessed(f"control failed: {reply.described}, so the session was not ended")
    again = session.refresh(tokens.refresh)
    if not again.refused:
        not_assessed(f"after logout at the same instance {again.described}; another check judges that")


def signed_in(session):
    """A login that carries a refresh token."""
    tokens = session.login()
    if not tokens.refresh:
        not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
    return tokens
