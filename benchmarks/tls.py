"""TLS of one endpoint: our prober against the sslyze command, the same questions, in pairs, in one run.

    uv run python benchmarks/tls.py [--pairs N] [--sslyze "uvx sslyze"]

Both are started as processes of their own against the same server, turn about, so that start-up, imports and the
machine's load weigh on both. The questions: which of TLS 1.0 to 1.3 are offered, the certificate, and whether it is
trusted. (To answer the first, sslyze tries every suite; that is its way, and part of what is compared.)
sslyze is a separate program that is only run, never imported; without it there is no ratio, and the exit
code is 3.
"""

from __future__ import annotations

import argparse
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

import trustme

BUDGET = 1.0
ASKED = {"1.0": "tls_1_0", "1.1": "tls_1_1", "1.2": "tls_1_2", "1.3": "tls_1_3"}
FLAGS = [
    "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--certinfo", "--mozilla_config=disable", "--sni=localhost"
]  # fmt: skip
OURS = """
import json, sys
from stackproof.tls import probe
survey = probe("127.0.0.1", int(sys.argv[1]), server_name="localhost", ca_file=sys.argv[2])
print(json.dumps([one.value for one in survey.offered]))
assert survey.trust and survey.trust.trusted, survey.as_evidence()
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
        for lowest in ("1.0", "1.2"):
            with _server(lowest, Path(folder)) as (port, ca_file):
                ours = [sys.executable, "-c", OURS, str(port), ca_file]
                if rival is None:
                    seconds = statistics.median(_timed(ours)[0] for _ in range(chosen.pairs))
                    print(f"server with TLS {lowest} and later: stackproof {seconds:.3f} s")
                    continue
                theirs = [*rival, *FLAGS, f"--json_out={folder}/sslyze.json", f"127.0.0.1:{port}"]
                print(f"server with TLS {lowest} and later:", end=" ")
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
    same = json.loads(answer) == _offered(report)
    ratio = statistics.median(a / b for a, b in zip(mine, other, strict=True))
    print(
        f"stackproof {statistics.median(mine):.3f} s, "
        f"sslyze {statistics.median(other):.3f} s, ratio {ratio:.2f}, "
        f"answers {'agree' if same else f'DIFFER: {answer.strip()} and {_offered(report)}'} ({pairs} pairs)"
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


def _offered(report: Path) -> list[str]:
    result = json.loads(report.read_text())["server_scan_results"][0]["scan_result"]
    return [
        version
        for version, name in ASKED.items()
        if result[f"{name}_cipher_suites"]["result"]["accepted_cipher_suites"]
    ]


def _timed(command: list[str]) -> tuple[float, str]:
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{shlex.join(command[:3])} … ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds, done.stdout


@contextmanager
def _server(lowest: str, folder: Path) -> Iterator[tuple[int, str]]:
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = {"1.0": ssl.TLSVersion.TLSv1, "1.2": ssl.TLSVersion.TLSv1_2}[lowest]
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    threading.Thread(target=_accept, args=(listener, lambda one: _talk(one, context)), daemon=True).start()
    try:
        yield listener.getsockname()[1], str(ca_file)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


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
