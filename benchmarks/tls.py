"""TLS of one endpoint: our prober against the sslyze command, the same questions, in pairs, in one run.

    uv run python benchmarks/tls.py [--pairs N] [--sslyze "uvx sslyze"]

Both are started as processes of their own against the same server, turn about, so that start-up, imports and the
machine's load weigh on both. The questions: which of SSL 3.0 and TLS 1.0 to 1.3 are offered, when the certificate
ends, and whether it is trusted, by its chain and its name. Four servers are asked: with old versions, with new ones
alone, with an expired certificate, with one for another name. (To answer the first question, sslyze tries every suite;
that is its way, and part of what is compared.) sslyze is a separate program that is only run, never imported; without
it there is no ratio, and the exit code is 3.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BUDGET = 1.0
SERVERS = {  # lowest version, name in the certificate, days until its end
    "old versions": ("1.0", "localhost", 30),
    "new versions": ("1.2", "localhost", 30),
    "new versions, expired": ("1.2", "localhost", -1),
    "new versions, another name": ("1.2", "elsewhere.example", 30),
}
ASKED = {"ssl3": "ssl_3_0", "1.0": "tls_1_0", "1.1": "tls_1_1", "1.2": "tls_1_2", "1.3": "tls_1_3"}
FLAGS = [
    "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--certinfo", "--mozilla_config=disable",
    "--sni=localhost",
]  # fmt: skip
OURS = """
import json, sys
from stackproof.tls import probe
survey = probe("127.0.0.1", int(sys.argv[1]), server_name="localhost", ca_file=sys.argv[2])
print(json.dumps({
    "offered": (["ssl3"] if survey.ssl3_offered else []) + [one.value for one in survey.offered],
    "ends": survey.certificate.not_after.isoformat()[:19],
    "trusted": survey.trust.trusted,
}))
"""


def main() -> int:
    """Print one line per server and the ratio; the exit code is 1 beyond the budget or in disagreement."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pairs", type=int, default=7, help="measured pairs per server (default 7)")
    arguments.add_argument("--sslyze", default="", help="command that starts sslyze (default: found, else uvx sslyze)")
    chosen = arguments.parse_args()
    rival = _rival(chosen.sslyze)
    ratios, agree = [], True
    with tempfile.TemporaryDirectory() as folder:
        for title, (lowest, name, days) in SERVERS.items():
            with _server(lowest, name, days, Path(folder)) as (port, ca_file):
                ours = [sys.executable, "-c", OURS, str(port), ca_file]
                if rival is None:
                    seconds = statistics.median(_timed(ours)[0] for _ in range(chosen.pairs))
                    print(f"{title}: stackproof {seconds:.3f} s")
                    continue
                asked = [*FLAGS, f"--certinfo_ca_file={ca_file}"]
                theirs = [*rival, *asked, f"--json_out={folder}/sslyze.json", f"127.0.0.1:{port}"]
                print(f"{title}:", end=" ", flush=True)
                ratio, same = _compare(ours, theirs, Path(folder, "sslyze.json"), chosen.pairs)
                ratios.append(ratio)
                agree = agree and same
    if not ratios:
        print("sslyze could not be run: no ratio. Install it (uv tool install sslyze) or name it with --sslyze.")
        return 3
    print(f"ratio stackproof / sslyze: {max(ratios):.2f} (worst server), budget {BUDGET:.1f}")
    return 0 if agree and max(ratios) <= BUDGET else 1


def _compare(ours: list[str], theirs: list[str], report: Path, pairs: int) -> tuple[float, bool]:
    _timed(ours), _timed(theirs)  # the first start reads everything from disk
    mine, other, answer = [], [], ""
    for turn in range(pairs):
        measured = [_timed(one) for one in ((ours, theirs) if turn % 2 else (theirs, ours))]
        (seconds, answer), (rival_seconds, _) = measured if turn % 2 else reversed(measured)
        mine.append(seconds)
        other.append(rival_seconds)
    same = json.loads(answer) == _answer(report)
    ratio = statistics.median(a / b for a, b in zip(mine, other, strict=True))
    print(
        f"stackproof {statistics.median(mine):.3f} s, "
        f"sslyze {statistics.median(other):.3f} s, ratio {ratio:.2f}, "
        f"answers {'agree' if same else f'DIFFER: {answer.strip()} and {_answer(report)}'} ({pairs} pairs)"
    )
    return ratio, same


def _rival(named: str) -> list[str] | None:
    """The command that starts sslyze itself: where uvx brings it, without the start-up cost of uvx."""
    candidates = [named] if named else ["sslyze", "uvx --from sslyze python -m sslyze"]
    for one in candidates:
        command = shlex.split(one)
        if not shutil.which(command[0]):
            continue
        if command[0] == "uvx":
            where = ["uvx", "--from", "sslyze", "python", "-c", "import sys; print(sys.executable)"]
            found = subprocess.run(where, capture_output=True, text=True, check=False)
            if found.returncode:
                continue
            command = [found.stdout.strip(), "-m", "sslyze"]
        if subprocess.run([*command, "--help"], capture_output=True, check=False).returncode == 0:
            return command
    return None


def _answer(report: Path) -> dict[str, object]:
    result = json.loads(report.read_text())["server_scan_results"][0]["scan_result"]
    offered = [
        version
        for version, name in ASKED.items()
        if result[f"{name}_cipher_suites"]["result"]["accepted_cipher_suites"]
    ]
    shown = result["certificate_info"]["result"]["certificate_deployments"][0]
    by_store = {one["trust_store"]["name"]: one for one in shown["path_validation_results"]}
    return {
        "offered": offered,
        "ends": shown["received_certificate_chain"][0]["not_valid_after"][:19],
        "trusted": by_store["Supplied CA file"]["was_validation_successful"],
    }


def _timed(command: list[str]) -> tuple[float, str]:
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{shlex.join(command[:3])} … ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds, done.stdout


@contextmanager
def _server(lowest: str, name: str, days: int, folder: Path) -> Iterator[tuple[int, str]]:
    ca_file, chain = _certificates(name, days, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = {"1.0": ssl.TLSVersion.TLSv1, "1.2": ssl.TLSVersion.TLSv1_2}[lowest]
    context.load_cert_chain(chain)
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    threading.Thread(target=_accept, args=(listener, lambda one: _talk(one, context)), daemon=True).start()
    try:
        yield listener.getsockname()[1], str(ca_file)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _certificates(name: str, days: int, folder: Path) -> tuple[Path, Path]:
    """An authority and a server's certificate that both tools accept (sslyze takes no critical alternative name)."""
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark")])
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    usage = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    ca = (
        _built(ca_name, ca_name, ca_key.public_key(), now, 60)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(digital_signature=False, key_cert_sign=True, crl_sign=True, **usage), critical=True
        )
        .sign(ca_key, hashes.SHA256())
    )
    leaf = (
        _built(x509.Name([]), ca_name, key.public_key(), now, days)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    ca_file, chain = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
    return ca_file, chain


def _built(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=40))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _accept(listener: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=talk, args=(connection,), daemon=True).start()


def _talk(connection: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError), connection:
        connection.settimeout(5)
        with context.wrap_socket(connection, server_side=True) as tls:
            while data := tls.recv(4096):
                if data.endswith(b"\r\n\r\n"):
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


if __name__ == "__main__":
    raise SystemExit(main())
