"""The HTTP suites against a running service, over a bare replay of the same exchanges, as a ratio in one run.

    python benchmarks/remote_run.py [--services embedded] [--pairs 5] [--workers 2]

The service is the reference one, described like anybody's: HTTP and an account, nothing else, no writes. One run goes
through a recording proxy. Then, turn about: `stackproof run --profile remote` straight at the service, and bare httpx
clients (a process of their own, started like the other) that send what was recorded, on as many connections, with as
many workers, in the recorded order. Tokens of the recording are replaced with those that the replay is handed out, and
an exchange waits for the one that gave it its token: the service has the same work to do.

One check is left out on both sides: the server behind the service answers nothing at all to a header of 16 KiB, and a
time-out of 10 s waited for twice would only bring the ratio closer to 1. An exchange of the others that is not answered
ends the benchmark, for its time is nobody's work.

The budget is a ratio of 1.25, the median of the pairs.
"""

from __future__ import annotations

import argparse
import http.client
import http.server
import itertools
import json
import os
import pickle
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BUDGET = 1.25
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade", "te", "trailer"}
TOKENS = ("access", "refresh")
LEFT_OUT = "jwt.oversized-refused"


@dataclass
class Exchange:
    """One request and the tokens of its answer; `connection` numbers the connections that carried them."""

    connection: int
    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    began: float
    status: int = 0
    tokens: dict[str, str] = field(default_factory=dict)


def tokens_of(body: bytes) -> dict[str, str]:
    """The tokens in an answer of the reference service."""
    try:
        data = json.loads(body)
    except ValueError:
        return {}
    return {name: data[name] for name in TOKENS if isinstance(data, dict) and isinstance(data.get(name), str)}


# -- recording -----------------------------------------------------------------------------------------------------


class Recorder(http.server.BaseHTTPRequestHandler):
    """Hands on to the service over TLS, connection by connection, and keeps what it saw."""

    protocol_version = "HTTP/1.1"
    exchanges: list[Exchange] = []  # noqa: RUF012 - the benchmark has one recorder
    numbers = itertools.count()
    service: tuple[str, int] = ("", 0)
    context: ssl.SSLContext

    def setup(self) -> None:
        """A connection in front is a connection behind."""
        super().setup()
        self.number = next(self.numbers)
        self.behind = http.client.HTTPSConnection(*self.service, context=self.context)

    def hand_on(self) -> None:
        """One exchange."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = [(name, value) for name, value in self.headers.items() if name.lower() not in HOP]
        seen = Exchange(self.number, self.command, self.path, headers, body, time.monotonic())
        self.exchanges.append(seen)
        try:
            self.behind.request(self.command, self.path, body or None, dict(headers))
            answer = self.behind.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):  # no answer is handed on as none
            self.close_connection = True
            return
        seen.status, seen.tokens = answer.status, tokens_of(content)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP | {"server", "date"}:
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = hand_on  # noqa: N815 - the base's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def record(descriptor: Path, folder: Path, ca: str, workers: int) -> list[Exchange]:
    """The exchanges of one run through the recorder, in the order of their beginning."""
    import tomlkit

    data = tomlkit.parse(descriptor.read_text(encoding="utf-8")).unwrap()
    host, _, port = data["target"]["base_url"].removeprefix("https://").partition(":")
    Recorder.service = (host, int(port))
    Recorder.context = ssl.create_default_context(cafile=ca)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    data["target"]["base_url"] = f"http://127.0.0.1:{server.server_address[1]}"
    through = folder / "through.toml"
    through.write_text(tomlkit.dumps(data), encoding="utf-8")
    judge(through, folder / "recorded", workers)
    server.shutdown()
    unanswered = [one for one in Recorder.exchanges if not one.status]
    if unanswered:
        sys.exit("not answered: " + ", ".join(f"{one.method} {one.path}" for one in unanswered))
    return sorted(Recorder.exchanges, key=lambda one: one.began)


# -- replaying -----------------------------------------------------------------------------------------------------


class Replay:
    """Sends what was recorded with bare httpx clients, one for each recorded connection."""

    def __init__(self, exchanges: list[Exchange], base_url: str, ca: str) -> None:
        self._exchanges, self._base_url = exchanges, base_url
        self._context = ssl.create_default_context(cafile=ca)
        self._clients: dict[int, Any] = {}
        self._live: dict[str, str] = {}
        self._giver = {token: index for index, one in enumerate(exchanges) for token in one.tokens.values()}
        self._done = [threading.Event() for _ in exchanges]
        self._order, self._lock = iter(range(len(exchanges))), threading.Lock()

    def run(self, workers: int) -> None:
        """All of it."""
        threads = [threading.Thread(target=self._work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                index = next(self._order, None)
            if index is None:
                return
            self._send(index)

    def _send(self, index: int) -> None:
        one = self._exchanges[index]
        headers, body = self._up_to_date(index)
        answer = self._client(one.connection).request(
            one.method, f"{self._base_url}{one.path}", headers=headers, content=body
        )
        for name, token in tokens_of(answer.content).items():
            if name in one.tokens:
                self._live[one.tokens[name]] = token
        self._done[index].set()

    def _up_to_date(self, index: int) -> tuple[dict[str, str], bytes]:
        """Headers and body with the tokens of this replay in place of the recorded ones."""
        headers, body = dict(self._exchanges[index].headers), self._exchanges[index].body
        for old, source in self._giver.items():
            if source < index and (old.encode() in body or any(old in value for value in headers.values())):
                self._done[source].wait(30)
                new = self._live.get(old, old)
                body = body.replace(old.encode(), new.encode())
                headers = {name: value.replace(old, new) for name, value in headers.items()}
        return headers, body

    def _client(self, connection: int) -> Any:
        import httpx

        with self._lock:
            if connection not in self._clients:
                self._clients[connection] = httpx.Client(verify=self._context, trust_env=False, timeout=30)
            return self._clients[connection]


# -- measuring -----------------------------------------------------------------------------------------------------


def ordinary() -> dict[str, str]:
    """The environment, with Python keeping its bytecode as it does by default; the recording makes it for both."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def judge(descriptor: Path, output: Path, workers: int) -> float:
    """Seconds of the command."""
    from stackproof.harness import reference_specification
    from stackproof.spec import read

    judged = ",".join(one.id for one in read(reference_specification()).every if one.id != LEFT_OUT)
    command = [sys.executable, "-m", "stackproof", "run", "--target", str(descriptor), "--profile", "remote"]
    command += ["--workers", str(workers), "--quiet", "--output", str(output), "--only", judged]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=ordinary(), check=False)
    seconds = time.monotonic() - began
    if done.returncode not in {0, 1, 4}:
        sys.exit(done.stderr)
    return seconds


def replayed(recording: Path, base_url: str, ca: str, workers: int) -> float:
    """Seconds of the replay as a process of its own."""
    command = [sys.executable, __file__, "--replay", str(recording), base_url, ca, str(workers)]
    began = time.monotonic()
    subprocess.run(command, env=ordinary(), check=True)
    return time.monotonic() - began


def remote_descriptor(whole: Path, folder: Path) -> tuple[Path, str, str]:
    """(a descriptor of what somebody far away sees, its base URL, its CA bundle)."""
    import tomlkit

    data = tomlkit.parse(whole.read_text(encoding="utf-8")).unwrap()
    kept = {name: data[name] for name in ("target", "auth", "accounts")}
    kept["auth"].pop("signing_key", None)
    kept["accounts"].pop("disposable", None)
    path = folder / "stackproof.toml"
    path.write_text(tomlkit.dumps(kept), encoding="utf-8")
    return path, kept["target"]["base_url"], kept["target"]["ca"]


def measure(kind: str, pairs: int, workers: int) -> float:
    """The median ratio; prints each pair."""
    from stackproof.progress import Progress
    from stackproof.reference import Bench

    ratios = []
    with (
        tempfile.TemporaryDirectory() as name,
        Bench(kind, Progress(quiet=True).say) as bench,
        bench.service() as target,
    ):
        folder = Path(name)
        descriptor, base_url, ca = remote_descriptor(target.descriptor, folder)
        exchanges = record(descriptor, folder, ca, workers)
        recording = folder / "recording"
        recording.touch(mode=0o600)
        recording.write_bytes(pickle.dumps([vars(one) for one in exchanges]))
        connections = len({one.connection for one in exchanges})
        print(f"{len(exchanges)} exchanges on {connections} connections, {workers} workers, {os.cpu_count()} cores")
        for number in range(1, pairs + 1):
            bare = replayed(recording, base_url, ca, workers)
            ours = judge(descriptor, folder / f"run-{number}", workers)
            ratios.append(ours / bare)
            print(f"pair {number}: run {ours:.2f} s, bare replay {bare:.2f} s, ratio {ratios[-1]:.2f}")
    return statistics.median(ratios)


def main() -> None:
    """Print the ratio; leave with 1 where it is over the budget."""
    if sys.argv[1:2] == ["--replay"]:
        _, _, recording, base_url, ca, workers = sys.argv
        kept = pickle.loads(Path(recording).read_bytes())
        Replay([Exchange(**one) for one in kept], base_url, ca).run(int(workers))
        return
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--services", default="embedded", choices=["embedded", "testcontainers"])
    arguments.add_argument("--pairs", type=int, default=5)
    arguments.add_argument("--workers", type=int, default=2)
    given = arguments.parse_args()
    ratio = measure(given.services, given.pairs, given.workers)
    print(f"median ratio {ratio:.2f} (budget {BUDGET})")
    sys.exit(ratio > BUDGET)


if __name__ == "__main__":
    main()
