"""What a survey of one TLS endpoint found: frozen data, no judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

Starttls = Literal["none", "postgres"]

NAMES_SHOWN = 20  # alternative names that evidence carries
TEXT_SHOWN = 300  # characters of any one text in evidence


class TlsVersion(StrEnum):
    """Protocol versions that are asked for, by the name a specification uses."""

    TLS_1_0 = "1.0"
    TLS_1_1 = "1.1"
    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"


class VersionState(StrEnum):
    """What the endpoint did with a hello that allows one version only."""

    OFFERED = "offered"  # a ServerHello of this version was seen
    REFUSED_BY_ALERT = "refused-by-alert"  # RFC 8446 section 6.2: a fatal alert instead of a ServerHello
    REFUSED_BY_EOF = "refused-by-eof"  # closed twice without a word, while it serves another version
    REFUSED_BY_CHOICE = "refused-by-choice"  # a ServerHello of an older version (RFC 5246 appendix E.1)
    NO_TLS = "no-tls"  # it answered, and not in TLS
    NOT_KNOWN = "not-known"  # nothing was seen that proves either


_REFUSED = {VersionState.REFUSED_BY_ALERT, VersionState.REFUSED_BY_EOF, VersionState.REFUSED_BY_CHOICE}


@dataclass(frozen=True, slots=True)
class VersionOutcome:
    """One protocol version at one endpoint.

    Attributes:
        version: the version that was asked for, alone.
        state: what was seen.
        reason: how that is known, or why it is not; a sentence.
        cipher: the negotiated suite, empty where none was.
        alert: name of the alert (RFC 8446 section 6), empty where none was seen.
        completed: whether the handshake ran to its end (a ServerHello alone already offers the version).
    """

    version: TlsVersion
    state: VersionState
    reason: str
    cipher: str = ""
    alert: str = ""
    completed: bool = False

    @property
    def refused(self) -> bool:
        """Whether a refusal was seen; a time-out or a reset is none."""
        return self.state in _REFUSED


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """The endpoint's own certificate (RFC 5280), as it was presented.

    Attributes:
        names: subject alternative names, `DNS:…` and `IP:…` (others by their kind).
        not_before, not_after: validity, UTC.
        self_signed: its own key signed it.
        key_type, key_bits: "RSA", "EC secp256r1", "Ed25519" …; size in bits.
        signature_hash: "sha256" …; empty where the algorithm has none of its own.
        sha256: fingerprint of the whole certificate, hexadecimal.
        logged: it carries timestamps of public logs (RFC 6962): a public authority issued it.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    self_signed: bool
    key_type: str
    key_bits: int
    signature_hash: str
    sha256: str
    logged: bool = False

    def valid_at(self, moment: datetime) -> bool:
        """Whether `moment` (aware) lies within the validity."""
        return self.not_before <= moment <= self.not_after


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """What a client sees that insists on a trusted chain and on the name.

    Attributes:
        anchors: the CA file, or "system" for the machine's own store.
        name: the name that was insisted on.
        chain: the chain leads to an anchor and every certificate is in date; None where that is not known.
        name_matches: the certificate is for this name (RFC 9525); None where that is not known.
        problems: OpenSSL's own words for what was wrong.
        unknown_issuer: the chain ends at an authority that is not among the anchors, or before it.
    """

    anchors: str
    name: str
    chain: bool | None
    name_matches: bool | None
    problems: tuple[str, ...] = ()
    unknown_issuer: bool = False

    @property
    def trusted(self) -> bool:
        """Both were seen to hold."""
        return self.chain is True and self.name_matches is True


@dataclass(frozen=True, slots=True)
class TlsSurvey:
    """Everything that one survey saw of one endpoint.

    A judge that concludes something from refusals must also ask that `offered` is not empty: an endpoint that
    refuses every version proves nothing about its minimum.

    Attributes:
        address: the one address that every connection of this survey went to; empty where none was found.
        outcomes: one per `TlsVersion`, oldest version first.
        certificate, trust: None where no handshake completed.
        plain_answer: first line of what an endpoint without TLS answered; empty where TLS was seen.
        seconds: duration of the survey.
        ssl3_offered: a ServerHello of SSL 3.0 (RFC 7568) answered a hello that was written by hand; no OpenSSL of
            today speaks it, so that False is no proof of a refusal.
    """

    host: str
    port: int
    server_name: str
    starttls: Starttls
    address: str
    outcomes: tuple[VersionOutcome, ...]
    certificate: CertificateFacts | None
    trust: TrustFacts | None
    plain_answer: str
    seconds: float
    ssl3_offered: bool = False

    def outcome(self, version: TlsVersion) -> VersionOutcome:
        """The outcome of one version."""
        return next(one for one in self.outcomes if one.version is version)

    @property
    def offered(self) -> tuple[TlsVersion, ...]:
        """Versions that were seen to be offered, oldest first."""
        return tuple(one.version for one in self.outcomes if one.state is VersionState.OFFERED)

    @property
    def speaks_tls(self) -> bool | None:
        """True once a version was offered or refused, False where it answered without TLS, else None."""
        if self.offered or any(one.refused for one in self.outcomes):
            return True
        return False if any(one.state is VersionState.NO_TLS for one in self.outcomes) else None

    def as_evidence(self) -> dict[str, Any]:
        """JSON-able and capped; holds nothing but what the endpoint shows to every stranger."""
        return {
            "endpoint": _short(f"{self.host}:{self.port}"),
            "address": self.address,
            "server_name": _short(self.server_name),
            "starttls": self.starttls,
            "versions": {one.version.value: _version(one) for one in self.outcomes},
            "certificate": _certificate(self.certificate),
            "trust": _trust(self.trust),
            "ssl_3.0": "offered" if self.ssl3_offered else "not seen to be offered",
            "plain_answer": _short(self.plain_answer),
            "seconds": round(self.seconds, 3),
        }


def _short(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"


def _version(one: VersionOutcome) -> dict[str, Any]:
    facts = {"state": one.state.value, "reason": _short(one.reason), "cipher": one.cipher, "alert": one.alert}
    return {key: value for key, value in facts.items() if value} | {"completed": one.completed}


def _certificate(one: CertificateFacts | None) -> dict[str, Any] | None:
    if one is None:
        return None
    more = len(one.names) - NAMES_SHOWN
    names = [_short(name) for name in one.names[:NAMES_SHOWN]]
    return {
        "subject": _short(one.subject),
        "issuer": _short(one.issuer),
        "names": [*names, f"… {more} more"] if more > 0 else names,
        "not_before": one.not_before.isoformat(),
        "not_after": one.not_after.isoformat(),
        "self_signed": one.self_signed,
        "key": f"{one.key_type} {one.key_bits} bits",
        "signature_hash": one.signature_hash,
        "sha256": one.sha256,
    }


def _trust(one: TrustFacts | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "anchors": _short(one.anchors),
        "name": _short(one.name),
        "chain": one.chain,
        "name_matches": one.name_matches,
        "problems": [_short(problem) for problem in one.problems],
    }
