"""Evidence is redacted and capped before anything else can read it."""

import json

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackproof.evidence import HIDDEN, TEXT_CAP, Recorder, Redactor

TOKEN = jwt.encode({"sub": "1", "exp": 1}, "k" * 32, algorithm="HS256")


@pytest.mark.parametrize(
    "text",
    [
        f"the token {TOKEN} came",
        f"Authorization: Bearer {TOKEN}",
        "postgresql://app:hunter2hunter2@127.0.0.1/app",
        "rediss://:hunter2hunter2@127.0.0.1:6379/0",
        "host=127.0.0.1 password=hunter2hunter2 dbname=app",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2hunter2\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_secrets_are_known_by_their_shape(text):
    """Tokens, passwords of DSNs and private keys do not pass, wherever they stand."""
    shown = Redactor().text(text)

    assert "hunter2" not in shown
    assert TOKEN.rpartition(".")[0] not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "key", ["password", "Set-Cookie", "refresh_token", "X-CSRFToken", "client_secret", "sessionid"]
)
def test_values_under_telling_keys_are_hidden_whole(key):
    """A field whose name says that it is a secret shows nothing of its value."""
    assert {key: HIDDEN} == Redactor().data({key: "opaque-but-secret"})


def test_words_about_secrets_are_not_secrets():
    """Names of settings that merely mention a password stay readable."""
    data = {"PASSWORD_HASHERS": ["Argon2PasswordHasher"], "token_type": "access", "ACCESS_TOKEN_LIFETIME": "900"}

    assert data == Redactor().data(data)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(min_size=8), st.text(), st.text())
def test_a_known_secret_never_passes(secret, before, after):
    """A value that the redactor was told of is in no text, key or nested value of the evidence."""
    redactor = Redactor()
    redactor.learn(secret)
    recorder = Recorder(redactor)

    recorder.add("note", f"{before}{secret}{after}", body={"deep": [f"{before}{secret}"], f"k{secret}": 1})

    [record] = recorder.records
    shown = [record.title, *strings(dict(record.detail))]
    assert not any(secret in one for one in shown if HIDDEN not in one)


def strings(value):
    if isinstance(value, dict):
        return [text for key, one in value.items() for text in [key, *strings(one)]]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def test_a_flood_is_capped():
    """Long texts, wide mappings and many records keep a bounded report, and it says what was left out."""
    recorder = Recorder(Redactor())
    for _ in range(1_000):
        recorder.add("note", "x" * 100_000, many={str(one): one for one in range(5_000)})

    size = len(json.dumps([dict(one.detail) for one in recorder.records]))
    assert size < 1_000_000
    assert len(recorder.records[0].title) < TEXT_CAP + 100
    assert "more records were not kept" in recorder.records[-1].title


def test_terminal_escapes_are_taken_out():
    """Control characters and direction overrides from a target cannot act on a reader's screen."""
    assert "\x1b" not in Redactor().text("\x1b]0;owned\x07 \u202e")
