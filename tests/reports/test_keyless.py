"""Signing without a key, as far as it can be seen without sigstore's services: what is refused, and how it is told."""

import json
import sys
import time
from pathlib import Path

import jwt
import pytest
from sigstore.dsse import Statement

from reports.in_toto.writer import statement
from stackproof.commands.sign import sign, verify
from stackproof.errors import InfrastructureError, UsageError
from stackproof.signing import PAYLOAD_TYPE, pre_authentication
from tests.reports import made

ISSUER = "https://accounts.example.com"


@pytest.fixture(autouse=True)
def _no_network_and_no_identity(monkeypatch, tmp_path):
    """No pipeline's variables, a proxy that nobody answers at, and a cache of its own."""
    for name in ("SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def identity(**changes):
    """A token in the form that an issuer hands out; nobody has signed it."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "sigstore", "sub": "ci", "email": "ci@example.com", "iat": now, "nbf": now,
              "exp": now + 600}  # fmt: skip
    return jwt.encode({**claims, **changes}, "k" * 32, "HS256")


def test_our_statement_is_one_that_sigstore_signs():
    """Its own class takes it, and both mean the same bytes by the envelope."""
    told = statement(made.example(), "0" * 64, "")
    payload = json.dumps(told, separators=(",", ":")).encode()

    assert Statement(payload)._pae() == pre_authentication(payload, PAYLOAD_TYPE)


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("", "there is no identity to sign as"),
        ("garbage", "malformed or missing claims"),
        (identity(aud="another"), "malformed or missing claims"),
        (identity(exp=int(time.time()) - 60), "malformed or missing claims"),
    ],
    ids=["none", "garbage", "other-audience", "expired"],
)
def test_without_a_good_identity_nothing_is_signed(monkeypatch, tmp_path, token, told):
    """One line, with where an identity comes from; no file is written."""
    if token:
        monkeypatch.setenv("SIGSTORE_ID_TOKEN", token)
    output = tmp_path / "attestation.json"
    with pytest.raises(UsageError, match=told) as caught:
        sign(made.EXAMPLE, output=output, keyless=True)

    assert "id-token: write" in caught.value.hint
    assert not output.exists()
    assert not token or token not in str(caught.value)


def test_without_a_network_that_is_told(monkeypatch, tmp_path):
    """The machine is at fault and not the report."""
    token = identity()
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token)
    with pytest.raises(InfrastructureError, match="sigstore: ") as caught:
        sign(made.EXAMPLE, output=tmp_path / "attestation.json", keyless=True)

    assert "--key needs no network" in caught.value.hint
    assert token not in str(caught.value)


def test_without_the_package_that_is_told(monkeypatch):
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "sigstore", None)
    monkeypatch.setitem(sys.modules, "sigstore.errors", None)
    with pytest.raises(UsageError, match="needs the package sigstore") as caught:
        sign(made.EXAMPLE, keyless=True)

    assert "stackproof[keyless]" in caught.value.hint


@pytest.mark.parametrize(("key", "keyless"), [(None, False), (Path("key.pem"), True)])
def test_one_way_of_signing_is_chosen(key, keyless):
    """Neither none nor both."""
    with pytest.raises(UsageError, match="either --key or --keyless"):
        sign(made.EXAMPLE, key, keyless=keyless)


@pytest.mark.parametrize(
    ("key", "who", "issuer"),
    [(None, "", ""), (None, "ci@example.com", ""), (None, "", ISSUER), (Path("key.pub"), "ci@example.com", ISSUER)],
)
def test_one_way_of_verifying_is_chosen(key, who, issuer):
    """An identity without the issuer that vouches for it proves nothing: anybody may call himself so elsewhere."""
    with pytest.raises(UsageError, match="either --key, or both"):
        verify(made.EXAMPLE, key, identity=who, issuer=issuer)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "\x00", '{"mediaType": "x"}', '{"payload": "", "signatures": []}']
)
def test_what_is_no_bundle_is_told(tmp_path, text):
    """Usage, and not a signature that does not hold."""
    path = tmp_path / "attestation.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="is no sigstore bundle"):
        verify(path, identity="ci@example.com", issuer=ISSUER)
