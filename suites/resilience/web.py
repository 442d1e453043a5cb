"""One of several web processes is killed."""

from stackproof import NoAnswer, View, not_assessed, recovery, verifies

PART = "web"
REQUESTS = 30  # one after another, on new connections: behind one address they go to different processes
TIMES = 3  # sign-ins and records at the first address, for the same reason
NOBODY = "Connection refused"  # what the system says where no process listens
REMEDY = (
    "keep nothing in a process that another one would need; a load balancer that takes a dead process out of its list"
)


@verifies("resilience.web-process", needs=[View.HTTP, View.ACCOUNTS], drill=PART, remedy=REMEDY)
def other_processes_keep_answering(drills, session, descriptor, expect):
    """While one web process is dead the service answers every request, with tokens that the dead one had issued."""
    part = drills.part(PART)
    issued, used = tokens_of_every_process(session, descriptor)
    with drills.without(PART):
        settled = recovery(lambda: asked(session, issued[0], 3) == [], part.settle)
        failures = asked(session, issued[0], REQUESTS)
        failures = failures and asked(session, issued[0], REQUESTS)
        dead = [url for url in descriptor.target.also if not answers(session.at(url), issued[0])]
        expect.holds(
            settled is not None and not failures,
            expected=f"{descriptor.target.base_url} to answer every request, {part.settle:g} s after a process died",
            seen=f"{len(failures)} of {REQUESTS} failed: {failures[0]}" if failures else f"{REQUESTS} of {REQUESTS}",
            dead=dead,
        )
        replies = [session.on_new_connections().protected(one.access) for one in issued]
        expect.holds(
            all(one.accepted for one in replies),
            expected="access tokens from every process to be accepted while one of them is dead",
            seen="; ".join(dict.fromkeys(one.described for one in replies)),
        )
        for one in used:
            reply = session.on_new_connections().refresh(one.refresh)
            expect.holds(
                not reply.accepted,
                expected="a refresh token that was used before the process died to stay refused",
                seen=reply.described,
            )
    every = (descriptor.target.base_url, *descriptor.target.also)
    back = recovery(lambda: all(answers(session.at(url), issued[0]) for url in every), part.within)
    expect.holds(
        back is not None,
        expected=f"{', '.join(every)} to answer within {part.within:g} s of the process's start",
        seen="every address answers again" if back is not None else still_away(session, every, issued[0], dead),
    )
    who = ", ".join(dead) or "one process (which none of the addresses shows)"
    expect.conclude(f"{REQUESTS} requests in a row were answered while {who} was dead")


@verifies(
    "resilience.acknowledged-is-kept",
    needs=[View.HTTP, View.ACCOUNTS],
    writes=True,
    drill=PART,
    remedy="acknowledge after the commit: what a process means to write later dies with it",
)
def what_was_acknowledged_outlives_its_process(drills, records, session, descriptor, expect):
    """What a web process acknowledged just before it was killed is there afterwards."""
    records.prepare()
    places = [session, *(session.at(url) for url in descriptor.target.also)]
    within = drills.part(PART).within
    for place in places:
        if not records.appears(records.make(place), within):
            not_assessed(f"control failed: what {place.base_url} makes is not to be read at {session.base_url}")
    every = [session] * TIMES + places[1:]
    kept = {records.make(place.on_new_connections()): place.base_url for place in every}
    with drills.without(PART):
        pass
    lost, left = records.lost(kept, within)
    expect.holds(
        not lost,
        expected="what was acknowledged to be there after the death of the process that acknowledged it",
        seen=f"{len(kept) - len(lost)} of {len(kept)} records are there; lost: {', '.join(lost) or 'none'}",
        left=left,
    )


def tokens_of_every_process(session, descriptor):
    """(good tokens, used ones) from every address that shares its sessions with the first one, before anything dies."""
    issued, used = [], []
    for place in [session] * TIMES + [session.at(url) for url in descriptor.target.also]:
        tokens = place.on_new_connections().login()
        if not session.protected(tokens.access).accepted:
            not_assessed(f"control failed: a token of {place.base_url} is not accepted at {session.base_url}")
        issued.append(tokens)
    for url in descriptor.target.also if session.auth.refresh and all(one.refresh for one in issued) else ():
        tokens = session.at(url).login()
        if session.at(url).refresh(tokens.refresh).accepted and session.refresh(tokens.refresh).refused:
            used.append(tokens)
    broken = asked(session, issued[0], REQUESTS)
    if broken:
        not_assessed(f"control failed: before anything was broken {broken[0]}")
    return issued, used


def asked(session, tokens, times):
    """Read the protected resource so many times; what failed, a line each."""
    quiet = session.quietly()
    return [trouble for _ in range(times) if (trouble := trouble_of(quiet.on_new_connections(), tokens))]


def trouble_of(session, tokens):
    """Why a request with a good token was not answered well, or ""; a throttle is no trouble."""
    try:
        reply = session.protected(tokens.access)
    except NoAnswer as error:
        return str(error)
    return "" if reply.accepted or reply.answer.status == 429 else reply.described


def still_away(session, every, tokens, dead):
    """Which addresses do not answer after the start, and how.

    Raises:
        NotAssessed: nobody listens where the process was: the command may have started nothing.
    """
    looked = {url: trouble_of(session.at(url).quietly().on_new_connections(), tokens) for url in every}
    left = {url: trouble for url, trouble in looked.items() if trouble}
    if left and all(url in dead and NOBODY in trouble for url, trouble in left.items()):
        not_assessed(
            f"the start of the part ended well, and at {', '.join(left)} nobody listens: see that it starts it"
        )
    return "; ".join(f"{url}: {trouble}" for url, trouble in left.items()) or "every address answers, but too late"


def answers(session, tokens):
    """Whether this address answers at all."""
    return not trouble_of(session.quietly().on_new_connections(), tokens)
