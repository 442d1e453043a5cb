"""The check of the minimum TLS version, on what a survey may have seen."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.harness import harness_root
from stackproof.registry import _import
from stackproof.tls import TlsSurvey, TlsVersion, VersionOutcome, VersionState

OFFERED, ALERT, EOF = VersionState.OFFERED, VersionState.REFUSED_BY_ALERT, VersionState.REFUSED_BY_EOF
UNKNOWN, NO_TLS = VersionState.NOT_KNOWN, VersionState.NO_TLS
NAME = "tls/minimum::redis_refuses_versions_below_the_minimum"


@pytest.fixture
def judged(check, monkeypatch):
    """The check of the broker's Redis on a survey with these states, TLS 1.0 first."""

    def run(*states, specification=None):
        outcomes = tuple(
            VersionOutcome(version, state, "because") for version, state in zip(TlsVersion, states, strict=True)
        )
        survey = TlsSurvey("127.0.0.1", 6379, "", "none", "127.0.0.1", outcomes, None, None, "", 0.1)
        module = _import(harness_root() / "suites" / "tls" / "minimum.py")
        monkeypatch.setattr(module, "probe_tls", lambda *_, **__: survey)
        server = SimpleNamespace(tls=True, host_and_port=("127.0.0.1", 6379), ca_file=None)
        more = {"specification": specification} if specification else {}
        return check(NAME, "tls.minimum-version", redis_cache=server, redis_broker=server, **more)

    return run


@pytest.mark.parametrize("old", [(OFFERED, OFFERED), (ALERT, OFFERED), (UNKNOWN, OFFERED)])
def test_an_old_version_that_is_offered_is_violated(judged, old):
    """Whatever else could not be seen."""
    with pytest.raises(Violation):
        judged(*old, OFFERED, OFFERED)


def test_an_endpoint_without_tls_is_violated(judged):
    """It answers, and not in TLS."""
    with pytest.raises(Violation, match="without TLS"):
        judged(NO_TLS, NO_TLS, NO_TLS, NO_TLS)


@pytest.mark.parametrize("states", [(UNKNOWN, ALERT, OFFERED, OFFERED), (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)])
def test_an_old_version_that_nobody_could_ask_for_is_not_assessed(judged, states):
    """A prober that cannot speak TLS 1.0, a time-out, a reset: none of them is a refusal."""
    with pytest.raises(NotAssessed, match="because"):
        judged(*states)


def test_an_endpoint_that_refuses_everything_is_not_assessed(judged):
    """Its refusals tell nothing of its minimum."""
    with pytest.raises(NotAssessed, match="no version at all"):
        judged(ALERT, ALERT, ALERT, ALERT)


@pytest.mark.parametrize("states", [(ALERT, ALERT, OFFERED, OFFERED), (EOF, EOF, ALERT, OFFERED)])
def test_refused_old_and_offered_new_is_satisfied(judged, states):
    """By an alert or by an end of file that the prober vouches for."""
    assert "refuses 1.0, 1.1" in judged(*states)


def test_the_minimum_comes_from_the_document(judged, edition):
    """An edition with TLS 1.3 is violated by an endpoint with 1.2."""
    strict = edition(("Minimum TLS 1.2", "Minimum TLS 1.3"))
    with pytest.raises(Violation):
        judged(ALERT, ALERT, OFFERED, OFFERED, specification=strict)
    assert judged(ALERT, ALERT, ALERT, OFFERED, specification=strict)
