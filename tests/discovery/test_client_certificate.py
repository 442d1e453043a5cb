"""`init` on a service that wants to know who asks before it says anything."""

import pytest
import trustme

from stackproof.errors import UsageError


@pytest.fixture
def files(tmp_path):
    """An authority, the service's certificate, and a client's: (authority, certificate, {name: path})."""
    authority = trustme.CA()
    client = authority.issue_cert("harness.example.com")
    paths = {name: tmp_path / f"{name}.pem" for name in ("ca", "certificate", "key")}
    authority.cert_pem.write_to_path(paths["ca"])
    client.cert_chain_pems[0].write_to_path(paths["certificate"])
    client.private_key_pem.write_to_path(paths["key"])
    return authority, authority.issue_cert("127.0.0.1"), paths


def no_route(method, path, headers, body):
    """A service with nothing to find."""
    return 404, {}, {"detail": "not found"}


def test_the_client_is_told_and_written(serve, find, files):
    """With the certificate the service answers, and the descriptor names both files."""
    authority, certificate, paths = files
    url, seen = serve(no_route, certificate=certificate, clients=authority)

    findings = find(url, ca=paths["ca"], client_certificate=paths["certificate"], client_key=paths["key"])

    assert seen
    written = findings.tables["target"]
    assert written["client_certificate"].value == str(paths["certificate"])
    assert written["client_key"].value == str(paths["key"])


def test_without_one_the_cure_is_named(serve, find, files):
    """An alert of the handshake is told with the option that would help."""
    authority, certificate, paths = files
    url, seen = serve(no_route, certificate=certificate, clients=authority)

    with pytest.raises(UsageError, match="--client-certificate"):
        find(url, ca=paths["ca"])
    assert not seen


def test_a_file_that_is_no_certificate_is_told(find, files):
    """Before anything is sent."""
    _, _, paths = files

    with pytest.raises(UsageError, match="is no client certificate"):
        find("https://127.0.0.1:1", ca=paths["ca"], client_certificate=paths["ca"])
