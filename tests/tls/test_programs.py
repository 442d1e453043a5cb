"""The prober on programs that people run: OpenSSL's own server, and nginx in front of a service."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tls_servers import Authority

from stackproof.tls import VersionState, probe
from stackproof.tls.plain import Ending, get_plainly

pytestmark = pytest.mark.slow

Program = Callable[[list[str], int], None]


@pytest.fixture
def program() -> Iterator[Program]:
    """Start a program and wait until it listens on the port."""
    started: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], port: int) -> None:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed")
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started.append(process)
        end = time.monotonic() + 10
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"{command[0]} does not listen: {process.poll()}")

    yield start
    for process in started:
        process.terminate()
        process.wait(5)
        if process.stdin:
            process.stdin.close()


@pytest.fixture
def files(authority: Authority, tmp_path: Path) -> tuple[str, str]:
    """Certificate and key for localhost, as files."""
    leaf = authority.ca.issue_cert("localhost", "127.0.0.1")
    chain, key = tmp_path / "server.pem", tmp_path / "server.key"
    chain.write_bytes(b"".join(one.bytes() for one in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(str(key))
    return str(chain), str(key)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("options", "offered"),
    [
        (["-tls1"], ["1.0"]),
        (["-tls1_1"], ["1.1"]),
        (["-tls1_2"], ["1.2"]),
        (["-tls1_3"], ["1.3"]),
        (["-no_tls1_3"], ["1.0", "1.1", "1.2"]),
    ],
)
def test_openssl_s_server(
    program: Program, files: tuple[str, str], authority: Authority, options: list[str], offered: list[str]
) -> None:
    """Each version that it was started with is found, and every other is refused."""
    port = free_port()
    program(
        ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{port}", "-cert", files[0], "-key", files[1]]
        + ["-cipher", "ALL:@SECLEVEL=0", *options],
        port,
    )
    survey = probe("localhost", port, address="127.0.0.1", ca_file=authority.file)

    assert [one.value for one in survey.offered] == offered
    assert all(one.refused for one in survey.outcomes if one.state is not VersionState.OFFERED), survey
    assert survey.trust is not None
    assert survey.trust.trusted
    assert not survey.ssl3_offered


NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
{user}
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{port} ssl; server_name shop.example; ssl_certificate {chain}; ssl_certificate_key {key};
    ssl_protocols {protocols}; ssl_ciphers ALL:@SECLEVEL=0;
    location / {{ return 401; }}
  }}
  server {{ listen 127.0.0.1:{plain}; return 301 https://$host$request_uri; }}
}}
"""


@pytest.mark.parametrize(
    ("protocols", "offered"),
    [("TLSv1 TLSv1.1", ["1.0", "1.1"]), ("TLSv1.1 TLSv1.2", ["1.1", "1.2"]), ("TLSv1.2 TLSv1.3", ["1.2", "1.3"])],
)
def test_nginx(
    program: Program, files: tuple[str, str], authority: Authority, tmp_path: Path, protocols: str, offered: list[str]
) -> None:
    """The versions that ssl_protocols names; plain HTTP meets its 400 at one port and its redirect at the other."""
    port, plain = free_port(), free_port()
    folder = tmp_path / "nginx"
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        NGINX.format(
            folder=folder, user=user, port=port, plain=plain, chain=files[0], key=files[1], protocols=protocols
        )
    )
    program(["nginx", "-c", str(configuration), "-p", str(folder), "-e", str(folder / "error.log")], port)
    survey = probe("localhost", port, address="127.0.0.1", ca_file=authority.file)

    assert [one.value for one in survey.offered] == offered
    assert all(one.refused for one in survey.outcomes if one.state is not VersionState.OFFERED), survey
    same, other = get_plainly("127.0.0.1", port, "/"), get_plainly("127.0.0.1", plain, "/me?x=1")
    assert (same.ending, same.status) == (Ending.ANSWERED, 400)
    assert (other.status, other.header("Location")) == (301, "https://127.0.0.1/me?x=1")
