"""The service while its cache is away, and after it."""

from stackproof import NotApplicable, NotAssessed, View, not_assessed, recovery, verifies

MEANWHILE = 3  # rounds while it is away


@verifies(
    "resilience.cache-outage",
    needs=[View.HTTP, View.ACCOUNTS],
    drill="cache",
    remedy="django-redis: OPTIONS = {'IGNORE_EXCEPTIONS': True, 'SOCKET_CONNECT_TIMEOUT': 2, 'SOCKET_TIMEOUT': 2};\n"
    "what must not be lost (revoked tokens, say) belongs into the database. By design: redis.cache.needed = true",
)
def service_answers_without_its_cache(drills, session, descriptor, expect):
    """Without its cache the service signs in and serves; afterwards all works, and what was revoked stays revoked."""
    needed = descriptor.redis.cache is not None and descriptor.redis.cache.needed
    revoked = signed_out(session, expect)
    before = session.login()
    if not session.protected(before.access).accepted:
        not_assessed("control failed: the protected resource refuses a fresh token before anything is broken")
    part = drills.part("cache")
    seen, during = [], None
    with drills.without("cache"):
        for _ in range(MEANWHILE):
            answers, tokens = meanwhile(session, before)
            seen += answers
            during = tokens or during
    seconds = recovery(lambda: works(session), part.within)
    told = [answer.describe() for answer in seen]
    broken = [answer.describe() for answer in seen if answer.status >= 500]
    if not needed:
        expect.holds(
            not broken,
            expected="sign-ins and the protected resource to be answered without the cache",
            seen=f"{len(broken)} of {len(seen)} answers are server errors: {broken[0]}"
            if broken
            else f"{len(seen)} answers, none a server error: {told[0]}",
            meanwhile=told,
        )
    expect.holds(
        seconds is not None,
        expected=f"sign-ins and the protected resource to work again within {part.within:g} s of the cache's return",
        seen=f"they do after {seconds:.1f} s" if seconds is not None else "they do not",
        meanwhile=told,
    )
    nothing_is_lost(session, before, during, revoked, expect)
    expect.conclude(
        f"{len(seen)} answers without the cache, {len(broken)} server errors; works again after {seconds:.1f} s"
    )


def meanwhile(session, before):
    """(answers, tokens of a sign-in that worked) of one round without the cache."""
    login = session.try_login()
    answers, tokens = [login, session.protected(before.access).answer], None
    if session.signed_in(login):
        tokens = session.access_in(login)
        answers.append(session.protected(tokens).answer)
    return answers, tokens


def works(session):
    """Whether somebody can sign in and read."""
    return session.protected(session.login().access).accepted


def signed_out(session, expect):
    """A refresh token that was revoked by signing out, which the service acknowledged; "" where there is none."""
    try:
        tokens = session.login()
        acknowledged = bool(tokens.refresh) and session.logout(tokens).accepted
        if acknowledged and session.refresh(tokens.refresh).refused:
            return tokens.refresh
    except (NotAssessed, NotApplicable) as error:
        expect.note(f"what signing out revokes was not looked at: {error}")
    return ""


def nothing_is_lost(session, before, during, revoked, expect):
    """Tokens that were handed out still serve, and one that was revoked is still refused."""
    for name, access in (("before", before.access), ("without the cache", during)):
        if access:
            reply = session.protected(access)
            expect.holds(
                reply.accepted,
                expected=f"a token that was handed out {name} to serve after the cache's return",
                seen=reply.described,
            )
    if revoked:
        reply = session.refresh(revoked)
        expect.holds(
            not reply.accepted,
            expected="a refresh token that was revoked before the cache went away to be refused after its return",
            seen=reply.described,
        )
