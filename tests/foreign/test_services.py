"""The foreign services behave, and misbehave, as they claim: asked by plain httpx."""

import importlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.foreign.clients import CLIENTS, claims
from tests.foreign.launch import start

DAY = 86_400
SIZE, BURSTS = 16, 8


@pytest.fixture
def foreign():
    """Start a service with flags; gives its client."""
    stack = []

    def run(module, *flags):
        context = start(module, *flags)
        client = CLIENTS[module](context.__enter__())
        stack.extend((context, client))
        return client

    yield run
    for one in reversed(stack):
        one.__exit__(None, None, None)


def lives(token):
    """Seconds until the token's exp, from now."""
    return claims(token)["exp"] - time.time()


def burst(client, token):
    """Statuses of simultaneous uses of one refresh token that got tokens, and of those that did not."""
    barrier = threading.Barrier(SIZE)

    def use():
        barrier.wait()
        return client.refresh(token)

    with ThreadPoolExecutor(SIZE) as pool:
        answers = [one.result() for one in [pool.submit(use) for _ in range(SIZE)]]
    return [one for one in answers if one.status == 200 and one.access], [
        one.status for one in answers if one.status != 200
    ]


# -- the conforming ones -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", CLIENTS)
def test_refusals(foreign, module):
    """Wrong password, garbage, and the one kind of token for the other are refused by the service's own status."""
    client = foreign(module)
    tokens = client.login()

    assert client.login("wrong").status == client.refused
    assert client.me("garbage.garbage.garbage") == client.refused
    assert client.me(tokens.refresh) == client.refused
    assert client.refresh(tokens.access).status in {400, client.refused}
    assert client.refresh("garbage").status in {400, client.refused}


@pytest.mark.parametrize("module", CLIENTS)
def test_life_of_a_session(foreign, module):
    """Fifteen minutes, seven days, a new refresh token on each use, the used and the revoked one refused."""
    client = foreign(module)
    first = client.login()
    second = client.refresh(first.refresh)

    assert client.me(first.access) == 200
    assert 897 < lives(first.access) <= 900
    assert 897 < lives(second.access) <= 900
    assert second.refresh not in {"", first.refresh}
    assert client.refresh(first.refresh).status in {400, client.refused}
    assert client.logout(second) in {200, 204}
    assert client.refresh(second.refresh).status in {400, client.refused}


@pytest.mark.parametrize("module", ["flask_shop", "fastapi_cookies"])
def test_refresh_token_claims_seven_days_anew(foreign, module):
    """The refresh token's own end moves on with each rotation."""
    client = foreign(module)
    first = client.login()
    time.sleep(1.1)
    second = client.refresh(first.refresh)

    assert 7 * DAY - 3 < lives(first.refresh) <= 7 * DAY
    assert claims(second.refresh)["exp"] > claims(first.refresh)["exp"]


@pytest.mark.parametrize("module", CLIENTS)
def test_simultaneous_uses_have_one_winner(foreign, module):
    """Every burst has exactly one winner, and its tokens are good."""
    client = foreign(module)

    for _ in range(BURSTS):
        winners, losers = burst(client, client.login().refresh)
        assert len(winners) == 1
        assert set(losers) <= {400, client.refused}
        assert client.me(winners[0].access) == 200


def test_the_shop_has_no_iat(foreign):
    """What the lifetime can be held against is the server's Date alone."""
    tokens = foreign("flask_shop").login()

    assert "iat" not in claims(tokens.access)
    assert "GMT" in tokens.date


def test_the_portal_wants_its_csrf_proof(foreign):
    """A sign-in without the double-submitted value is refused."""
    client = foreign("fastapi_cookies")
    body = {"username": client.service.username, "password": client.service.password}

    assert client.send("POST", "/auth/login", json=body).status_code == 403
    answer = client.send("GET", "/auth/csrf")
    assert "csrf_cookie=" in answer.headers["set-cookie"]


@pytest.mark.parametrize("module", CLIENTS)
def test_jitter_stays_small(foreign, module):
    """895 to 901 s, not always the same."""
    client = foreign(module, "--jitter")
    seen = set()
    for _ in range(12):
        tokens = client.login()
        found = claims(tokens.access)
        seen.add(round(found["exp"] - found.get("iat", time.time())))

    assert len(seen) > 1
    assert min(seen) >= 894
    assert max(seen) <= 901


# -- the faults ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("module", CLIENTS)
@pytest.mark.parametrize(("fault", "seconds"), [("access-hour", 3600), ("access-5min", 300)])
def test_wrong_access_lifetime(foreign, module, fault, seconds):
    """The token claims it, is accepted, and everything else is as it should be."""
    client = foreign(module, "--fault", fault)
    tokens = client.login()

    assert seconds - 3 < lives(tokens.access) <= seconds
    assert client.me(tokens.access) == 200
    assert client.refresh(tokens.refresh).status == 200


@pytest.mark.slow
@pytest.mark.parametrize("module", CLIENTS)
def test_shifted_iat(foreign, module):
    """`exp - iat` says a quarter of an hour, `exp` alone says an hour."""
    client = foreign(module, "--fault", "access-iat-shifted")
    tokens = client.login()
    found = claims(tokens.access)

    assert found["exp"] - found["iat"] == 900
    assert 3597 < lives(tokens.access) <= 3600
    assert client.me(tokens.access) == 200


@pytest.mark.slow
@pytest.mark.parametrize("module", CLIENTS)
def test_longer_after_refresh(foreign, module):
    """Right at the login, hours after a refresh."""
    client = foreign(module, "--fault", "access-longer-after-refresh")
    tokens = client.login()

    assert 897 < lives(tokens.access) <= 900
    assert lives(client.refresh(tokens.refresh).access) > 7000


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "days"), [("refresh-month", 30), ("refresh-day", 1)])
def test_wrong_refresh_lifetime(foreign, fault, days):
    """Claimed where the token is a JWT, stated in the answer where it is opaque."""
    for module in ("flask_shop", "fastapi_cookies"):
        assert days * DAY - 3 < lives(foreign(module, "--fault", fault).login().refresh) <= days * DAY
    stated = foreign("stdlib_opaque", "--fault", fault).login().data["renewal_expires_in"]
    assert stated == days * DAY


@pytest.mark.slow
def test_frozen_refresh_expiry(foreign):
    """The rotated token ends when the first one would have."""
    for module in ("flask_shop", "fastapi_cookies"):
        client = foreign(module, "--fault", "refresh-frozen")
        first = client.login()
        time.sleep(1.1)
        assert claims(client.refresh(first.refresh).refresh)["exp"] == claims(first.refresh)["exp"]
    client = foreign("stdlib_opaque", "--fault", "refresh-frozen")
    first = client.login()
    time.sleep(1.1)
    assert client.refresh(first.refresh).data["renewal_expires_in"] < first.data["renewal_expires_in"]


@pytest.mark.slow
def test_tokens_without_an_end(foreign):
    """No exp in the one or the other."""
    assert "exp" not in claims(foreign("flask_shop", "--fault", "access-never-expires").login().access)
    assert "exp" not in claims(foreign("flask_shop", "--fault", "refresh-never-expires").login().refresh)


@pytest.mark.slow
def test_a_day_after_rotation(foreign):
    """Seven days at the login, one from a rotation."""
    client = foreign("flask_shop", "--fault", "refresh-day-after-rotation")
    tokens = client.login()

    assert lives(tokens.refresh) > 6 * DAY
    assert lives(client.refresh(tokens.refresh).refresh) <= DAY


@pytest.mark.slow
@pytest.mark.parametrize("module", CLIENTS)
def test_no_rotation(foreign, module):
    """The same refresh token again, or none; either way the old one goes on, until the logout."""
    same = foreign(module, "--fault", "same-refresh")
    tokens = same.login()
    assert [same.refresh(tokens.refresh).refresh for _ in range(3)] == [tokens.refresh] * 3
    same.logout(tokens)
    assert same.refresh(tokens.refresh).status in {400, same.refused}

    none = foreign(module, "--fault", "no-new-refresh")
    tokens = none.login()
    answers = [none.refresh(tokens.refresh) for _ in range(3)]
    assert {(one.status, one.refresh) for one in answers} == {(200, "")}
    assert none.me(answers[-1].access) == 200


@pytest.mark.slow
@pytest.mark.parametrize("module", CLIENTS)
def test_reuse_for_ever(foreign, module):
    """A used token goes on to hand out tokens, also after a grace period would be over."""
    client = foreign(module, "--fault", "reuse-forever")
    tokens = client.login()
    assert client.refresh(tokens.refresh).refresh != tokens.refresh
    time.sleep(3.2)

    assert client.me(client.refresh(tokens.refresh).access) == 200


@pytest.mark.slow
@pytest.mark.parametrize("module", CLIENTS)
def test_reuse_in_a_grace_period(foreign, module):
    """Accepted right after its use, refused three seconds later."""
    client = foreign(module, "--fault", "reuse-grace")
    tokens = client.login()
    client.refresh(tokens.refresh)

    assert client.refresh(tokens.refresh).access
    time.sleep(3.1)
    assert client.refresh(tokens.refresh).status in {400, client.refused}


@pytest.mark.parametrize("module", CLIENTS)
def test_race(foreign, module):
    """Simultaneous uses have several winners, while one after the other is refused."""
    client = foreign(module, "--fault", "race")
    tokens = client.login()
    client.refresh(tokens.refresh)
    assert client.refresh(tokens.refresh).status in {400, client.refused}

    winners = [len(burst(client, client.login().refresh)[0]) for _ in range(BURSTS)]
    assert max(winners) > 1


@pytest.mark.parametrize("module", CLIENTS)
def test_burst_without_a_winner(foreign, module):
    """Simultaneous uses all break down, a single one is served."""
    client = foreign(module, "--fault", "burst-no-winner")
    assert client.refresh(client.login().refresh).status == 200

    winners, losers = burst(client, client.login().refresh)
    assert winners == []
    assert losers == [500] * SIZE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "fault"),
    [
        *((name, "logout-nothing") for name in CLIENTS),
        ("flask_shop", "logout-cookie-only"),
        ("fastapi_cookies", "logout-access-only"),
    ],
)
def test_logout_revokes_nothing(foreign, module, fault):
    """It says that all went well, and the refresh token goes on."""
    client = foreign(module, "--fault", fault)
    tokens = client.login()

    assert client.logout(tokens) in {200, 204}
    assert client.refresh(tokens.refresh).access


@pytest.mark.slow
@pytest.mark.parametrize("module", CLIENTS)
def test_logout_in_one_of_two_workers(foreign, module):
    """One worker refuses, the other has not heard of it."""
    client = foreign(module, "--fault", "logout-one-worker")
    tokens = client.login()
    client.logout(tokens)

    statuses = [client.refresh(tokens.refresh).status for _ in range(2)]
    assert statuses[0] in {400, client.refused}
    assert statuses[1] == 200


@pytest.mark.slow
def test_reuse_in_the_other_worker(foreign):
    """Each of two workers takes the token once."""
    client = foreign("flask_shop", "--fault", "reuse-one-worker")
    tokens = client.login()

    assert [client.refresh(tokens.refresh).status for _ in range(4)] == [200, 200, 403, 403]


@pytest.mark.slow
def test_expires_in_that_lies(foreign):
    """The answer says a quarter of an hour, the token two hours."""
    tokens = foreign("stdlib_opaque", "--fault", "expires-in-lies").login()

    assert tokens.data["expires_in"] == 900
    assert lives(tokens.access) > 7000


# -- conforming in another way -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_reuse_ends_the_session(foreign):
    """The newest token of the session is dead too; another session goes on."""
    client = foreign("flask_shop", "--reuse-ends-session")
    first, other = client.login(), client.login()
    second = client.refresh(first.refresh)
    client.refresh(first.refresh)

    assert client.refresh(second.refresh).status == 403
    assert client.refresh(other.refresh).status == 200


@pytest.mark.slow
def test_reuse_ends_every_session(foreign):
    """The account is signed out everywhere, and can sign in again."""
    client = foreign("flask_shop", "--reuse-ends-account")
    first, other = client.login(), client.login()
    client.refresh(first.refresh)
    client.refresh(first.refresh)

    assert client.refresh(other.refresh).status == 403
    assert client.refresh(client.login().refresh).status == 200


@pytest.mark.slow
def test_one_session_an_account(foreign):
    """A login ends the session before."""
    client = foreign("flask_shop", "--one-session")
    first, second = client.login(), client.login()

    assert client.refresh(first.refresh).status == 403
    assert client.refresh(second.refresh).status == 200


@pytest.mark.slow
def test_other_manners_of_the_shop(foreign):
    """No Date; a redirecting logout; a DELETE that takes no body."""
    assert foreign("flask_shop", "--no-date").login().date == ""
    client = foreign("flask_shop", "--logout-redirects")
    assert client.logout(client.login()) == 302
    client = foreign("flask_shop", "--strict-delete")
    tokens = client.login()
    headers = {"Authorization": f"JWT {tokens.access}"}
    assert client.send("DELETE", "/v2/session", headers=headers, json={"refresh": tokens.refresh}).status_code == 400
    assert client.logout(tokens) == 204


@pytest.mark.slow
def test_a_cookie_session_beside_the_token(foreign):
    """With the login's cookie a garbage token is let in: the trap for whoever keeps cookies."""
    client = foreign("flask_shop", "--cookie-session")
    form = {"user": client.service.username, "pass": client.service.password}
    cookie = client.send("POST", "/v2/session", data=form).headers["set-cookie"].partition(";")[0]

    headers = {"Authorization": "JWT garbage", "Cookie": cookie}
    assert client.send("GET", "/v2/profile", headers=headers).status_code == 200
    assert client.me("garbage") == 403


@pytest.mark.parametrize("module", CLIENTS)
def test_every_fault_has_expected_verdicts(module):
    """Each expectation of a fault but the opaque ones holds a violation, and conforming ones hold none."""
    expected = importlib.import_module(f"tests.foreign.{module}").EXPECTED

    for key, verdicts in expected.items():
        conforming = key is None or key.startswith("--") or (module == "stdlib_opaque" and "refresh-" in key[:8])
        assert ("violated" in verdicts.values()) is not conforming, key
