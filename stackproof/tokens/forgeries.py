"""Tokens that nobody issued, made from a good one without the service's key: each with a name that a report can give.

The claims stay those of the good token wherever they can, so that nothing but the signature, the algorithm or the key
can be the reason of a refusal.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt

from stackproof.check import not_assessed
from stackproof.target.messages import tampered
from stackproof.tokens.forge import Parts, compact, parts_of
from stackproof.tokens.looks import Forgery

SPELLINGS = ("none", "None", "NONE", "nOnE")  # RFC 8725, section 2.1, tells of libraries that compare with "none" alone
DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
ABROAD = "stackproof"  # the secret that an injected statement would answer


def jwt_parts(token: str) -> Parts:
    """The parts of a JWT.

    Raises:
        NotAssessed: the token is opaque.
    """
    parts = parts_of(token)
    if parts is None:
        not_assessed("the service's tokens are opaque (no JWT in three parts): they have no signature to be judged")
    return parts


def hmac_signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: bytes) -> str:
    """A token under an HMAC with any key, also one that libraries refuse to use."""
    signing_input = compact(header, claims).rpartition(".")[0]
    made = hmac.new(key, signing_input.encode(), DIGESTS[str(header["alg"])]).digest()
    return f"{signing_input}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def with_foreign_signatures(token: str) -> list[Forgery]:
    """Tokens whose signature does not belong to their content."""
    parts = jwt_parts(token)
    head, _, signature = token.rpartition(".")
    later = {**parts.claims, "exp": parts.claims["exp"] + 3600} if _has_number(parts, "exp") else None
    more = {**parts.claims, "stackproof": "added"}
    found = [
        Forgery("a claim added, the signature kept", compact(parts.header, more, signature)),
        Forgery("a header field added, the signature kept", compact({**parts.header, "x": 1}, parts.claims, signature)),
        Forgery("a character in the middle of the signature changed", tampered(token)),
        Forgery("half of the signature cut off", f"{head}.{signature[: len(signature) // 2]}"),
        Forgery("the signature taken away", f"{head}."),
        Forgery("zeros for a signature", f"{head}.{'A' * len(signature)}"),
        Forgery("signed with a key of ours", signed_with_own_key(parts)),
    ]
    if later:
        found.insert(0, Forgery("a later exp, the signature kept", compact(parts.header, later, signature)))
    return found


def unsecured(token: str) -> list[Forgery]:
    """Tokens that say they have no signature (RFC 7518, section 3.6), in the spellings that filters forget."""
    parts = jwt_parts(token)
    found = []
    for spelling in SPELLINGS:
        header = {**parts.header, "alg": spelling}
        found.append(Forgery(f"alg {spelling!r} without a signature", compact(header, parts.claims)))
        found.append(Forgery(f"alg {spelling!r}, signature kept", compact(header, parts.claims, parts.signature)))
    bare = compact({**parts.header, "alg": "none"}, parts.claims).removesuffix(".")
    nameless = {name: value for name, value in parts.header.items() if name != "alg"}
    return [
        *found,
        Forgery("alg 'none' in two parts", bare),
        Forgery("no alg and no signature", compact(nameless, parts.claims)),
    ]


def changed(token: str) -> list[Forgery]:
    """Any token with something in it changed, opaque ones too."""
    pieces = token.split(".") if parts_of(token) or token.count(".") == 4 else [token]
    found = []
    for number, piece in enumerate(pieces, 1):
        if len(piece) < 4:
            continue
        before, after = ".".join([*pieces[: number - 1], ""]), ".".join(["", *pieces[number:]])
        where = f"of part {number}" if len(pieces) > 1 else "of the token"
        found.append(Forgery(f"a character in the middle {where} changed", before + _flipped(piece) + after))
    return [*found, Forgery("the second half cut off", token[: len(token) // 2])]


def with_public_key_as_secret(token: str, encodings: Mapping[str, bytes]) -> list[Forgery]:
    """Tokens under an HMAC whose key is the service's public key (RFC 8725, section 2.1)."""
    parts = jwt_parts(token)
    found = []
    for number, (name, key) in enumerate(encodings.items()):
        for algorithm in DIGESTS if number == 0 else ("HS256",):
            header = {**parts.header, "alg": algorithm}
            found.append(Forgery(f"{algorithm} with {name}", hmac_signed(header, parts.claims, key)))
    return found


def with_key_ids(token: str) -> list[Forgery]:
    """Tokens whose `kid` leads to a key that we know: an empty file, a statement that answers it."""
    parts = jwt_parts(token)
    algorithm = parts.algorithm() if parts.algorithm() in DIGESTS else "HS256"
    statement, quoted = f"' UNION SELECT '{ABROAD}' -- ", f'" UNION SELECT "{ABROAD}" -- '
    found = []
    for kid, key, what in (
        ("/dev/null", b"", "a kid that is the path of an empty file"),
        ("../../../../../../../../dev/null", b"", "a kid that climbs to an empty file"),
        ("stackproof-unknown-key", b"", "a kid of no key, and an empty key"),
        (statement, ABROAD.encode(), "a kid with a statement of SQL, in single quotes"),
        (quoted, ABROAD.encode(), "a kid with a statement of SQL, in double quotes"),
    ):
        header = {**parts.header, "alg": algorithm, "kid": kid}
        found.append(Forgery(what, hmac_signed(header, parts.claims, key)))
    return found


def with_own_keys_inside(token: str) -> list[Forgery]:
    """Tokens that bring the key along with which they are to be verified (RFC 7515, sections 4.1.3 and 4.1.6)."""
    parts = jwt_parts(token)
    secret = secrets.token_bytes(32)
    known = {"kty": "oct", "k": base64.urlsafe_b64encode(secret).rstrip(b"=").decode(), "alg": "HS256"}
    brought = {**parts.header, "alg": "HS256", "jwk": known}
    return [
        Forgery("an RSA key of ours in the header (jwk)", own_signed(parts, {"jwk": own_jwk("RS256")}, "RS256")),
        Forgery("an EC key of ours in the header (jwk)", own_signed(parts, {"jwk": own_jwk("ES256")}, "ES256")),
        Forgery("a secret of ours in the header (jwk)", hmac_signed(brought, parts.claims, secret)),
        Forgery("a certificate of ours in the header (x5c)", own_signed(parts, {"x5c": [own_certificate()]}, "RS256")),
    ]


def with_key_address(token: str, url: str) -> list[Forgery]:
    """Tokens that say where their key is to be fetched (RFC 7515, sections 4.1.2 and 4.1.5)."""
    parts = jwt_parts(token)
    kid = str(own_jwk("RS256")["kid"])
    return [
        Forgery(f"a key of ours behind {field}", own_signed(parts, {field: f"{url}/{field}", "kid": kid}, "RS256"))
        for field in ("jku", "x5u")
    ]


def signed_with_own_key(parts: Parts) -> str:
    """The same header and claims under a key of ours, of the algorithm's kind."""
    algorithm = parts.algorithm()
    if algorithm in DIGESTS:
        return hmac_signed(parts.header, parts.claims, secrets.token_bytes(64))
    return own_signed(parts, {}, algorithm)


def own_signed(parts: Parts, header: Mapping[str, Any], algorithm: str) -> str:
    """The claims under an asymmetric key of ours; the header's other fields stay.

    Raises:
        NotAssessed: the algorithm is none that can be signed with here.
    """
    others = {name: value for name, value in {**parts.header, **header}.items() if name != "alg"}
    try:
        payload = json.dumps(parts.claims, separators=(",", ":")).encode()
        return jwt.PyJWS().encode(payload, own_key(algorithm), algorithm=algorithm, headers=others)
    except (jwt.PyJWTError, NotImplementedError, ValueError, TypeError) as error:
        not_assessed(f"no token can be signed with {algorithm[:20]!r} here: {type(error).__name__}")


@cache
def own_key(algorithm: str) -> Any:
    """A private key of ours for an asymmetric algorithm.

    Raises:
        ValueError: the algorithm is unknown.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if algorithm[:2] in {"RS", "PS"}:
        return rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    curves: dict[str, type[Any]] = {
        "ES256": ec.SECP256R1,
        "ES384": ec.SECP384R1,
        "ES512": ec.SECP521R1,
        "ES256K": ec.SECP256K1,
    }
    if algorithm in curves:
        return ec.generate_private_key(curves[algorithm]())
    if algorithm in {"EdDSA", "Ed25519"}:
        return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(algorithm)


@cache
def own_jwk(algorithm: str) -> dict[str, Any]:
    """The public half of our key as a JWK (RFC 7517)."""
    kind = jwt.algorithms.RSAAlgorithm if algorithm[:2] == "RS" else jwt.algorithms.ECAlgorithm
    public = json.loads(kind.to_jwk(own_key(algorithm).public_key()))
    return {**public, "use": "sig", "alg": algorithm, "kid": "stackproof", "key_ops": ["verify"]}


@cache
def own_certificate() -> str:
    """A certificate of our RSA key, signed by itself: DER in base64, as `x5c` carries it."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stackproof")])
    now = datetime.datetime.now(datetime.UTC)
    key = own_key("RS256")
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    made = builder.sign(key, hashes.SHA256())
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


def _flipped(piece: str) -> str:
    middle = len(piece) // 2
    return f"{piece[:middle]}{'A' if piece[middle] != 'A' else 'B'}{piece[middle + 1 :]}"


def _has_number(parts: Parts, claim: str) -> bool:
    value = parts.claims.get(claim)
    return isinstance(value, int | float) and not isinstance(value, bool)
