"""The checks that wait for a token's end, on a service whose tokens live for seconds."""

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import read_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.harness import harness_root
from stackproof.registry import _import
from stackproof.target.http import HttpClient
from stackproof.target.session import Session
from stackproof.tokens.waiting import Waiting
from tests.foreign.launch import start

ACCESS = ("jwt/enforcement::kept_access_token_is_refused_after_its_lifetime", "jwt.access-token-lifetime")
REFRESH = ("jwt/enforcement::kept_refresh_token_is_refused_after_its_lifetime", "jwt.refresh-token-lifetime")
SHORT = ("--access-seconds", "4", "--refresh-seconds", "4")


@pytest.fixture
def judged(check, monkeypatch):
    """Run a waiting check on the service; a leeway counts for two seconds here."""
    monkeypatch.setattr(_import(harness_root() / "suites" / "jwt" / "enforcement.py"), "LEEWAY", 2.0)

    def run(which, *flags, patience=30.0, budget=60.0):
        with start("keyed", *flags) as service:
            for name in ("STACKPROOF_USERNAME", "STACKPROOF_PASSWORD"):
                monkeypatch.setenv(name, service.environment[name])
            descriptor = read_descriptor(service.descriptor)
            redactor = Redactor()
            http = HttpClient(descriptor, redactor)
            session = Session(descriptor, http, Recorder(redactor), redactor, service.base_url)
            try:
                return check(*which, session=session, wait=Waiting(patience, lambda: budget))
            finally:
                http.close()

    return run


@pytest.mark.slow
@pytest.mark.parametrize("which", [ACCESS, REFRESH])
def test_an_end_that_is_kept_to_is_seen(judged, which):
    """Accepted before its own end and refused after it."""
    assert "waited for" in judged(which, *SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("which", [ACCESS, REFRESH])
def test_an_end_that_is_not_kept_to_is_a_violation(judged, which):
    """Tokens that are taken whatever their exp says are noticed."""
    with pytest.raises(Violation, match="past the end"):
        judged(which, *SHORT, "--expiry-ignored")


@pytest.mark.slow
def test_what_cannot_be_waited_for_is_not_assessed(judged):
    """Without patience, with too little of it, or with a budget that ends before: the reason says what is needed."""
    with pytest.raises(NotAssessed, match="--patience"):
        judged(ACCESS, patience=0)
    with pytest.raises(NotAssessed, match=r"the end of the access token is 91\d s away; --patience 91\d"):
        judged(ACCESS, patience=600)
    with pytest.raises(NotAssessed, match="--budget"):
        judged(ACCESS, patience=1_000, budget=60)
