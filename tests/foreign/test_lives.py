"""Enforced lifetimes, revocation, restarts and replicas on a service that nobody here wrote the checks for."""

import json
import subprocess
import sys

import pytest

from tests.foreign import keyed
from tests.foreign.launch import start

JUDGE = """
import json, sys
from pathlib import Path
from stackproof.harness import reference_specification
from stackproof.run import Suites, run_suites
wanted = json.loads(sys.argv[1])
suites = Suites(Path(wanted["descriptor"]), reference_specification(), checks=tuple(wanted["checks"]),
                allow_writes=True, patience=wanted["patience"], budget=90.0, workers=0)
print(json.dumps([[one.check.partition("::")[2], one.requirement, one.verdict, one.reason]
                  for one in run_suites(suites).results]))
"""


def judge(*flags, checks, patience=0):
    """Verdicts and reasons of some checks on the service, by function and requirement."""
    with start("keyed", *flags) as service:
        wanted = {"descriptor": str(service.descriptor), "checks": checks, "patience": patience}
        done = subprocess.run(
            [sys.executable, "-c", JUDGE, json.dumps(wanted)],
            cwd=service.folder,
            env={**service.environment, "KEYED_KEY": keyed.KEY},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return {
        f"{name} {requirement}": (verdict, reason) for name, requirement, verdict, reason in json.loads(done.stdout)
    }


FORGED = ["jwt/enforcement::forged_*"]
INSTANCES = ["jwt/replicas::*", "jwt/blacklist::revoked_*"]
CLAIMS = ["jwt/lifetime::*_of_a_login_*"]
CASES = {
    # what the key shows
    (): (FORGED, {"forged_access": "satisfied", "forged_refresh": "satisfied"}, ""),
    ("--expiry-ignored",): (FORGED, {"forged_access": "violated", "forged_refresh": "violated"}, "past the end"),
    ("--outstanding",): (FORGED, {"forged_access": "satisfied", "forged_refresh": "not-assessed"}, "did not issue"),
    ("--floor",): (FORGED, {"forged_access": "not-assessed", "forged_refresh": "not-assessed"}, "before the end"),
    # what restarts and other instances show
    ("--forgets",): (INSTANCES, {"revoked_refresh_token_stays": "violated", "used_refresh": "satisfied"}, "restart"),
    ("--apart",): (INSTANCES, {"revoked_refresh_token_is": "violated", "used_refresh": "violated"}, "answered 200"),
    ("--stranger",): (INSTANCES, {"revoked_refresh_token_is": "not-assessed", "used_": "not-assessed"}, "same service"),
    ("--access-seconds", "899"): (INSTANCES, {"revoked_": "satisfied", "used_": "satisfied"}, ""),
    # what claims tell, and what they do not
    ("--milliseconds",): (CLAIMS, {"access_": "not-assessed", "refresh_": "not-assessed"}, "milliseconds"),
    ("--text",): (CLAIMS, {"access_": "not-assessed", "refresh_": "not-assessed"}, "no number"),
    ("--sliding",): (CLAIMS, {"access_": "satisfied", "refresh_": "not-assessed"}, "sliding"),
    ("--skew",): (CLAIMS, {"access_": "satisfied", "refresh_": "satisfied"}, ""),
}


LONG_TAIL = {("--floor",), ("--stranger",), ("--access-seconds", "899"), ("--text",), ("--sliding",)}


def cases():
    """Every case; those of the long tail are not in the default run."""
    for flags in CASES:
        marks = [pytest.mark.exhaustive] if flags in LONG_TAIL else []
        yield pytest.param(flags, id=" ".join(flags) or "conforming", marks=marks)


@pytest.mark.slow
@pytest.mark.parametrize("flags", cases())
def test_verdicts(flags):
    """Each check comes to what the service deserves, and says why."""
    checks, expected, said = CASES[flags]
    seen = judge(*flags, checks=checks)

    for start_of_name, verdict in expected.items():
        found = {name: one for name, one in seen.items() if name.startswith(start_of_name)}
        assert found, (start_of_name, seen)
        assert {one[0] for one in found.values()} == {verdict}, found
    decided = [reason for _, (verdict, reason) in seen.items() if verdict != "satisfied"]
    assert not said or any(said in one for one in decided), seen


@pytest.mark.exhaustive
def test_grace_is_told_with_its_length_and_gives_one_pair():
    """A repetition that is answered with the first pair: reuse is violated for some seconds, a burst gives one pair."""
    checks = ["jwt/rotation::used_*", "jwt/concurrency::*"]
    seen = judge("--same-again", checks=checks)

    verdict, reason = seen["used_refresh_token_is_refused jwt.rotation"]
    assert verdict == "violated"
    assert "the same tokens once more" in reason
    assert "accepted 5 s after its use and refused after 11 s: a grace period" in reason
    assert seen["simultaneous_uses_give_exactly_one_pair jwt.rotation"][0] != "violated"


@pytest.mark.slow
def test_sequences():
    """The model raises no alarm here, and tells the sequence where used tokens are answered once more."""
    quiet = judge(checks=["jwt/life::refresh_tokens_keep_to_their_model"])
    assert {one[0] for one in quiet.values()} == {"satisfied"}, quiet

    seen = judge("--same-again", checks=["jwt/life::*"])
    verdict, reason = seen["refresh_tokens_keep_to_their_model jwt.rotation"]
    assert verdict == "violated"
    assert "1. login -> a; 2. refresh a -> b; 3. refresh a again: answered 200. Shortest of" in reason
