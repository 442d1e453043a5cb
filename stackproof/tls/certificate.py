"""A presented certificate as facts, and whether a strict client would trust it."""

from __future__ import annotations

import ssl

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from stackproof.tls.endpoint import Deadline, Endpoint, Identity
from stackproof.tls.handshake import Attempt, Ended, attempt, identify, limit
from stackproof.tls.model import CertificateFacts, TlsVersion, TrustFacts

_NAME_CODES = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
# X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, SELF_SIGNED_CERT_IN_CHAIN, …_LOCALLY, UNABLE_TO_VERIFY_LEAF_SIGNATURE
_STRANGERS = (2, 19, 20, 21)
_KINDS = {"DNSName": "DNS", "IPAddress": "IP", "RFC822Name": "email", "UniformResourceIdentifier": "URI"}


def facts(der: bytes) -> CertificateFacts | None:
    """What the certificate says; None where it cannot be read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key_type, key_bits = _key(certificate)
        hashing = certificate.signature_hash_algorithm
        return CertificateFacts(
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            names=_names(certificate),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            self_signed=_self_signed(certificate),
            key_type=key_type,
            key_bits=key_bits,
            signature_hash=hashing.name if hashing else "",
            sha256=certificate.fingerprint(hashes.SHA256()).hex(),
            logged=_logged(certificate),
        )
    except (ValueError, UnsupportedAlgorithm):
        return None


def trust(endpoint: Endpoint, version: TlsVersion, der: bytes, ca_file: str | None, deadline: Deadline) -> TrustFacts:
    """Connect as a client that insists on the chain and on the name, and tell the two apart where one fails.

    OpenSSL stops at the first fault, so the chain and the name are asked again one by one: the chain without a
    name, the name with the certificate itself as its anchor.

    Raises:
        OSError: the CA file cannot be read (`ssl.SSLError` where it holds no certificate).
    """
    name, anchors = endpoint.server_name or endpoint.host, ca_file or "system"
    strict = attempt(endpoint, _context(version, ca_file, endpoint.identity, name=True), deadline)
    if strict.ended is Ended.COMPLETED:
        return TrustFacts(anchors, name, chain=True, name_matches=True)
    chain = attempt(endpoint, _context(version, ca_file, endpoint.identity, name=False), deadline)
    matched = attempt(endpoint, _pinned(version, der, endpoint.identity), deadline)
    problems = dict.fromkeys(one.problem for one in (strict, chain, matched) if one.problem)
    stranger = chain.verify_code in _STRANGERS
    return TrustFacts(anchors, name, _chain(chain), _name_matches(matched), tuple(problems), unknown_issuer=stranger)


def _chain(seen: Attempt) -> bool | None:
    if seen.ended is Ended.COMPLETED:
        return True
    return False if seen.verify_code else None


def _name_matches(seen: Attempt) -> bool | None:
    # OpenSSL compares names before dates and signatures: another fault means that the name had passed.
    if seen.ended is Ended.COMPLETED:
        return True
    return seen.verify_code not in _NAME_CODES if seen.verify_code else None


def _context(version: TlsVersion, ca_file: str | None, identity: Identity, *, name: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.check_hostname = name
    context.verify_flags = ssl.VERIFY_X509_TRUSTED_FIRST  # Python 3.13 would add flags that 3.12 does not
    return identify(limit(context, version), identity)


def _pinned(version: TlsVersion, der: bytes, identity: Identity) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=der)
    context.verify_flags = ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
    return identify(limit(context, version), identity)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(f"{_KINDS.get(type(one).__name__, 'other')}:{one.value}" for one in extension.value)


def _logged(certificate: x509.Certificate) -> bool:
    try:
        certificate.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps)
    except x509.ExtensionNotFound:
        return False
    return True


def _self_signed(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    key = certificate.public_key()
    match key:
        case rsa.RSAPublicKey():
            return "RSA", key.key_size
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}", key.key_size
        case dsa.DSAPublicKey():
            return "DSA", key.key_size
        case ed25519.Ed25519PublicKey():
            return "Ed25519", 256
        case ed448.Ed448PublicKey():
            return "Ed448", 456
        case _:
            return type(key).__name__, 0
