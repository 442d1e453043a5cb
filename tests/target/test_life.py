"""The search for sequences that break the model of tokens' lives, on a service in memory."""

import re
from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed
from stackproof.target.replies import Reply
from stackproof.tokens import life, life_search
from stackproof.tokens.life import Ways, Word
from stackproof.tokens.life_search import DEFAULT_SEED, search, seed_of_run
from tests.target.imaginary import BEYOND, MISTAKES, Imaginary, answered

PROMISES = {"logout-nothing": Word.BLACKLIST, "logout-misses-rotated": Word.BLACKLIST}
SHORTEST = {
    "reuse": ["login -> a", "refresh a -> b", "refresh a again: answered 200"],
    "logout-nothing": ["login -> a", "logout a: answered 204", "refresh a again: answered 200"],
    "third-revives-first": [
        "login -> a",
        "refresh a -> b",
        "refresh b -> c",
        "refresh c -> d",
        "refresh a again: answered 200",
    ],
}


DAY = 86_400.0


def look(service, word, requests=40, seed=DEFAULT_SEED, many=False, ways=None):
    """One search."""
    return search(service, word, many_sessions=many, requests=requests, seed=seed, ways=ways)


def beyond(service, revokes=False):
    """What may happen beyond ordinary use."""
    return Ways(service.change_password, revokes=revokes, pass_time=service.pass_time, pause=2 * DAY, lifetime=5 * DAY)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_found_and_told_in_as_few_steps_as_they_take(mistake):
    """Each mistake shows in some sequence, and what is told has no step too many."""
    found = look(Imaginary(mistake), PROMISES.get(mistake, Word.ROTATION))

    story = [re.sub(r"^\d+\. ", "", line) for line in found.surprise.story]
    assert len(story) <= 5
    assert story == SHORTEST.get(mistake, story)


TOLD = {
    "change-revives-used": ["login -> a", "refresh a -> b", "change the password", "refresh a again: answered 200"],
    "forgets-after-a-day": ["login -> a", "refresh a -> b", "let 2 days pass", "refresh a again: answered 200"],
}


@pytest.mark.parametrize("mistake", BEYOND)
def test_mistakes_show_when_a_password_changes_or_time_passes(mistake):
    """They are found, told in as few steps as they take, and show in no search without those steps."""
    service = Imaginary(mistake)
    changing = Ways(service.change_password)
    passing = Ways(pass_time=service.pass_time, pause=2 * DAY, lifetime=5 * DAY)

    found = look(service, Word.ROTATION, ways=changing if "change" in mistake else passing)

    assert [re.sub(r"^\d+\. ", "", line) for line in found.surprise.story] == TOLD[mistake]
    assert look(Imaginary(mistake), Word.ROTATION, requests=60).surprise is None


def test_an_outdated_access_token_is_a_surprise_where_the_service_promises_its_end(monkeypatch):
    """It is one about that promise alone, and none where nothing was promised."""
    monkeypatch.setattr(life, "SETTLES", 0.0)
    service = Imaginary("change-leaves-access")

    found = look(service, Word.PASSWORD, ways=Ways(service.change_password, revokes=True))

    assert found.surprise.story == ("1. login -> a", "2. change the password", "3. access with a: answered 200")
    for word, revokes in ((Word.ROTATION, True), (Word.PASSWORD, False)):
        assert look(service, word, ways=Ways(service.change_password, revokes=revokes)).surprise is None


def test_an_access_token_that_an_old_session_is_handed_after_the_change_is_no_surprise(monkeypatch):
    """It is not from before the change; whether the old refresh token may fetch it another check judges."""
    monkeypatch.setattr(life, "SETTLES", 0.0)
    service = Imaginary("change-leaves-refresh")

    found = look(service, Word.PASSWORD, requests=120, ways=Ways(service.change_password, revokes=True))

    assert service.old
    assert found.surprise is None


def test_a_password_that_cannot_be_changed_ends_the_search():
    """The service refused a token that has to be accepted: another check judges that."""
    found = look(Imaginary(), Word.ROTATION, ways=Ways(lambda session, tokens: False))

    assert "could not be changed" in found.halted
    assert found.surprise is None


def test_a_refresh_token_may_end_by_its_age():
    """Past its lifetime the newest token of a session may be refused; before, it may not."""
    for lifetime, surprised in ((1 * DAY, False), (30 * DAY, True)):
        service, born = Imaginary(), {}
        issue, use = service._issue, service.refresh

        def issued(line, issue=issue, born=born, service=service):
            tokens = issue(line)
            born[tokens.refresh] = service.now
            return tokens

        def refresh(token, *, patient=True, use=use, born=born, service=service):
            return Reply(answered(401), False, True) if service.now - born[token] > DAY else use(token)

        service._issue, service.refresh = issued, refresh
        ways = Ways(pass_time=service.pass_time, pause=2 * DAY, lifetime=lifetime)
        found = look(service, Word.ROTATION, many=True, ways=ways)
        assert bool(found.surprise) is surprised


@pytest.mark.parametrize("habit", [{}, {"family": True}, {"account": True}, {"alone": True}])
@pytest.mark.parametrize("word", Word)
def test_no_alarm_on_services_that_end_more_than_they_must(habit, word):
    """A reuse may end the session or all of them, a login the others (RFC 9700, 4.14.2)."""
    for seed in range(4):
        found = look(Imaginary(**habit), word, seed=seed, many="alone" not in habit)
        assert (found.surprise, found.unconfirmed, found.halted) == (None, None, "")
        service = Imaginary(**habit)
        found = look(service, word, seed=seed, many="alone" not in habit, ways=beyond(service, revokes=True))
        assert (found.surprise, found.unconfirmed, found.halted) == (None, None, "")


def test_the_same_seed_searches_in_the_same_way():
    """Two searches with one seed take the same steps, and no more requests than they may."""
    one, other = look(Imaginary(), Word.ROTATION, seed=5), look(Imaginary(), Word.ROTATION, seed=5)

    assert one == other
    assert one.requests == 40
    assert look(Imaginary(), Word.ROTATION, seed=6) != one


def test_what_does_not_repeat_is_no_violation():
    """A used token that is accepted a single time is told as unconfirmed."""
    service = Imaginary()
    refuse, slips = service.refresh, [1]

    def refresh(token, *, patient=True):
        reply = refuse(token)
        if reply.refused and slips:
            slips.clear()
            return Reply(answered(200), True, False, service._issue("stray"))
        return reply

    service.refresh = refresh
    found = look(service, Word.ROTATION)

    assert found.surprise is None
    assert found.unconfirmed is not None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_unclear_answers_end_the_search(status):
    """A throttle or a break-down is neither accepted nor refused: the search ends there and says so."""
    service = Imaginary()
    use = service.refresh

    def refresh(token, *, patient=True):
        return Reply(answered(status), False, False) if service.requests > 9 else use(token)

    service.refresh = refresh
    found = look(service, Word.ROTATION)

    assert str(status) in found.halted
    assert found.surprise is None
    assert found.requests < 20


def test_a_service_where_nobody_can_sign_in_ends_the_search():
    """A login that fails is no finding."""
    service = Imaginary()

    def login():
        raise NotAssessed("the account could not sign in")

    service.login = login
    assert look(service, Word.ROTATION).halted == "the account could not sign in"


def test_nothing_is_written_where_the_run_began(tmp_path, monkeypatch):
    """No folder of Hypothesis is left."""
    monkeypatch.chdir(tmp_path)
    look(Imaginary(), Word.ROTATION)
    assert list(tmp_path.iterdir()) == []


def test_seed_of_the_environment(monkeypatch):
    """STACKPROOF_SEED is taken where it is a whole number."""
    monkeypatch.setenv(life_search.SEED_VARIABLE, "17")
    assert seed_of_run() == 17
    monkeypatch.setenv(life_search.SEED_VARIABLE, "dice")
    with pytest.raises(NotAssessed, match="no whole number"):
        seed_of_run()


def test_a_service_without_logout_is_searched_for_the_rest():
    """Where the descriptor names no logout, none is tried."""
    service = Imaginary("reuse")
    service.auth = SimpleNamespace(logout=None, login=service.auth.login)
    assert look(service, Word.ROTATION).surprise is not None
