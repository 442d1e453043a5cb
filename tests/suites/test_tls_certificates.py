"""The checks of certificates, on real handshakes of the service, of PostgreSQL and of Redis."""

import functools
import socket
import ssl
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.harness import harness_root
from stackproof.registry import _import

sys.path.insert(0, str(Path(__file__).parents[1] / "tls"))

from tls_servers import authority, certificate, serve, serve_tls

__all__ = ["authority", "serve", "serve_tls"]

SERVICE = "tls/certificate::certificates_of_the_service_stand"
POSTGRESQL = "tls/certificate::certificate_of_postgresql_stands"
REDIS = "tls/certificate::certificates_of_redis_stand"
STRONG = "tls/strength::certificates_of_the_service_are_strong"
VERSIONS = "tls/minimum::service_refuses_versions_below_the_minimum"


@pytest.fixture
def service(check, authority):
    """A check of the service's HTTPS endpoints, on parts of a descriptor."""

    def run(base_url, *, name=SERVICE, requirement="tls.certificate.http", ca=authority.file, more=(), **about):
        target = {"base_url": base_url, **({"ca": ca} if ca else {}), **about}
        return check(name, requirement, descriptor=parse_descriptor({"target": target, **dict(more)}, Path(__file__)))

    return run


@pytest.fixture
def shows(serve_tls, tmp_path):
    """Start a TLS server that shows a certificate made for the test; gives its port and the certificate's file."""

    def start(names=("localhost",), **made):
        folder = tmp_path / f"certificate-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        pair = certificate(folder, names, **made)

        def change(context):
            context.load_cert_chain(*pair)
            context.set_ciphers("aRSA:@SECLEVEL=0")

        before = made.pop("before", None)
        assert before is None
        return serve_tls("1.2", "1.2", change=change), pair[0]

    return start


def test_a_good_certificate_is_satisfied(service, serve_tls):
    """In date, of the descriptor's authority, and for the name."""
    assert "days left" in service(f"https://localhost:{serve_tls()}")


@pytest.mark.parametrize(
    ("names", "days", "words"),
    [
        (("localhost",), (-30, -1), "has expired"),
        (("localhost",), (2, 30), "is not valid before"),
        (("other.example",), (-1, 30), "is not for localhost: it is for DNS:other.example"),
        (("other.example",), (-30, -1), "has expired.*is not for localhost"),
    ],
)
def test_what_is_wrong_is_told(service, shows, authority, names, days, words):
    """Dates and names, each by its own words, and both where both are wrong."""
    port, _ = shows(names, days=days, issuer=authority.ca)
    with pytest.raises(Violation, match=words):
        service(f"https://localhost:{port}")


def test_a_name_in_the_subject_alone_is_none(service, shows, authority):
    """OpenSSL still looks there, as libpq does; browsers, and RFC 9525, look at alternative names alone."""
    port, _ = shows(issuer=authority.ca, alternative=False)
    with pytest.raises(Violation, match="has localhost in its subject alone"):
        service(f"https://localhost:{port}")


def test_a_certificate_is_as_strong_as_the_document_asks(service, shows, serve_tls, authority, check):
    """The key and the hash of the signature; nobody relies on the signature that a certificate gives itself."""
    judged = {"name": STRONG, "requirement": "tls.certificate.strength"}
    port, _ = shows(issuer=authority.ca, bits=1024)
    with pytest.raises(Violation, match=r"its key \(RSA, 1024 bits\) at localhost:\d+: 80 bits"):
        service(f"https://localhost:{port}", **judged)
    with pytest.raises(NotAssessed, match="showed no certificate"):
        service(f"https://localhost:{serve_tls()}", also=["https://localhost:1"], **judged)
    with pytest.raises(NotAssessed, match="nothing there is reached over TLS"):
        service("http://localhost:1", **judged)
    assert "its signature (sha256)" in service(f"https://localhost:{serve_tls()}", **judged)
    own, file = shows()
    assert "signature" not in service(f"https://localhost:{own}", ca=file, **judged)
    weak = parse_descriptor(
        {"target": {"base_url": "https://localhost"}, "redis": {"cache": {"url": f"rediss://localhost:{port}"}}},
        Path(__file__),
    )
    with pytest.raises(Violation, match="RSA, 1024 bits"):
        check("tls/strength::certificates_of_redis_are_strong", "tls.certificate.strength", descriptor=weak)


@pytest.mark.parametrize(
    ("kind", "size", "hashing", "bits"),
    [
        ("RSA", 2048, "sha1", [112, 63]),
        ("RSA", 4096, "sha512", [128, 256]),
        ("EC secp256r1", 256, "sha384", [128, 192]),
        ("EC secp192r1", 192, "md5", [96, 18]),
        ("Ed25519", 256, "", [128]),
        ("McEliece", 9, "sha3-256", [None, None]),
    ],
)
def test_the_strength_of_keys_and_hashes(kind, size, hashing, bits):
    """As NIST has them; what is not known is never called weak or strong."""
    module = _import(harness_root() / "suites" / "tls" / "strength.py")
    made = SimpleNamespace(key_type=kind, key_bits=size, signature_hash=hashing, self_signed=False)

    assert list(module.parts_of(made).values()) == bits


def test_a_self_signed_certificate_stands_where_the_descriptor_trusts_it(service, shows, authority):
    """`target.ca` makes the difference: with it the certificate is its own authority, without it nobody's."""
    port, file = shows()
    assert service(f"https://localhost:{port}", ca=file)
    for ca in (None, authority.file):
        with pytest.raises(Violation, match="leads to no authority"):
            service(f"https://localhost:{port}", ca=ca)


def test_an_authority_that_nobody_named_is_not_assessed(service, serve_tls):
    """A company's own authority is no fault: the machine that looks does not know it."""
    with pytest.raises(NotAssessed, match=r"target\.ca names its certificate"):
        service(f"https://localhost:{serve_tls()}", ca=None)


def test_a_fault_at_one_endpoint_counts_whatever_the_other_is(service, shows, serve_tls, authority):
    """The first good, down, or plain; the fault at a second base URL, or at a WebSocket elsewhere."""
    port, _ = shows(days=(-30, -1), issuer=authority.ca)
    for first in (f"https://localhost:{serve_tls()}", "https://localhost:1", "http://localhost:1"):
        with pytest.raises(Violation, match=f"localhost:{port} has expired"):
            service(first, also=[f"https://localhost:{port}"])
    with pytest.raises(Violation, match=f"localhost:{port} has expired"):
        service("https://localhost:1", more={"websocket": {"path": f"wss://localhost:{port}/live"}})


def test_what_cannot_be_looked_at_is_not_assessed(service, serve_tls):
    """Nobody there, at one of two; and a service without TLS."""
    with pytest.raises(NotAssessed, match="localhost:1 showed no certificate: the TCP connection was refused"):
        service(f"https://localhost:{serve_tls()}", also=["https://localhost:1"])
    with pytest.raises(NotAssessed, match="not reached over TLS"):
        service("http://localhost:1")


def test_a_server_that_hangs_in_the_handshake_is_not_assessed(service, serve, monkeypatch):
    """The survey ends in its time, and silence is no verdict on versions either."""
    port = serve(lambda connection: time.sleep(4))
    for name, requirement in ((SERVICE, "tls.certificate.http"), (VERSIONS, "tls.minimum-version")):
        module = _import(harness_root() / "suites" / f"{name.partition('::')[0]}.py")
        monkeypatch.setattr(module, "survey_of", functools.partial(module.survey_of, within=1.0))
        began = time.monotonic()
        with pytest.raises(NotAssessed, match="did not answer in time"):
            service(f"https://localhost:{port}", name=name, requirement=requirement)
        assert time.monotonic() - began < 10


def test_the_name_is_asked_for_at_the_pinned_address(service, serve_tls, authority):
    """A server that shows the right certificate only to those who ask by name, where the name leads nowhere."""
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.ca.issue_cert("shop.example").configure_cert(own)

    def by_name(connection, name, _context):
        if name == "shop.example":
            connection.context = own

    port = serve_tls(names=("default.example",), change=lambda one: setattr(one, "sni_callback", by_name))
    pinned = {"shop.example": "127.0.0.1", "other.example": "127.0.0.1"}
    assert service(f"https://shop.example:{port}", resolve=pinned)
    with pytest.raises(Violation, match=r"is not for other\.example: it is for DNS:default\.example"):
        service(f"https://other.example:{port}", resolve=pinned)


@pytest.mark.parametrize("highest", ["1.2", "1.3"])
def test_a_server_that_asks_who_its_client_is(service, serve_tls, authority, tmp_path, highest):
    """It is not misread as one that refuses TLS; with the client's certificate its own is judged."""
    client = authority.ca.issue_cert("client@example.com")
    pem = tmp_path / "client.pem"
    client.private_key_and_cert_chain_pem.write_to_path(pem)

    def demand(context):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.file)

    url = f"https://localhost:{serve_tls('1.2', highest, change=demand)}"
    with_it = {"client_certificate": str(pem)}
    for about in ({}, with_it):
        told = service(url, name=VERSIONS, requirement="tls.minimum-version", **about)
        assert "refuses 1.0, 1.1" in told
    assert service(url, **with_it)
    if highest == "1.2":
        with pytest.raises(NotAssessed, match=r"target\.client_certificate"):
            service(url)


# PostgreSQL and Redis


def postgresql(connection):
    """The server's side of PostgreSQL's SSLRequest."""
    connection.recv(8, socket.MSG_WAITALL)
    connection.sendall(b"S")


@pytest.fixture
def database(check):
    """The check of PostgreSQL's certificate, on a DSN."""

    def run(dsn):
        data = {"target": {"base_url": "https://localhost"}, "postgres": {"dsn": dsn}}
        return check(POSTGRESQL, "tls.certificate.postgresql", descriptor=parse_descriptor(data, Path(__file__)))

    return run


def test_postgresql_is_judged_before_a_client_would_give_up(database, serve_tls, authority, tmp_path):
    """A DSN with verify-full cannot connect to an expired server, and the check sees why."""
    port = serve_tls(before=postgresql)
    good = f"postgresql://user@localhost:{port}/db?sslmode=verify-full&sslrootcert={authority.file}"
    assert "days left" in database(good)
    assert database(good.replace("localhost:", "nowhere.invalid,localhost:").replace("nowhere.invalid,", ""))

    pair = certificate(tmp_path, ("localhost",), days=(-30, -1), issuer=authority.ca)

    def expired(context):
        context.load_cert_chain(*pair)
        context.set_ciphers("aRSA:@SECLEVEL=0")

    port = serve_tls("1.2", "1.2", before=postgresql, change=expired)
    with pytest.raises(Violation, match="has expired"):
        database(f"host=localhost port={port} sslmode=verify-full sslrootcert={authority.file}")


def test_postgresql_behind_a_tunnel_or_with_an_authority_of_its_own_is_not_assessed(database, serve_tls, authority):
    """Without sslrootcert nobody says whom to trust; at loopback the name may be the tunnel's; a socket has no TLS."""
    port = serve_tls(before=postgresql, names=("database.internal",))
    for dsn, words in (
        (f"host=localhost port={port} sslmode=require", "sslrootcert"),
        (f"host=localhost port={port} sslrootcert={authority.file}", "tunnel"),
        ("host=/var/run/postgresql dbname=x", "socket"),
        (f"host=localhost port=1 sslrootcert={authority.file}", "refused"),
    ):
        with pytest.raises(NotAssessed, match=words):
            database(dsn)
    pinned = f"host=database.internal hostaddr=127.0.0.1 port={port} sslrootcert={authority.file}"
    assert "database.internal" in database(pinned)
    with pytest.raises(Violation, match=r"is not for other\.internal"):
        database(pinned.replace("host=database", "host=other"))


def test_redis_of_every_role_is_judged(check, shows, serve_tls, authority):
    """A fault at one role counts whatever the other is."""

    def run(cache, broker="redis://localhost:1"):
        roles = {"cache": {"url": cache}, "broker": {"url": broker}}
        data = {"target": {"base_url": "https://localhost"}, "redis": roles}
        return check(REDIS, "tls.certificate.redis", descriptor=parse_descriptor(data, Path(__file__)))

    def at(port):
        return f"rediss://:secret@localhost:{port}/0?ssl_ca_certs={authority.file}"

    good, expired = at(serve_tls()), at(shows(days=(-30, -1), issuer=authority.ca)[0])
    assert "days left" in run(good)
    for urls in ((expired, good), (good, expired), (at(1), expired)):
        with pytest.raises(Violation, match="has expired"):
            run(*urls)
    with pytest.raises(NotAssessed, match="neither"):
        run("redis://localhost:1")
