"""WebSocket: what is heard of changes, in which process, in which order, and by whom."""

import time
from itertools import pairwise

from stackproof import View, not_applicable, not_assessed, verifies

SIGNED_IN = [View.HTTP, View.ACCOUNTS, View.WEBSOCKET]
CHANGES = 20  # made one after another
ROUNDS = 2  # a disorder that is seen once may be chance
QUIET_FOR = 2.0  # seconds after the account itself heard of its change


def hears_itself(websocket, announcements, access, url):
    """Whether a change at an address is heard on its own WebSocket, or nothing is concluded from what is not.

    Where several processes stand behind the address without a layer between them, that is a matter of luck.
    """
    with websocket.at(url).opened(access) as connection:
        return bool(announcements.heard(connection, [announcements.make(access, url)]))


@verifies(
    "websocket.broadcast-across-processes",
    needs=[*SIGNED_IN, View.REPLICAS],
    writes=True,
    remedy="CHANNEL_LAYERS = {'default': {'BACKEND': 'channels_redis.core.RedisChannelLayer', …}}, one Redis for all "
    "processes, and group_send for what concerns more than one connection",
)
def change_at_one_process_is_heard_at_the_others(websocket, announcements, session, descriptor, expect):
    """A change that is made at one process of the service is heard on the WebSockets of another.

    Addresses of `target.also` are compared with one another first: the base URL may be a balancer's.
    """
    access = session.login().access
    base, also = descriptor.target.base_url, descriptor.target.also
    told, deaf = [], [url for url in (base, *also) if not hears_itself(websocket, announcements, access, url)]
    for one, other in [*pairwise(also), *((base, url) for url in also)]:
        for here, there in ((one, other), (other, one)):
            if here not in deaf and there not in deaf:
                told.append(heard_from(websocket, announcements, access, here, there, expect))
    if deaf:
        not_assessed(f"control failed: a change that was made at {deaf[0]} is not heard on a socket of that address")
    expect.conclude(f"heard at the other process, both ways, after {', '.join(told)}")


def heard_from(websocket, announcements, access, here, there, expect):
    """See that a change at one address is heard on a WebSocket of another; after how long, in words."""
    with websocket.at(here).opened(access) as connection:
        began = time.monotonic()
        one = announcements.make(access, there)
        heard = announcements.heard(connection, [one])
        if not heard:
            heard = announcements.heard(connection, [one, announcements.make(access, there)])
        if not heard and not websocket.at(here).is_open(connection):
            not_assessed(f"the socket of {here} ended before the change at {there} was heard")
        took = time.monotonic() - began
    expect.holds(
        bool(heard),
        expected=f"a change that is made at {there} to be heard on a WebSocket of {here}",
        seen=f"heard after {took:.2f} s" if heard else f"two changes were not heard within {took:.0f} s",
    )
    return f"{took:.2f} s"


@verifies(
    "websocket.order-kept",
    needs=SIGNED_IN,
    writes=True,
    remedy="send messages in the order of the changes: no task, thread or create_task() for each of them",
)
def changes_are_heard_in_their_order(websocket, announcements, session, expect):
    """Changes that were made one after another are heard in that order."""
    access = session.login().access
    disorders = []
    with websocket.opened(access) as connection:
        for _ in range(ROUNDS):
            with connection.read_meanwhile():
                made = [announcements.make(access, quiet=True) for _ in range(CHANGES)]
            heard = announcements.heard(connection, made)
            if len(heard) < 2:
                not_assessed(f"of {CHANGES} changes {len(heard)} were heard: there is no order to be judged")
            wanted = [one for one in made if one in heard]
            out = sum(one != other for one, other in zip(heard, wanted, strict=True))
            expect.measured(f"{len(heard)} of {CHANGES} changes heard, {out} of them out of order")
            disorders.append(out)
            if not out:
                break
    expect.holds(
        0 in disorders,
        expected=f"{CHANGES} changes to be heard in the order in which they were made",
        seen=f"{disorders[-1]} were out of order"
        + (f", {disorders[0]} in a round before" if len(disorders) > 1 else ""),
    )
    expect.conclude(f"{CHANGES} changes were heard in the order in which they were made")


@verifies(
    "websocket.messages-of-others",
    needs=[*SIGNED_IN, View.DISPOSABLE],
    writes=True,
    remedy="send to a group of the account alone (group_send(f'jobs.{account.pk}', …)), and let nobody choose a group",
)
def messages_of_others_are_not_heard(websocket, session, desk, announcements, descriptor, expect):
    """What is announced to one account is not heard on the WebSocket of another."""
    if descriptor.websocket.shared:
        not_applicable("websocket.shared = true: what is announced is meant for every account")
    other = session.as_account(desk.create())
    access, others = session.login().access, other.login().access
    with websocket.opened(access) as own, websocket.opened(others, "with another account's token") as foreign:
        one = announcements.make(access)
        if not announcements.heard(own, [one]):
            not_assessed("control failed: the account itself does not hear of its change")
        overheard = announcements.heard(foreign, [one], QUIET_FOR)
        if not overheard:
            theirs = announcements.make(others, session=other)
            if not announcements.heard(foreign, [theirs]):
                not_assessed("control failed: the other account does not hear of its own change either")
    expect.holds(
        not overheard,
        expected="a change that one account made not to be announced to another",
        seen="another account's WebSocket was told of it" if overheard else "the other account heard nothing of it",
    )
