"""The check of the minimum TLS version, on what a survey may have seen."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.expect import Expect
from stackproof.harness import harness_root
from stackproof.registry import _import
from stackproof.spec.model import Choice
from stackproof.tls import TlsSurvey, TlsVersion, VersionOutcome, VersionState, probe

# Under pytest's importlib mode another test's folder is not on the path; the module's name is unique.
sys.path.insert(0, str(Path(__file__).parents[1] / "tls"))

from tls_servers import authority, reset, serve, serve_tls

__all__ = ["authority", "serve", "serve_tls"]

OFFERED, ALERT, EOF = VersionState.OFFERED, VersionState.REFUSED_BY_ALERT, VersionState.REFUSED_BY_EOF
UNKNOWN, NO_TLS = VersionState.NOT_KNOWN, VersionState.NO_TLS
NAME = "tls/minimum::redis_refuses_versions_below_the_minimum"


def of_redis(cache, broker=""):
    """A descriptor with these URLs of the roles."""
    roles = {role: {"url": url} for role, url in (("cache", cache), ("broker", broker)) if url}
    return parse_descriptor({"target": {"base_url": "https://127.0.0.1"}, "redis": roles}, Path(__file__))


@pytest.fixture
def judged(check, monkeypatch):
    """The check of the broker's Redis on a survey with these states, TLS 1.0 first."""

    def run(*states, specification=None):
        outcomes = tuple(
            VersionOutcome(version, state, "because") for version, state in zip(TlsVersion, states, strict=True)
        )
        survey = TlsSurvey("127.0.0.1", 6379, "", "none", "127.0.0.1", outcomes, None, None, "", 0.1)
        module = _import(harness_root() / "suites" / "tls" / "minimum.py")
        monkeypatch.setattr(module, "survey_of", lambda *_: survey)
        more = {"specification": specification} if specification else {}
        return check(NAME, "tls.minimum-version", descriptor=of_redis("rediss://127.0.0.1"), **more)

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


def test_a_redis_without_tls_is_left_to_the_clause_on_redis(check, edition, monkeypatch, judged):
    """That one asks for TLS on a condition; where it asks for it always, or says nothing, the general one stands."""
    assert judged(ALERT, ALERT, OFFERED, OFFERED)
    both = of_redis("rediss://127.0.0.1", "redis://127.0.0.1:6380")
    for urls in (both, of_redis("redis://127.0.0.1")):
        with pytest.raises(NotAssessed, match=r"redis\.\w+: reached without TLS, .* tls\.redis judges that"):
            check(NAME, "tls.minimum-version", descriptor=urls)
    always = edition(("- Redis: TLS in production if the network is not trusted", "- Redis: TLS in production"))
    silent = edition(("- Redis: TLS in production if the network is not trusted\n", ""))
    for one in (always, silent):
        with pytest.raises(Violation, match=r"redis\.broker: reached without TLS"):
            check(NAME, "tls.minimum-version", descriptor=both, specification=one)


# On real endpoints

SERVICE = "tls/minimum::service_refuses_versions_below_the_minimum"


@pytest.fixture
def service(check, authority):
    """The check of the service's HTTP endpoints, on a base URL and other parts of a descriptor."""

    def run(base_url, *, ca=True, login="/login", **more):
        auth = {"login": {"path": login}, "protected": {"path": "/me"}}
        target = {"base_url": base_url} | ({"ca": authority.file} if ca else {})
        descriptor = parse_descriptor({"target": target, "auth": auth, **more}, Path(__file__))
        return check(SERVICE, "tls.minimum-version", descriptor=descriptor)

    return run


def test_an_endpoint_that_still_speaks_tls_1_0_is_violated(service, serve_tls):
    """Every version from 1.0 on is offered, and told."""
    with pytest.raises(Violation, match=r"offers 1\.0, 1\.1, 1\.2, 1\.3"):
        service(f"https://127.0.0.1:{serve_tls('1.0', '1.3')}")


def test_an_endpoint_that_speaks_nothing_newer_is_violated(service, serve_tls):
    """TLS 1.1 alone is below the minimum."""
    with pytest.raises(Violation, match=r"offers 1\.1$"):
        service(f"https://127.0.0.1:{serve_tls('1.1', '1.1')}")


def test_a_plain_url_is_violated(service, serve_tls):
    """Of the service, or of an operation that lives elsewhere."""
    good = f"https://127.0.0.1:{serve_tls()}"
    with pytest.raises(Violation, match="no TLS"):
        service(good.replace("https", "http"))
    with pytest.raises(Violation, match=r"http://accounts\.example\.com: it speaks no TLS"):
        service(good, login="http://accounts.example.com/login")


def test_an_endpoint_that_answers_in_plain_http_is_violated(service, serve):
    """Whatever the URL's scheme is."""

    def talk(connection):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with pytest.raises(Violation, match="answers without TLS"):
        service(f"https://127.0.0.1:{serve(talk)}")


def test_an_operation_on_another_host_is_looked_at_too(service, serve_tls):
    """What is wrong there counts although the service itself was not reached."""
    old = f"https://127.0.0.1:{serve_tls('1.0', '1.3')}/login"
    for base_url in (f"https://127.0.0.1:{serve_tls()}", "https://127.0.0.1:1"):
        with pytest.raises(Violation, match=r"offers 1\.0"):
            service(base_url, login=old)


def test_an_endpoint_that_nobody_reaches_is_not_assessed(service, serve_tls):
    """A refused connection is no refused version, also where the other endpoint is fine."""
    for login in ("/login", f"https://127.0.0.1:{serve_tls()}/login"):
        with pytest.raises(NotAssessed, match=r"TLS 1\.0 at 127\.0\.0\.1:1: the TCP connection was refused"):
            service("https://127.0.0.1:1", login=login)


def test_an_endpoint_that_resets_every_hello_is_not_assessed(service, serve):
    """A reset is no refusal."""

    def talk(connection):
        connection.recv(4096)
        reset(connection)

    with pytest.raises(NotAssessed, match="reset"):
        service(f"https://127.0.0.1:{serve(talk)}")


def test_new_versions_alone_are_satisfied_whatever_the_certificate(service, serve_tls):
    """An untrusted or misnamed certificate is not this clause's matter; the clock's instance is not the service."""
    clock = {"clock": {"base_url": f"https://127.0.0.1:{serve_tls('1.0', '1.3')}", "offset_file": "offset"}}
    good = f"https://127.0.0.1:{serve_tls()}"
    assert "offers TLS 1.2, 1.3 and refuses 1.0, 1.1" in service(good, **clock)
    assert service(good, ca=False)
    assert service(f"https://127.0.0.1:{serve_tls(names=('elsewhere.example',))}")


def test_what_is_wrong_with_a_certificate_is_noted(serve_tls, authority):
    """In OpenSSL's words, beside the survey itself."""
    module = _import(harness_root() / "suites" / "tls" / "minimum.py")
    survey = probe("127.0.0.1", serve_tls(names=("elsewhere.example",)), ca_file=authority.file)
    recorder = Recorder(Redactor())
    module.judge([survey], recorder, Expect(recorder), SimpleNamespace(value=Choice(("1.2",))))

    kinds = {one.kind: one for one in recorder.records}
    assert "mismatch" in kinds["note"].title
    assert kinds["handshake"].detail["versions"]["1.0"]["state"] == ALERT


def test_redis_of_either_role_is_looked_at(check, serve_tls):
    """Old TLS at one role is violated whatever the other is: good, plain, missing or down; a plain one is no look."""
    good, old = (f"rediss://127.0.0.1:{port}" for port in (serve_tls(), serve_tls("1.0", "1.2")))
    plain, down = "redis://127.0.0.1:1", "rediss://127.0.0.1:1"
    for urls in ((old, good), (good, old), (old, plain), ("", old), (down, old)):
        with pytest.raises(Violation, match=r"offers 1\.0"):
            check(NAME, "tls.minimum-version", descriptor=of_redis(*urls))
    for urls in ((plain, plain), (plain, good)):
        with pytest.raises(NotAssessed, match=r"redis\.cache.*: reached without TLS"):
            check(NAME, "tls.minimum-version", descriptor=of_redis(*urls))
    with pytest.raises(NotAssessed, match="refused"):
        check(NAME, "tls.minimum-version", descriptor=of_redis(good, down))
    assert check(NAME, "tls.minimum-version", descriptor=of_redis(good, good))
