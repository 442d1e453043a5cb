"""The verdicts on accounts that end, and on what a refused login tells, on a service without Django."""

import json
import urllib.error
import urllib.request

import pytest

from tests.foreign.clinic import FAULTS
from tests.foreign.launch import start
from tests.foreign.test_verdicts import judge

pytestmark = pytest.mark.slow

TIMING = "password.login-timing"
ONLY = "accounts.*,password.login-answer"
TRIES = 4


def verdicts(tmp_path, *flags, only=ONLY):
    """{requirement: (verdict, reason)} of the clinic with those flags, and whether its own account still signs in."""
    with start("clinic", *flags) as service:
        done = judge(service, tmp_path, "--only", only, "--json")
        body = json.dumps({"login": service.username, "secret": service.password}).encode()
        try:
            with urllib.request.urlopen(f"{service.base_url}/in", body, timeout=20) as answer:
                fine = answer.status == 200
        except urllib.error.HTTPError:
            fine = False
        secrets = [service.password]
    assert "Traceback" not in done.stderr, done.stderr
    assert not any(secret in done.stdout for secret in secrets)
    found = {one["id"]: (one["verdict"], one["reason"]) for one in json.loads(done.stdout)["derived"]}
    asked = {name: told for name, told in found.items() if "not asked for" not in told[1]}
    return {name: asked[name] for name in FAULTS.values() if name in asked}, fine


def assert_all(seen, expected):
    """Every requirement has that verdict; the reasons of the others are shown."""
    assert {name: told for name, told in seen.items() if told[0] != expected} == {}
    assert seen


@pytest.mark.parametrize(
    "flags", [("--refuse", "403"), ("--refuse", "400", "--cookies")], ids=["403", "400-in-cookies"]
)
def test_a_conforming_service_is_satisfied(flags, tmp_path):
    """Whatever a refusal looks like and wherever tokens travel."""
    seen, fine = verdicts(tmp_path, *flags)

    assert_all(seen, "satisfied")
    assert len(seen) == len(FAULTS) - 1
    assert fine


def test_every_fault_is_noticed(tmp_path):
    """All of them at once, but for the server error that hides the accepted token."""
    apart = {"deleted-breaks", "quick-unknown"}
    given = [word for name in FAULTS if name not in apart for word in ("--fault", name)]
    seen, _ = verdicts(tmp_path, *given)

    assert seen.pop("accounts.deleted-refresh-handled")[0] == "satisfied"
    assert_all(seen, "violated")


@pytest.mark.parametrize(("flags", "deserved"), [((), "satisfied"), (("--fault", "quick-unknown"), "violated")])
def test_how_long_a_refused_login_takes(flags, deserved, tmp_path):
    """Never judged wrong; on a machine as busy as a test run the noise may be too much, and then it is asked again."""
    for _ in range(TRIES):
        seen, _ = verdicts(tmp_path, *flags, only=TIMING)
        verdict, reason = seen[TIMING]
        if verdict != "not-assessed":
            break
        assert "too much noise" in reason

    assert verdict == deserved


def test_a_server_error_is_no_refusal(tmp_path):
    """It is a finding of its own, and the refusal is not assessed; nobody promised anything of password changes."""
    seen, _ = verdicts(tmp_path, "--fault", "deleted-breaks", "--no-promise", only="accounts.*")

    assert seen["accounts.deleted-refresh-handled"][0] == "violated"
    assert seen["accounts.deleted-refresh-refused"][0] == "not-assessed"
    assert seen["accounts.password-change-access"][0] == "not-applicable"
    assert seen["accounts.deactivated-access-refused"][0] == "satisfied"


def test_a_count_that_never_goes_back_ends_the_timing(tmp_path):
    """The service locks an account for good after five wrong passwords: not assessed, and on an account of ours."""
    seen, fine = verdicts(tmp_path, "--lock", "5", only=TIMING)

    verdict, reason = seen[TIMING]
    assert verdict == "not-assessed"
    assert "lock" in reason
    assert fine, "the account of the descriptor was not touched"


def test_without_a_desk_the_reason_names_the_account(tmp_path):
    """The team's own account may be locked then: they are told which, and what would have spared it."""
    seen, fine = verdicts(tmp_path, "--lock", "5", "--no-desk", only=TIMING)

    verdict, reason = seen[TIMING]
    assert verdict == "not-assessed"
    assert "rider@example.com" in reason
    assert "unlock" in reason
    assert not fine


def test_a_count_that_goes_back_is_never_reached(tmp_path):
    """The right password comes after two wrong ones at most, so that a lock after three spares the team's account."""
    seen, fine = verdicts(tmp_path, "--lock", "3", "--forgives", "--no-desk", only="password.login-*")

    assert_all(seen, "satisfied")
    assert fine


@pytest.mark.exhaustive
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"quick-unknown"}))
def test_each_fault_alone(fault, tmp_path):
    """Its requirement is violated, and no other one but for what the same answer decides."""
    seen, _ = verdicts(tmp_path, "--fault", fault)

    assert seen.pop(FAULTS[fault])[0] == "violated"
    if fault == "deleted-breaks":
        assert seen.pop("accounts.deleted-refresh-refused")[0] == "not-assessed"
    assert_all(seen, "satisfied")
