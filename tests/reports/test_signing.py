"""A signed attestation holds for what was signed, by whom it was signed, and about the report that it names."""

import base64
import json
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from stackproof.commands.sign import sign as sign_command
from stackproof.commands.sign import verify as verify_command
from stackproof.errors import SignatureError, UsageError
from stackproof.signing import load_private, load_public, pre_authentication, sign, verify
from tests.reports import made

STATEMENT = {"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicateType": "x", "predicate": {}}
KINDS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
}


def written(folder, key, name="key", password=None):
    """(private, public) as PEM files."""
    how = BestAvailableEncryption(password) if password else NoEncryption()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def keys(tmp_path):
    """An Ed25519 pair in files."""
    return written(tmp_path, KINDS["ed25519"]())


@pytest.fixture
def attestation(tmp_path, keys):
    """The example, signed."""
    path = tmp_path / "attestation.json"
    sign_command(made.EXAMPLE, keys[0], path)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_signed_holds(kind, tmp_path):
    """Each kind of key, and the statement comes back as it was."""
    private, public = written(tmp_path, KINDS[kind]())
    path = tmp_path / "a.json"
    path.write_text(json.dumps(sign(json.dumps(STATEMENT).encode(), load_private(private))))

    assert verify(path, load_public(public)) == STATEMENT


@pytest.mark.parametrize("kind", KINDS)
def test_another_implementation_reads_the_envelope(kind):
    """securesystemslib, which in-toto's own tools stand on, verifies it."""
    key = KINDS[kind]()
    envelope = Envelope.from_dict(sign(b"{}", key))
    known = SSlibKey.from_crypto(key.public_key(), keyid=next(iter(envelope.signatures)))

    assert list(envelope.verify([known], 1)) == [known.keyid]


def test_the_envelope_of_another_implementation_is_read(tmp_path):
    """And the other way round."""
    signer = CryptoSigner.generate_ecdsa()
    envelope = Envelope(json.dumps(STATEMENT).encode(), "application/vnd.in-toto+json", {})
    envelope.sign(signer)
    path, public = tmp_path / "a.json", tmp_path / "key.pub"
    path.write_text(json.dumps(envelope.to_dict()))
    public.write_text(signer.public_key.keyval["public"])

    assert verify(path, load_public(public)) == STATEMENT


def test_the_bytes_that_are_signed_are_those_of_the_protocol():
    """The example of the DSSE specification."""
    assert pre_authentication(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_another_key_does_not_hold(attestation, tmp_path):
    """Who signed it is told, and the exit code is 1."""
    _, other = written(tmp_path, KINDS["ed25519"](), "other")

    with pytest.raises(SignatureError, match="signed by another key") as caught:
        verify(attestation, load_public(other))
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("what", ["payload", "sig"])
def test_a_changed_envelope_does_not_hold(what, attestation, keys):
    """One character of the content, or of the signature."""
    data = json.loads(attestation.read_text())
    holder = data if what == "payload" else data["signatures"][0]
    raw = bytearray(base64.b64decode(holder[what]))
    raw[20] ^= 1
    holder[what] = base64.b64encode(bytes(raw)).decode()
    attestation.write_text(json.dumps(data))

    with pytest.raises(SignatureError, match="does not hold"):
        verify(attestation, load_public(keys[1]))


def test_an_envelope_without_signatures_holds_nothing(attestation, keys):
    """Nobody vouches for it."""
    data = json.loads(attestation.read_text())
    attestation.write_text(json.dumps({**data, "signatures": []}))

    with pytest.raises(UsageError, match="is not signed"):
        verify(attestation, load_public(keys[1]))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is no JSON"),
        ("\x00\x01", "it is no JSON"),
        ("[]", "is no DSSE envelope"),
        ("{}", "payloadType is missing"),
        ('{"payloadType": "text/html", "payload": "", "signatures": []}', "holds no in-toto statement"),
        ('{"payloadType": "application/vnd.in-toto+json", "payload": "%%", "signatures": []}', "no such form"),
        ('{"payloadType": "application/vnd.in-toto+json", "payload": 3, "signatures": [{"sig": 1}]}', "no such form"),
        ('{"payloadType": "application/vnd.in-toto+json", "payload": "", "signatures": "abc"}', "no such form"),
        ("[" * 100_000, "is no DSSE envelope"),
    ],
)
def test_what_is_no_envelope_is_told_in_one_line(text, told, tmp_path, keys):
    """Unusable input is exit 2, whatever it is."""
    path = tmp_path / "a.json"
    path.write_text(text)

    with pytest.raises(UsageError, match=told) as caught:
        verify(path, load_public(keys[1]))
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"_type": "x"}', b"\xff"])
def test_a_signed_thing_that_is_no_statement_is_of_no_use(payload, tmp_path, keys):
    """A signature alone does not make a statement."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(sign(payload, load_private(keys[0]))))

    with pytest.raises(UsageError, match="holds no in-toto statement"):
        verify(path, load_public(keys[1]))


@pytest.mark.parametrize(
    "changes",
    [{}, {"predicate": []}, {"predicate": {"configuration": 1}}, {"subject": None}, {"predicate": {"passedTests": 3}}],
)
def test_a_statement_about_something_else_is_of_no_use(changes, tmp_path, keys):
    """Signed by the right key, and no test result."""
    path = tmp_path / "a.json"
    told = {**STATEMENT, "predicateType": "https://in-toto.io/attestation/test-result/v0.1" if changes else "x"}
    path.write_text(json.dumps(sign(json.dumps({**told, **changes}).encode(), load_private(keys[0]))))

    with pytest.raises(UsageError, match="is no test result"):
        verify_command(path, keys[1])


def test_it_is_about_the_report_that_it_names(attestation, keys, tmp_path, capsys):
    """The same bytes hold; the same report written anew too; another one does not."""
    verify_command(attestation, keys[1], made.EXAMPLE)
    assert "result: FAILED" in capsys.readouterr().out

    other = tmp_path / "report.json"
    other.write_text(made.EXAMPLE.read_text().replace("non-conformant", "conformant", 1))
    with pytest.raises(SignatureError, match="another report"):
        verify_command(attestation, keys[1], other)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "no private key"), (b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", "no private key")],
)
def test_what_is_no_key_is_told(content, told, tmp_path):
    """A file that holds no key in PEM."""
    path = tmp_path / "key.pem"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=told):
        load_private(path)


def test_a_private_key_does_not_verify(keys):
    """Whoever gives the private key to verify has it where it should not be."""
    with pytest.raises(UsageError, match="is a private key"):
        load_public(keys[0])


def test_a_key_of_another_kind_is_told(tmp_path):
    """RSA is none of the kinds."""
    private, public = written(tmp_path, rsa.generate_private_key(65537, 2048))

    for load, path in ((load_private, private), (load_public, public)):
        with pytest.raises(UsageError, match="neither an Ed25519 nor an ECDSA key"):
            load(path)


def test_an_encrypted_key_needs_its_password(tmp_path, monkeypatch):
    """From the environment, never from the command line."""
    private, _ = written(tmp_path, KINDS["p256"](), password=b"correct")
    monkeypatch.delenv("STACKPROOF_KEY_PASSWORD", raising=False)
    with pytest.raises(UsageError, match="is encrypted"):
        load_private(private)
    monkeypatch.setenv("STACKPROOF_KEY_PASSWORD", "wrong")
    with pytest.raises(UsageError, match="cannot be opened with the password"):
        load_private(private)
    monkeypatch.setenv("STACKPROOF_KEY_PASSWORD", "correct")
    assert load_private(private)


def test_a_missing_file_is_told(tmp_path):
    """One line with its name."""
    with pytest.raises(UsageError, match="cannot be read"):
        load_public(tmp_path / "none.pub")


def test_the_commands_leave_with_their_codes(tmp_path, keys):
    """0 holds, 1 does not, 2 of no use; each with one line and a cure."""

    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "stackproof", *map(str, words)], capture_output=True, text=True, check=False
        )

    path = tmp_path / "a.json"
    assert run("sign", made.EXAMPLE, "--key", keys[0], "--output", path).returncode == 0
    _, other = written(tmp_path, KINDS["ed25519"](), "other")
    for key, code in ((keys[1], 0), (other, 1), (keys[0], 2)):
        done = run("verify", path, "--key", key)
        assert done.returncode == code
        assert done.stderr.count("\n") == (2 if code else 0)
