"""The survey of one endpoint: every version, each asked alone, then the certificate."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, field, replace

from stackproof.errors import UsageError
from stackproof.tls import certificate
from stackproof.tls.ability import inability
from stackproof.tls.endpoint import Deadline, Endpoint, Identity, SpeaksNoTlsError, locate
from stackproof.tls.handshake import Attempt, Ended, attempt, describe, identify, open_context, raw_attempt, takes_ssl3
from stackproof.tls.model import Starttls, TlsSurvey, TlsVersion, VersionOutcome, VersionState
from stackproof.tls.wire import VERSION_NUMBERS, FirstWords, Said, first_line, is_address

# What a server says that will not speak this version, or nothing that a client of this version has.
_REFUSALS = {"protocol_version", "handshake_failure", "insufficient_security"}


def probe(
    host: str,
    port: int,
    *,
    server_name: str | None = None,
    ca_file: str | None = None,
    starttls: Starttls = "none",
    address: str = "",
    identity: Identity = None,
    deadline_seconds: float = 10.0,
) -> TlsSurvey:
    """Ask one endpoint for TLS 1.0, 1.1, 1.2 and 1.3, each alone, and look at its certificate.

    What is not seen is not claimed. A version is refused by an alert that says so, by the choice of an older one, or
    by the same unclear ending (an end of file, an alert like internal_error) twice from an endpoint that completes
    a handshake in another version before and after; and only after this process has proved against a server of
    its own that it speaks the version. A time-out or a reset leaves it not known.

    Args:
        server_name: name to send (RFC 6066) and to insist on; by default the host.
        ca_file: PEM file with the trust anchors; by default the machine's own store.
        starttls: "postgres" sends an SSLRequest before each hello.
        address: connect there, whatever the host resolves to.
        identity: files of a client's certificate and key, for an endpoint that asks who its client is.
        deadline_seconds: for everything together; a slow version can use up its own share only.

    Raises:
        UsageError: the CA file cannot be read or holds no certificate, or the name cannot be a server name; the
            client's certificate or its key cannot be read.
    """
    _check_inputs(server_name or host, ca_file, identity)
    started = time.monotonic()
    deadline = Deadline(deadline_seconds)
    name = server_name or ("" if is_address(host) else host)
    survey = TlsSurvey(host, port, name or host, starttls, "", (), None, None, "", 0.0)
    try:
        endpoint = locate(host, port, name, starttls, deadline, address=address, identity=identity)
    except OSError as error:
        outcomes = {version: _not_known(version, describe(error)) for version in TlsVersion}
    else:
        work = _Survey(endpoint, deadline)
        work.ask_all()
        outcomes = work.outcomes
        survey = work.with_certificate(replace(survey, address=str(endpoint.sockaddr[0])), ca_file)
    ordered = tuple(outcomes[version] for version in TlsVersion)
    return replace(survey, outcomes=ordered, seconds=time.monotonic() - started)


def _check_inputs(name: str, ca_file: str | None, identity: Identity) -> None:
    try:
        name.encode("idna")
    except UnicodeError as error:
        raise UsageError(f"{name!r} cannot be a server name: {error}", hint="give the host's DNS name") from error
    try:
        identify(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), identity)
    except OSError as error:
        message = f"{identity and identity[0]}: is no client certificate with its key: {error}"
        raise UsageError(message, hint="give PEM files, the key without a passphrase") from error
    if ca_file is None:
        return
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        message = f"{ca_file}: no trust anchors could be read: {error.strerror or error}"
        raise UsageError(message, hint="give a PEM file with the certificate authority's certificate") from error


@dataclass(slots=True)
class _Survey:
    """One survey at work."""

    endpoint: Endpoint
    deadline: Deadline
    outcomes: dict[TlsVersion, VersionOutcome] = field(default_factory=dict)
    plain_answer: str = ""
    ssl3: bool = False
    _certificate: bytes = b""
    _unclear: dict[TlsVersion, Attempt] = field(default_factory=dict)

    def ask_all(self) -> None:
        # The newest first: where it completes, it is the control for the unclear endings that may follow.
        versions = sorted(TlsVersion, reverse=True)
        for place, version in enumerate(versions):
            # One share is kept back for the repetitions, and one for the certificate.
            self.outcomes[version] = self._ask(version, self.deadline.share(len(versions) - place + 2))
        self._settle_unclear()
        if self._saw_tls():
            self.ssl3 = takes_ssl3(self.endpoint, self.deadline.share(4))
        else:
            self._look_for_plain_text()

    def with_certificate(self, survey: TlsSurvey, ca_file: str | None) -> TlsSurvey:
        """The survey with what the best handshake showed."""
        survey = replace(survey, plain_answer=self.plain_answer, ssl3_offered=self.ssl3)
        best = self._control()
        if best is None or not self._certificate:
            return survey
        trust = certificate.trust(self.endpoint, best, self._certificate, ca_file, self.deadline)
        return replace(survey, certificate=certificate.facts(self._certificate), trust=trust)

    def _ask(self, version: TlsVersion, deadline: Deadline) -> VersionOutcome:
        if problem := inability(version):
            return self._ask_by_hand(version, deadline, _not_known(version, problem))
        seen = attempt(self.endpoint, self._context(version), deadline)
        if seen.ended is Ended.COMPLETED:
            self._certificate = self._certificate or seen.certificate
            said = f"the handshake completed with {seen.cipher}"
            return VersionOutcome(version, VersionState.OFFERED, said, cipher=seen.cipher, completed=True)
        if _chose(version, seen.words):
            return _offered_by_hello(version, seen.words, seen.problem)
        if _manner(seen):
            self._unclear[version] = seen
        outcome = self._read(version, seen)
        return self._ask_by_hand(version, deadline, outcome) if outcome.refused else outcome

    def _read(self, version: TlsVersion, seen: Attempt) -> VersionOutcome:
        """The outcome of an attempt in which no ServerHello came."""
        alert = seen.words.alert
        if seen.ended is Ended.NO_TLS:
            self.plain_answer = seen.problem
            return VersionOutcome(version, VersionState.NO_TLS, seen.problem)
        if seen.words.said is Said.NOT_TLS:
            self.plain_answer = seen.words.text
            said = f"the endpoint answered the hello with {seen.words.text!r}, which is not TLS"
            return VersionOutcome(version, VersionState.NO_TLS, said)
        if seen.words.said is Said.SERVER_HELLO:
            said = f"the endpoint chose {_name(seen.words.version)} instead"
            return VersionOutcome(version, VersionState.REFUSED_BY_CHOICE, said)
        if alert in _REFUSALS:
            said = f"the endpoint answered with the alert {alert}"
            return VersionOutcome(version, VersionState.REFUSED_BY_ALERT, said, alert=alert)
        if alert:
            return _not_known(version, f"the alert {alert} alone does not say that the version is refused", alert)
        return _not_known(version, seen.problem)

    def _ask_by_hand(self, version: TlsVersion, deadline: Deadline, otherwise: VersionOutcome) -> VersionOutcome:
        """A second opinion by a hello with every suite there is: it can find an offer, never a refusal."""
        words = raw_attempt(self.endpoint, version, deadline)
        if _chose(version, words):
            return _offered_by_hello(version, words, "OpenSSL has no suite in common with it")
        return otherwise

    def _settle_unclear(self) -> None:
        """An unclear ending is a refusal when it repeats while another version is served before and after."""
        control = self._control()
        if not self._unclear or control is None:
            return
        deadline = self.deadline.share(2)
        again = {one: attempt(self.endpoint, self._context(one), deadline) for one in self._unclear}
        alive = attempt(self.endpoint, self._context(control), deadline).ended is Ended.COMPLETED
        for version, first in self._unclear.items():
            manner = _manner(first)
            if not alive or _manner(again[version]) != manner:
                outcome = _not_known(version, f"it {manner} once, and that could not be confirmed", first.words.alert)
            else:
                said = f"it {manner} twice, and completed TLS {control.value} before and after"
                by_alert = bool(first.words.alert)
                state = VersionState.REFUSED_BY_ALERT if by_alert else VersionState.REFUSED_BY_EOF
                refused = VersionOutcome(version, state, said, alert=first.words.alert)
                outcome = self._ask_by_hand(version, deadline, refused)
            self.outcomes[version] = outcome

    def _context(self, version: TlsVersion) -> ssl.SSLContext:
        return open_context(version, self.endpoint.identity)

    def _control(self) -> TlsVersion | None:
        """The newest version whose handshake completed."""
        done = [one.version for one in self.outcomes.values() if one.completed]
        return max(done, default=None)

    def _saw_tls(self) -> bool:
        return any(one.refused or one.alert or one.cipher for one in self.outcomes.values())

    def _look_for_plain_text(self) -> None:
        """Many plain HTTP servers answer a hello with silence: ask them in their own language."""
        if self.endpoint.starttls != "none" or self.plain_answer:
            return
        answer = _ask_plainly(self.endpoint, self.deadline)
        if not answer.startswith("HTTP/"):
            return
        self.plain_answer = answer
        said = f"no hello was answered in TLS, and a plain HTTP request was answered with {answer!r}"
        for version in self.outcomes:
            self.outcomes[version] = VersionOutcome(version, VersionState.NO_TLS, said)


def _ask_plainly(endpoint: Endpoint, deadline: Deadline) -> str:
    request = f"HEAD / HTTP/1.1\r\nHost: {endpoint.host}:{endpoint.port}\r\nConnection: close\r\n\r\n"
    seen = b""
    try:
        with endpoint.connect(deadline) as sock:
            sock.sendall(request.encode("idna" if not endpoint.host.isascii() else "ascii"))
            while b"\n" not in seen and len(seen) < 1000:
                sock.settimeout(deadline.remaining())
                if not (data := sock.recv(1000)):
                    break
                seen += data
    except (OSError, UnicodeError, SpeaksNoTlsError):
        return ""
    return first_line(seen)


def _manner(seen: Attempt) -> str:
    """How an attempt ended that may mean a refusal and does not say so; empty for every other ending."""
    if seen.ended is Ended.EOF and seen.words.said is Said.NOTHING:
        return "closed the connection without a word"
    if seen.words.said is Said.ALERT and seen.words.alert not in _REFUSALS | {"unrecognized_name"}:
        return f"answered with the alert {seen.words.alert}"
    return ""


def _chose(version: TlsVersion, words: FirstWords) -> bool:
    return words.said is Said.SERVER_HELLO and words.version == VERSION_NUMBERS[version]


def _name(number: int) -> str:
    names = {one: f"TLS {version.value}" for version, one in VERSION_NUMBERS.items()}
    return names.get(number, f"version 0x{number:04X}")


def _offered_by_hello(version: TlsVersion, words: FirstWords, problem: str) -> VersionOutcome:
    said = f"the endpoint answered with a ServerHello of this version; the handshake went no further: {problem}"
    return VersionOutcome(version, VersionState.OFFERED, said, cipher=f"0x{words.suite:04X}")


def _not_known(version: TlsVersion, reason: str, alert: str = "") -> VersionOutcome:
    return VersionOutcome(version, VersionState.NOT_KNOWN, reason, alert=alert)
