"""Password hashing: whether a refused login tells which accounts there are, by its answer or by its time.

Wrong passwords may lock an account: a disposable one is used where the descriptor says how to make it, and after two
wrong passwords in a row always comes the right one.
"""

import random
import re
import string
import time

from stackproof import View, compare, needs_own_login, not_assessed, verifies

CHANCE = random.SystemRandom()
ROUNDS = 30  # logins of each kind that count
EARLY = 16  # after which what is clearly alike is not measured any longer; a difference always is
WARM_UP = 2  # rounds that do not
IN_A_ROW = 2  # wrong passwords between two right ones
LONGEST = 180.0  # seconds for all of it
SAME = 1.5  # a ratio up to here is taken for no difference (with an interval that excludes the bound)
QUIET = 1.3  # between two groups of unknown accounts: what a quiet enough machine shows
FAR = 2.0  # times the most that noise may come to: what stands above it is not made of noise
TELLING = 0.9  # AUC above which a single request tells known from unknown
ALMOST = 0.8  # and the lower end of its interval

REMEDY = "hash a dummy password where the account is unknown (Django's ModelBackend does), and answer both alike"


@verifies("password.login-answer", needs=[View.HTTP, View.ACCOUNTS], writes=True, serial="load", remedy=REMEDY)
def refused_logins_are_answered_alike(session, desk, expect, requirement):
    """A wrong password for a known account and any password for an unknown one get the same status and body."""
    needs_own_login(session.auth)
    known, name_of = _known_account(session, desk)
    answers = {"known": [], "unknown": []}
    for _ in range(3):
        name = name_of()
        answers["unknown"].append(_told(known, known.try_wrong_login(name), name))
        answers["known"].append(_told(known, known.try_wrong_login(), known.username))
        _still_signs_in(known, len(answers["known"]))
    for kind, told in answers.items():
        if len(set(told)) > 1:
            not_assessed(f"three refused logins of {kind} accounts were answered differently, so nothing compares")
    (status, one), (other_status, other) = answers["known"][0], answers["unknown"][0]
    what = "the status" if status != other_status else "the body" if one != other else "nothing"
    expect.holds(
        (status, one) == (other_status, other),
        expected="a refused login to be answered alike for a known and for an unknown account",
        seen=f"three of each: known {status}, unknown {other_status}; {what} differs",
    )


@verifies("password.login-timing", needs=[View.HTTP, View.ACCOUNTS], writes=True, serial="load", remedy=REMEDY)
def refused_logins_take_as_long(session, desk, expect, requirement):
    """A wrong password for a known account is refused as fast as any password for an unknown one."""
    needs_own_login(session.auth)
    pace = session.auth.logins_per_minute
    needed = (ROUNDS + WARM_UP) * (2.5 + 1 / IN_A_ROW)
    if pace and needed / pace * 60 > LONGEST:
        not_assessed(
            f"{needed:.0f} logins are needed, and auth.logins_per_minute = {pace:g} stretches them too far: judge an "
            f"instance that lets {needed * 60 / LONGEST:.0f} a minute in"
        )
    known, name_of = _known_account(session, desk)
    bound = requirement.value.number
    times = _measure(known, name_of, lambda times: _clearly_alike(*_compared(times), bound))
    control, found = _compared(times)
    expect.measured(f"known and unknown accounts: {found}")
    expect.measured(f"control, unknown and unknown accounts: {control}")
    if _drowned(control, found):
        not_assessed(f"control failed: two groups of unknown accounts differ ({control}), so there is too much noise")
    slower = "known" if found.first_slower else "unknown"
    ratio, auc = found.ratio, found.auc
    clear = _clear(found, bound)
    alike = ratio.value <= SAME and ratio.high < bound and auc.value <= TELLING
    if not clear and not alike:
        not_assessed(f"inconclusive: {slower} accounts take longer by a little or not always; {found}")
    expect.holds(
        not clear,
        expected=f"a ratio of medians of at most {bound:g}",
        seen=f"refusing {slower} accounts takes longer: {found}" if clear else f"no telling difference: {found}",
    )


def _compared(times):
    """(two groups of unknown accounts, known and unknown ones), each compared."""
    unknown = times["unknown"] + times["other"]
    return compare(times["unknown"], times["other"]), compare(times["known"], unknown)


def _noisy(control):
    return control.ratio.value > QUIET or control.auc.low > 0.6


def _drowned(control, found):
    """Whether noise may be all that was found: there is some, and the difference does not stand far above it.

    Without a hash a refusal takes a few milliseconds, of which any noise is much.
    """
    return _noisy(control) and found.ratio.low < FAR * control.ratio.high


def _clear(found, bound):
    """Whether a single request tells the accounts apart."""
    ratio, auc = found.ratio, found.auc
    return ratio.value > bound and ratio.low > SAME and auc.value > TELLING and auc.low > ALMOST


def _clearly_alike(control, found, bound):
    """Whether both intervals exclude a telling difference, so that more of the same could only confirm it."""
    return not _noisy(control) and found.ratio.high < min(SAME, bound) and found.auc.high < TELLING


def _known_account(session, desk):
    """(a session of an account that signs in, what makes names of the same kind that no account has)."""
    known = session.as_account(desk.create()) if desk.described else session
    known.login()
    if desk.described:
        return known, desk.another_name
    return known, lambda: _like(known.username)


def _like(username):
    """Another name of the same shape: letters for letters, digits for digits; what follows "@" stays."""
    local, at, domain = username.partition("@")
    if sum(char.isalpha() for char in local) < 4:
        not_assessed(
            "the account's name has too few letters to make up names of its kind: give [accounts.disposable], "
            "whose pattern says what a name looks like"
        )
    pools = ((str.isdigit, string.digits), (str.isupper, string.ascii_uppercase), (str.isalpha, string.ascii_lowercase))
    made = ""
    for char in local:
        pool = next((letters for fits, letters in pools if fits(char)), char)
        made += CHANCE.choice(pool)
    extra = "" if len(local) >= 8 else "".join(CHANCE.choices(string.ascii_lowercase, k=8))
    return f"{made}{extra}{at}{domain}"


def _told(session, answer, name):
    """(status, body without what differs from answer to answer) of a refused login."""
    if session.access_in(answer):
        not_assessed(f"control failed: with a wrong password {answer.describe()} and handed out a token")
    if answer.status in {408, 425, 429} or answer.status >= 500:
        not_assessed(f"with a wrong password {answer.describe()}, which is no refusal of that password")
    text = answer.body[:20_000].decode("utf-8", "replace").replace(name, "{name}")
    text = re.sub(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,40}|\b(?=\w*\d)[\w+/=-]{12,}", "{word}", text)
    return answer.status, re.sub(r"\d+", "#", text)


def _still_signs_in(known, wrong):
    """The account's own password is still accepted, or the check ends and says what may have happened."""
    answer = known.try_login()
    if not known.access_in(answer):
        not_assessed(
            f"after {wrong} wrong passwords {answer.describe()} to the right one: the service throttles or has locked "
            f"{known.username}; unlock it, or give [accounts.disposable] so that another account is used"
        )


def _measure(known, name_of, enough):
    """{"known", "unknown", "other": seconds of refused logins}, the kinds in turn, in a new order each time.

    `enough(times)` is asked once, after `EARLY` rounds that count.
    """
    times = {"known": [], "unknown": [], "other": []}
    first, began, wrong = {}, time.monotonic(), 0
    for number in range(ROUNDS + WARM_UP):
        if number == EARLY + WARM_UP and enough(times):
            break
        if time.monotonic() - began > LONGEST:
            not_assessed(f"after {LONGEST:g} s only {number} of {ROUNDS + WARM_UP} rounds were done: logins take long")
        kinds = ("known", "unknown", "other") if number % 2 else ("known", "unknown")
        for kind in CHANCE.sample(kinds, len(kinds)):
            answer = known.try_wrong_login("" if kind == "known" else name_of(), quiet=number >= WARM_UP)
            wrong += kind == "known"
            _unchanged(known, answer, first.setdefault(kind, answer), kind, wrong)
            if number >= WARM_UP:
                times[kind].append(answer.seconds)
        if number == 0 or number % IN_A_ROW == 1:
            _still_signs_in(known, wrong)
    if len({answer.status for answer in first.values()}) > 1:
        not_assessed("known and unknown accounts are refused with different statuses, which tells them apart anyway")
    return times


def _unchanged(known, answer, first, kind, wrong):
    """The answer is a refusal like the first of its kind, or the check ends: a throttle, a lock, a broken service."""
    told = "" if kind != "known" else f"after {wrong} wrong passwords for {known.username} "
    if known.access_in(answer):
        not_assessed(f"control failed: with a wrong password {answer.describe()} and handed out a token")
    if answer.status == first.status and not (answer.status in {408, 425, 429} or answer.status >= 500):
        return
    opens = ""
    if kind == "known":
        fine = bool(known.access_in(known.try_login()))
        opens = "; the right password is still accepted" if fine else "; the account may be locked now: unlock it"
    not_assessed(f"{told}{answer.describe()} (at first {first.status}): a throttle or a lock{opens}")
