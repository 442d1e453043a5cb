"""Tokens that must be refused, on a service of somebody else: each mistake is seen, and no other."""

import inspect
import re
import tomllib
from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, View, Violation, not_assessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.expect import Expect
from stackproof.harness import harness_root, reference_specification
from stackproof.registry import _import, load_checks
from stackproof.spec import read
from stackproof.target.http import HttpClient
from stackproof.target.replies import Tokens
from stackproof.target.session import Session
from stackproof.tokens import claims
from stackproof.tokens.forge import Forger, parts_of
from tests.foreign.forgeable import DEAF, MODES, PASSWORD, USER, descriptor, served

SPECIFICATION = read(reference_specification())
FILES = ("jwt/signature", "jwt/keys", "jwt/kinds", "jwt/claims", "jwt/robustness", "jwt/carriage")
MODULES = {one: _import(harness_root() / "suites" / f"{one}.py") for one in FILES}
CHECKS = [one for one in load_checks() if one.id.partition("::")[0] in FILES]
DERIVED = sorted({one.id for one in SPECIFICATION.derived for check in CHECKS if check.check.selects(one)})

KEYED = claims.CHANGES

#: fault -> (mode, requirements that it violates)
FAULTS = {
    "no-signature": (
        "bearer",
        "signature-verified alg-none-refused changed-token-refused key-not-from-token oversized-refused",
    ),
    "alg-none": ("bearer", "alg-none-refused"),
    "alg-None-only": ("bearer", "alg-none-refused"),
    "no-alg": ("bearer", "alg-none-refused"),
    "unsigned-when-empty": ("bearer", "signature-verified alg-none-refused"),
    "confusion": ("rs256", "algorithm-confusion-refused"),
    "confusion-pkcs1": ("rs256", "algorithm-confusion-refused"),
    "confusion-jwk": ("es256", "algorithm-confusion-refused"),
    "confusion-set": ("es256", "algorithm-confusion-refused"),
    "confusion-unpublished": ("unpublished", "algorithm-confusion-refused"),
    "small-rsa": ("rs256", "public-key-length"),
    "kid-file": ("bearer", "key-not-from-token"),
    "kid-sql": ("bearer", "key-not-from-token"),
    "empty-key": ("bearer", "key-not-from-token"),
    "jwk": ("bearer", "key-not-from-token"),
    "jku": ("bearer", "key-not-from-token"),
    "jku-fetched": ("bearer", "key-not-from-token"),
    "secret-changeme": ("bearer", "secret-not-guessable hmac-key-length"),
    "secret-own-name": ("bearer", "secret-not-guessable hmac-key-length"),
    "secret-short": ("bearer", "hmac-key-length"),
    "refresh-as-access": ("bearer", "kinds-apart"),
    "access-as-refresh": ("bearer", "kinds-apart"),
    "leeway": ("bearer", "expiry-checked not-before-checked"),
    "late-refresh": ("two-keys", "expiry-checked"),
    "refresh-secret-short": ("two-keys", "hmac-key-length"),
    "no-exp": ("bearer", "expiry-required"),
    "no-nbf": ("bearer", "not-before-checked"),
    "no-jti": ("bearer", "id-required"),
    "no-type": ("bearer", "type-required"),
    "no-sub": ("bearer", "subject-required"),
    "any-issuer": ("bearer", "issuer-checked"),
    "any-audience": ("bearer", "audience-checked"),
    "any-media-type": ("oauth", "media-type-checked"),
    "id-token": ("oauth", "id-token-refused"),
    "private-keys": ("es256", "private-key-unpublished"),
    "ends-by-jti": ("sessions", "id-required"),
    "no-jti-of-refresh": ("oauth", "id-required"),
    "unhandled": ("bearer", "unhandled-input"),
    "unhandled-claims": ("bearer", "unhandled-input"),
    "hangs-up-claims": ("bearer", "unhandled-input"),
    "unhandled-missing": ("bearer", "unhandled-input"),
    "oversized": ("bearer", "oversized-refused unhandled-input"),
    "query": ("bearer", "query-carriage"),
    "form": ("bearer", "foreign-carriage"),
    "foreign-cookie": ("bearer", "foreign-carriage"),
    "empty": ("bearer", "token-demanded"),
    "any-token": ("bearer", "changed-token-refused token-demanded"),
    "bare-cookie": ("cookie", "cookie-flags"),
    "opaque-prefix": ("opaque", "changed-token-refused oversized-refused"),
}
#: what the ordinary run of the tests looks at; the others are marked exhaustive
QUICK = set(
    "no-signature confusion kid-sql jku-fetched secret-own-name no-jti unhandled-claims query bare-cookie".split()
)
QUICK |= {
    "unhandled-missing",
    "bearer",
    "cookie",
    "opaque",
    "graphql",
    "two-keys",
    "late-refresh",
    "strict",
    "accept-all",
    "refuse-all",
    "ban",
}


def some(names):
    """Every name, those that are not quick marked."""
    return [pytest.param(one, marks=[] if one in QUICK else [pytest.mark.exhaustive]) for one in names]


@pytest.fixture
def judged(tmp_path, monkeypatch):
    """Judge a service in a mode, with a fault; gives {requirement: {check: (verdict, reason)}} and all evidence."""

    def run(mode="bearer", fault="", *, key=True, only=DERIVED, public=False):
        monkeypatch.setenv("STACKPROOF_USERNAME", USER)
        monkeypatch.setenv("STACKPROOF_PASSWORD", PASSWORD)
        with served(mode, fault) as (url, office):
            (tmp_path / "signing.key").write_text(office.key_text, encoding="utf-8")
            if mode == "two-keys":
                (tmp_path / "refreshing.key").write_text(office.refreshing, encoding="utf-8")
            data = tomllib.loads(descriptor(url, tmp_path, mode, key=key))
            if public:
                (tmp_path / "public.pem").write_bytes(office.public_pem)
                data["auth"]["public_key"] = "public.pem"
            target = parse_descriptor(data, tmp_path / "stackproof.toml")
            redactor = Redactor()
            http = HttpClient(target, redactor)
            results, recorder = {}, Recorder(redactor)
            for one in CHECKS:
                for requirement in SPECIFICATION.derived:
                    if one.check.selects(requirement) and requirement.id in only:
                        outcome = verdict_of(one, requirement, target, http, redactor, recorder)
                        results.setdefault(requirement.id.removeprefix("jwt."), {})[one.id] = outcome
            http.close()
        return results, recorder, office

    return run


def verdict_of(registered, requirement, target, http, redactor, kept):
    """What one check ends in, as the plugin has it."""
    recorder = Recorder(redactor)
    expect = Expect(recorder)
    path, _, name = registered.id.partition("::")
    function = getattr(MODULES[path], name)
    try:
        if View.KEY in registered.check.needs and target.auth.signing_key is None:
            not_assessed("no key")
        given = SimpleNamespace(requirement=requirement, expect=expect, descriptor=target)
        names = inspect.signature(function).parameters
        views = {"forger": lambda: Forger(target.auth, redactor)}
        given.request = SimpleNamespace(getfixturevalue=lambda name: views[name]())
        if "session" in names:
            given.session = Session(target, http, recorder, redactor, target.target.base_url)
        if "forger" in names:
            given.forger = Forger(target.auth, redactor)
        function(**{one: getattr(given, one) for one in names})
    except Violation as error:
        assert recorder.records, registered.id
        return "violated", str(error)
    except NotAssessed as error:
        return "not-assessed", str(error)
    except NotApplicable as error:
        return "not-applicable", str(error)
    finally:
        for record in recorder.records[:100]:
            kept.add(record.kind, record.title, **record.detail)
    assert recorder.records, registered.id
    return "satisfied", expect.conclusion


def of(results):
    """{requirement: verdict}, as the checks of a requirement add up."""
    supplementary = {one.id for one in CHECKS if one.check.supplementary}
    folded = {}
    for name, checks in results.items():
        violated = any(verdict == "violated" for verdict, _ in checks.values())
        primary = [verdict for check, (verdict, _) in checks.items() if check not in supplementary]
        order = ("violated", "not-assessed", "satisfied", "not-applicable")
        folded[name] = "violated" if violated else min(primary, key=order.index)
    return folded


def told(results):
    """Verdicts and reasons, for a message."""
    return "\n".join(f"{name}: {check}: {pair}" for name, checks in results.items() for check, pair in checks.items())


@pytest.mark.slow
@pytest.mark.parametrize("fault", some(FAULTS))
def test_each_mistake_is_seen_and_no_other(judged, fault):
    """The requirements that a service breaks are violated, and none besides."""
    mode, broken = FAULTS[fault]
    results, _, _ = judged(mode, fault)

    verdicts = of(results)
    assert {name for name, verdict in verdicts.items() if verdict == "violated"} == set(broken.split()), told(results)


@pytest.mark.slow
@pytest.mark.parametrize("mode", some(MODES))
def test_conforming_services_are_quiet(judged, mode):
    """No requirement is violated on a service that conforms, and what applies to it is satisfied."""
    results, _, _ = judged(mode)

    verdicts = of(results)
    assert set(verdicts.values()) <= {"satisfied", "not-applicable", "not-assessed"}, told(results)
    opaque = {"changed-token-refused", "kinds-apart", "unhandled-input", "query-carriage", "oversized-refused"}
    wanted = opaque if mode == "opaque" else opaque | {"signature-verified", "alg-none-refused", "key-not-from-token"}
    assert {verdicts[name] for name in wanted} == {"satisfied"}, told(results)


@pytest.mark.slow
@pytest.mark.parametrize("mode", some(DEAF))
def test_nothing_is_said_of_a_service_that_tells_nothing_apart(judged, mode):
    """A service that accepts everything, refuses everything, or stops listening is neither right nor wrong."""
    results, _, _ = judged(mode)

    verdicts = of(results)
    cookies = {"cookie-flags", "cookie-secure"}
    if mode == "ban":  # it bans after the third bad token, and this question sends none
        del verdicts["token-demanded"]
    if mode == "garbage-500":  # that is no refusal, and one thing can be said of it
        assert verdicts.pop("unhandled-input") == "violated", told(results)
    said = {name for name, verdict in verdicts.items() if verdict in {"satisfied", "violated"}}
    assert not said, told(results)
    assert {verdicts[name] for name in set(verdicts) - cookies} <= {"not-assessed"}, told(results)


@pytest.mark.slow
def test_without_the_key_only_what_needs_it_is_left_out(judged):
    """What is asked without the key is decided as before, and what asks for the key says so."""
    results, _, _ = judged(key=False)

    verdicts = of(results)
    left_out = {name for name, verdict in verdicts.items() if verdict == "not-assessed"}
    assert left_out == {"hmac-key-length", *(one.removeprefix("jwt.") for one in KEYED)}, told(results)


def test_a_key_pair_is_nothing_to_ask_for(judged):
    """Of a service that signs with a private key nobody has to give a secret: there is none."""
    results, _, _ = judged("rs256", key=False, only=("jwt.hmac-key-length",))

    assert of(results) == {"hmac-key-length": "not-applicable"}, told(results)


def test_an_opaque_refresh_token_needs_no_type():
    """It is told from a JWT by its shape."""
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwidHlwIjoiYWNjZXNzIn0.c2lnbmF0dXJl"

    with pytest.raises(NotApplicable, match="opaque"):
        claims.without_type(parts_of(token), Tokens(token, "an-opaque-refresh-token", None), 0)


def test_a_token_without_id_may_end_with_its_session(judged):
    """What revokes it then is the session that it names."""
    results, _, _ = judged("sessions", only=("jwt.id-required",))

    access = results["id-required"]["jwt/claims::access_token_with_wrong_claims_is_refused"]
    assert access[0] == "satisfied", access
    assert "after the logout of its session" in access[1]


@pytest.mark.parametrize(("public", "word"), [(False, "not-assessed"), (True, "not-applicable")])
def test_a_key_that_is_named_as_a_file_is_published_nowhere(judged, public, word):
    """Without it nobody knows where keys are published, if at all."""
    results, _, _ = judged("unpublished", key=False, only=("jwt.private-key-unpublished",), public=public)

    assert of(results) == {"private-key-unpublished": word}, told(results)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["bearer", "opaque", "cookie", "two-keys"])
def test_no_token_and_no_key_is_in_the_evidence(judged, mode):
    """Neither the tokens of the service, nor forged ones, nor the key can be read from what the checks kept."""
    results, recorder, office = judged(mode)

    text = "\n".join(f"{one.title} {one.detail}" for one in recorder.records) + told(results)
    secrets = [office.key_text, PASSWORD, *office.issued]
    secrets += [office.refreshing] if mode == "two-keys" else []
    assert len(secrets) > 10
    for secret in secrets:
        assert secret not in text
        assert secret[: len(secret) // 2] not in text
    assert not re.search(r"eyJ[A-Za-z0-9_-]{20,}", text)


@pytest.mark.slow
def test_a_connection_that_ends_without_an_answer_is_no_satisfied(judged):
    """A firewall ends it, and so does a handler that panics: the other questions are asked, and this one stays open."""
    results, _, _ = judged("bearer", "hangs-up", only=("jwt.unhandled-input", "jwt.signature-verified"))

    assert of(results) == {"unhandled-input": "not-assessed", "signature-verified": "satisfied"}, told(results)
    assert "a handler that breaks down, and a firewall" in told(results)


def test_a_guessed_secret_is_not_shown(judged):
    """The report tells the class of a known secret and two letters of it."""
    results, recorder, _ = judged("bearer", "secret-own-name", only=("jwt.secret-not-guessable",))

    text = "\n".join(f"{one.title} {one.detail}" for one in recorder.records) + told(results)
    assert "beginning with 'ti'" in text
    assert "the target's own name" in text
    assert "ticket-office-secret" not in text
