"""Which versions are offered, and what counts as a refusal."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path

import pytest
from tls_servers import Serve, ServeTls, allowed_version, certificate, peek_hello, reset

from stackproof.tls import TlsSurvey, TlsVersion, VersionState, ability, handshake, probe

ALL = ("1.0", "1.1", "1.2", "1.3")
TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 = TlsVersion
NUMBERS = {"1.0": 0x0301, "1.1": 0x0302, "1.2": 0x0303, "1.3": 0x0304}


def states(survey: TlsSurvey) -> dict[str, str]:
    """State by version."""
    return {one.version.value: one.state.value for one in survey.outcomes}


@pytest.mark.parametrize(
    ("lowest", "highest"),
    [("1.0", "1.0"), ("1.0", "1.3"), ("1.1", "1.3"), ("1.2", "1.3"), ("1.3", "1.3"), ("1.2", "1.2")],
)
def test_every_version_is_offered_or_seen_to_be_refused(serve_tls: ServeTls, lowest: str, highest: str) -> None:
    """A server's range of versions is found exactly, and whatever lies outside it was seen to be refused."""
    survey = probe("localhost", serve_tls(lowest, highest))

    assert survey.offered == tuple(TlsVersion(one) for one in ALL if lowest <= one <= highest)
    assert {one.version.value for one in survey.outcomes if one.refused} == {
        one for one in ALL if not lowest <= one <= highest
    }
    assert all(survey.outcome(one).cipher for one in survey.offered)


def test_a_legacy_openssl_server_is_found_out(tmp_path: Path) -> None:
    """`openssl s_server -tls1` offers TLS 1.0, and chooses it where a newer version is asked for."""
    openssl = shutil.which("openssl")
    assert openssl, "the openssl command is needed: apt-get install openssl"
    chain, key = certificate(tmp_path, ("localhost",))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [openssl, "s_server", "-accept", f"127.0.0.1:{port}", "-cert", chain, "-key", key, "-quiet"]
    with subprocess.Popen(
        [*command, "-tls1", "-cipher", "ALL:@SECLEVEL=0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            survey = _when_up(port)
        finally:
            server.terminate()

    assert states(survey) == {
        "1.0": "offered",
        "1.1": "refused-by-choice",
        "1.2": "refused-by-choice",
        "1.3": "refused-by-alert",
    }


def _when_up(port: int) -> TlsSurvey:
    deadline = time.monotonic() + 10
    while True:
        survey = probe("127.0.0.1", port, server_name="localhost")
        if survey.address or time.monotonic() > deadline:
            return survey
        time.sleep(0.05)


def test_a_refused_connection_is_no_refused_version() -> None:
    """Where nobody listens, nothing is known of any version."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    survey = probe("127.0.0.1", port)

    assert set(states(survey).values()) == {"not-known"}
    assert "TCP connection was refused" in survey.outcomes[0].reason
    assert survey.speaks_tls is None


def test_a_host_that_does_not_resolve_is_no_refused_version() -> None:
    """A name without an address leaves every version not known."""
    survey = probe("no-such-host.invalid", 443, deadline_seconds=5)

    assert set(states(survey).values()) == {"not-known"}
    assert survey.address == ""


def test_a_lone_end_of_file_is_no_refusal(serve: Serve) -> None:
    """A server that closes on every hello is not known to refuse anything: nothing shows that it lives."""
    survey = probe("127.0.0.1", serve(lambda connection: connection.recv(4096) and None))

    assert set(states(survey).values()) == {"not-known"}
    assert survey.speaks_tls is None


def test_an_end_of_file_is_a_refusal_beside_a_version_that_is_served(serve_tls: ServeTls) -> None:
    """Closing without a word on old hellos counts, because it repeats and TLS 1.2 is served before and after."""

    def close_on_old(connection: socket.socket) -> None:
        if allowed_version(peek_hello(connection)) < 0x0303:
            connection.recv(16_384)  # unread bytes would turn the end of file into a reset
            connection.close()

    survey = probe("127.0.0.1", serve_tls("1.0", "1.3", before=close_on_old))

    assert states(survey) == {"1.0": "refused-by-eof", "1.1": "refused-by-eof", "1.2": "offered", "1.3": "offered"}
    assert "twice" in survey.outcome(TLS_1_0).reason


def test_an_end_of_file_that_does_not_repeat_is_no_refusal(serve_tls: ServeTls) -> None:
    """A server that closes on the first old hello only is not said to refuse that version."""
    closed: list[int] = []

    def close_once(connection: socket.socket) -> None:
        version = allowed_version(peek_hello(connection))
        if version == 0x0301 and not closed:
            closed.append(version)
            connection.recv(16_384)
            connection.close()

    survey = probe("127.0.0.1", serve_tls("1.0", "1.3", before=close_once))

    assert survey.outcome(TLS_1_0).state is VersionState.NOT_KNOWN
    assert "could not be confirmed" in survey.outcome(TLS_1_0).reason


def test_an_end_of_file_from_a_dying_server_is_no_refusal(serve_tls: ServeTls) -> None:
    """Where the served version is gone afterwards, the ends of file before it prove nothing."""
    hellos: list[bytes] = []

    def die_after_the_first(connection: socket.socket) -> None:
        hellos.append(peek_hello(connection))
        if hellos.count(b"") + 1 < len(hellos):  # the first connection brings no hello
            connection.recv(16_384)
            connection.close()

    survey = probe("127.0.0.1", serve_tls("1.0", "1.3", before=die_after_the_first))

    assert states(survey) == {"1.0": "not-known", "1.1": "not-known", "1.2": "not-known", "1.3": "offered"}


def test_a_reset_is_no_refusal(serve_tls: ServeTls) -> None:
    """A TCP reset on old hellos leaves the old versions not known, though the new ones are served."""

    def reset_on_old(connection: socket.socket) -> None:
        if allowed_version(peek_hello(connection)) < 0x0303:
            reset(connection)

    survey = probe("127.0.0.1", serve_tls("1.2", "1.3", before=reset_on_old))

    assert states(survey) == {"1.0": "not-known", "1.1": "not-known", "1.2": "offered", "1.3": "offered"}
    assert "reset" in survey.outcome(TLS_1_0).reason


def test_an_internal_error_counts_only_when_it_repeats_beside_a_served_version(serve_tls: ServeTls) -> None:
    """Many servers answer a version that they cannot serve with internal_error: twice, with a control, is a refusal."""

    def stumble_on_old(connection: socket.socket) -> None:
        if allowed_version(peek_hello(connection)) < 0x0303:
            connection.recv(16_384)
            connection.sendall(b"\x15\x03\x01\x00\x02\x02\x50")
            connection.close()

    survey = probe("127.0.0.1", serve_tls("1.2", "1.3", before=stumble_on_old))

    assert survey.outcome(TLS_1_0).state is VersionState.REFUSED_BY_ALERT
    assert survey.outcome(TLS_1_0).alert == "internal_error"
    assert "twice" in survey.outcome(TLS_1_0).reason


@pytest.mark.parametrize("code", [80, 112])
def test_an_alert_about_something_else_is_no_refusal(serve: Serve, code: int) -> None:
    """internal_error and unrecognized_name on every hello say nothing about versions."""

    def alert(connection: socket.socket) -> None:
        connection.recv(16_384)
        connection.sendall(bytes([21, 3, 1, 0, 2, 2, code]))

    survey = probe("localhost", serve(alert))

    assert set(states(survey).values()) == {"not-known"}


def test_silence_ends_with_the_deadline_and_is_no_refusal(serve: Serve) -> None:
    """A server that never answers costs the deadline and not more, and leaves everything not known."""
    started = time.monotonic()
    survey = probe("127.0.0.1", serve(lambda connection: time.sleep(1.5)), deadline_seconds=0.6)

    assert time.monotonic() - started < 1.2
    assert set(states(survey).values()) == {"not-known"}
    assert "did not answer in time" in survey.outcome(TLS_1_2).reason


def test_a_drip_cannot_stretch_the_deadline(serve: Serve) -> None:
    """A byte of a plausible record every 50 ms never lets a read time out, and still ends with the deadline."""

    def drip(connection: socket.socket) -> None:
        for byte in b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb" + bytes(60):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    started = time.monotonic()
    survey = probe("127.0.0.1", serve(drip), deadline_seconds=0.6)

    assert time.monotonic() - started < 1.2
    assert set(states(survey).values()) == {"not-known"}


def test_one_silent_version_does_not_starve_the_others(serve_tls: ServeTls) -> None:
    """Where only the newest hello hangs, the older versions are still found within the deadline."""

    def hang_on_new(connection: socket.socket) -> None:
        if allowed_version(peek_hello(connection)) == 0x0304:
            time.sleep(1)

    survey = probe("127.0.0.1", serve_tls("1.0", "1.2", before=hang_on_new), deadline_seconds=1.2)

    assert states(survey) == {"1.0": "offered", "1.1": "offered", "1.2": "offered", "1.3": "not-known"}


def test_an_old_version_with_forgotten_suites_only_is_still_found(serve_tls: ServeTls) -> None:
    """A server whose TLS 1.0 knows RC4 alone refuses OpenSSL's suites, and is seen to offer TLS 1.0 nevertheless."""

    def rc4_only_on_old(connection: socket.socket) -> None:
        hello = peek_hello(connection)
        if allowed_version(hello) != 0x0301:
            return
        connection.recv(16_384)
        suites = struct.unpack_from("!H", hello, 44 + hello[43])[0]
        offered = hello[46 + hello[43] :][:suites]
        if b"\x00\x05" in {offered[at : at + 2] for at in range(0, suites, 2)}:
            body = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x05" + b"\x00"
            message = b"\x02" + len(body).to_bytes(3) + body
            connection.sendall(b"\x16\x03\x01" + len(message).to_bytes(2) + message)
        else:
            connection.sendall(b"\x15\x03\x01\x00\x02\x02\x28")
        connection.close()

    survey = probe("127.0.0.1", serve_tls("1.2", "1.3", before=rc4_only_on_old))

    assert states(survey) == {"1.0": "offered", "1.1": "refused-by-alert", "1.2": "offered", "1.3": "offered"}
    assert survey.outcome(TLS_1_0).cipher == "0x0005"
    assert not survey.outcome(TLS_1_0).completed


def test_a_server_that_wants_a_client_certificate_offers_its_versions(serve_tls: ServeTls) -> None:
    """A handshake that ends for want of a client certificate has shown the version all the same."""
    port = serve_tls("1.2", "1.2", change=lambda context: setattr(context, "verify_mode", 2))
    survey = probe("127.0.0.1", port)

    assert survey.offered == (TLS_1_2,)
    assert not survey.outcome(TLS_1_2).completed
    assert survey.outcome(TLS_1_0).refused


def test_a_client_that_cannot_speak_a_version_claims_no_refusal(
    serve_tls: ServeTls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an OpenSSL of security level 2 the old versions are not known, and the machine is named as the cause."""
    monkeypatch.setattr(handshake, "CIPHERS", "ALL:@SECLEVEL=2")
    handshake.open_context.cache_clear()
    ability.inability.cache_clear()
    try:
        survey = probe("127.0.0.1", serve_tls("1.2", "1.3"))
        old = probe("127.0.0.1", serve_tls("1.0", "1.3"))
    finally:
        handshake.open_context.cache_clear()
        ability.inability.cache_clear()

    assert states(survey) == {"1.0": "not-known", "1.1": "not-known", "1.2": "offered", "1.3": "offered"}
    assert "this machine's OpenSSL" in survey.outcome(TLS_1_0).reason
    assert "cannot speak TLS 1.0" in survey.outcome(TLS_1_0).reason
    assert old.offered == tuple(TlsVersion), "a hello written by hand needs no OpenSSL to find an offer"


def test_this_machine_proves_its_ability_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback handshake is made once a process and version."""
    assert [ability.inability(one) for one in TlsVersion] == ["", "", "", ""]
    monkeypatch.setattr(ability, "attempt", None)

    assert ability.inability(TLS_1_0) == ""
