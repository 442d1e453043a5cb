"""The certificate's facts, and what a strict client sees."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tls_servers import Authority, ServeTls, certificate

from stackproof.errors import UsageError
from stackproof.tls import TlsSurvey, TlsVersion, TrustFacts, probe


def trust_of(survey: TlsSurvey) -> TrustFacts:
    """The trust facts, which must be there."""
    assert survey.trust is not None
    return survey.trust


def loaded(serve_tls: ServeTls, pair: tuple[str, str]) -> int:
    """A TLS server with this certificate and key."""
    return serve_tls(change=lambda context: context.load_cert_chain(*pair))


def rsa_only(pair: tuple[str, str]) -> object:
    """A change of context that leaves no other certificate than the pair's."""

    def change(context: ssl.SSLContext) -> None:
        context.load_cert_chain(*pair)
        context.set_ciphers("aRSA:@SECLEVEL=0")

    return change


def test_an_expired_certificate_fails_the_chain_and_not_the_name(
    serve_tls: ServeTls, authority: Authority, tmp_path: Path
) -> None:
    """Out of date is a fault of the chain; the name is still right."""
    pair = certificate(tmp_path, ("localhost",), days=(-30, -1), issuer=authority.ca)
    survey = probe("localhost", serve_tls("1.2", "1.2", change=rsa_only(pair)), ca_file=authority.file)

    trust = trust_of(survey)
    assert (trust.chain, trust.name_matches) == (False, True)
    assert "certificate has expired" in trust.problems
    assert survey.certificate is not None
    assert not survey.certificate.valid_at(datetime.now(UTC))


def test_a_wrong_name_fails_the_name_and_not_the_chain(serve_tls: ServeTls, authority: Authority) -> None:
    """A certificate of the right authority for another host is a fault of the name."""
    survey = probe("localhost", serve_tls(names=("other.example.com",)), ca_file=authority.file)

    trust = trust_of(survey)
    assert (trust.chain, trust.name_matches) == (True, False)
    assert "Hostname mismatch" in " ".join(trust.problems)


def test_a_wrong_address_fails_the_name(serve_tls: ServeTls, authority: Authority) -> None:
    """An IP address that the certificate does not name is a fault of the name."""
    survey = probe("127.0.0.1", serve_tls(names=("localhost",)), ca_file=authority.file)

    assert (trust_of(survey).chain, trust_of(survey).name_matches) == (True, False)


def test_an_expired_certificate_for_another_name_fails_both(
    serve_tls: ServeTls, authority: Authority, tmp_path: Path
) -> None:
    """Two faults are told apart, though OpenSSL stops at the first."""
    pair = certificate(tmp_path, ("other.example.com",), days=(-30, -1), issuer=authority.ca)
    survey = probe("localhost", serve_tls("1.2", "1.2", change=rsa_only(pair)), ca_file=authority.file)

    assert (trust_of(survey).chain, trust_of(survey).name_matches) == (False, False)


def test_a_self_signed_certificate_fails_the_chain(serve_tls: ServeTls, authority: Authority, tmp_path: Path) -> None:
    """A certificate that its own key signed leads to no authority."""
    pair = certificate(tmp_path, ("localhost",))
    survey = probe("localhost", serve_tls("1.2", "1.2", change=rsa_only(pair)), ca_file=authority.file)

    assert survey.certificate is not None
    assert survey.certificate.self_signed
    assert (trust_of(survey).chain, trust_of(survey).name_matches) == (False, True)


def test_a_self_signed_certificate_is_trusted_by_who_names_it(serve_tls: ServeTls, tmp_path: Path) -> None:
    """Given as the CA file, a self-signed certificate verifies."""
    pair = certificate(tmp_path, ("localhost",))
    survey = probe("localhost", serve_tls("1.2", "1.2", change=rsa_only(pair)), ca_file=pair[0])

    assert trust_of(survey).trusted


def test_a_private_authority_is_not_trusted_without_its_file(serve_tls: ServeTls) -> None:
    """Against the machine's own store the tests' authority is unknown."""
    trust = trust_of(probe("localhost", serve_tls()))

    assert (trust.anchors, trust.chain, trust.name_matches) == ("system", False, True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_good_certificate_is_trusted(serve_tls: ServeTls, authority: Authority, host: str) -> None:
    """The right name or address, the right authority, in date."""
    survey = probe(host, serve_tls(), ca_file=authority.file)

    assert trust_of(survey) == TrustFacts(authority.file, host, chain=True, name_matches=True)


def test_the_server_name_decides_which_certificate_answers(serve_tls: ServeTls, authority: Authority) -> None:
    """The name that is sent and insisted on is `server_name`, not the host."""
    port = serve_tls(names=("api.example.com",))

    assert trust_of(probe("127.0.0.1", port, server_name="api.example.com", ca_file=authority.file)).trusted
    assert not trust_of(probe("127.0.0.1", port, server_name="www.example.com", ca_file=authority.file)).trusted


def test_the_facts_are_those_of_the_certificate(serve_tls: ServeTls, tmp_path: Path) -> None:
    """Names, dates, key and signature are read as they were made."""
    pair = certificate(tmp_path, ("localhost", "*.example.com"), days=(-2, 5))
    seen = probe("localhost", serve_tls("1.2", "1.2", change=rsa_only(pair))).certificate

    assert seen is not None
    assert seen.names == ("DNS:localhost", "DNS:*.example.com")
    assert (seen.key_type, seen.key_bits, seen.signature_hash) == ("RSA", 2048, "sha256")
    assert (seen.subject, seen.issuer) == ("CN=localhost", "CN=localhost")
    assert timedelta(days=6, hours=23) < seen.not_after - seen.not_before < timedelta(days=7, hours=1)


def test_evidence_is_json_and_capped(serve_tls: ServeTls, authority: Authority) -> None:
    """A certificate with hundreds of names does not flood the report."""
    names = tuple(f"host-{number}.example.com" for number in range(300))
    evidence = probe("localhost", serve_tls(names=names), ca_file=authority.file).as_evidence()

    assert json.loads(json.dumps(evidence)) == evidence
    assert len(evidence["certificate"]["names"]) == 21
    assert evidence["certificate"]["names"][-1] == "… 280 more"
    assert set(evidence["versions"]) == {one.value for one in TlsVersion}


def test_a_missing_ca_file_is_the_callers_error(tmp_path: Path) -> None:
    """The message names the file; nothing is probed."""
    with pytest.raises(UsageError, match=r"gone\.pem: no trust anchors could be read: No such file"):
        probe("127.0.0.1", 1, ca_file=str(tmp_path / "gone.pem"))


def test_a_ca_file_without_a_certificate_is_the_callers_error(tmp_path: Path) -> None:
    """A file that is no PEM is named as such."""
    (tmp_path / "note.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=r"note\.pem: no trust anchors could be read"):
        probe("127.0.0.1", 1, ca_file=str(tmp_path / "note.pem"))
