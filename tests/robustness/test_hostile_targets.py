"""A whole run on targets that misbehave: it ends inside its budget, with a report, and proves nothing by accident."""

import contextlib
import json
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from stackproof.harness import reference_specification
from stackproof.spec import read
from tests.foreign.hostile import EXPECTED, NOTHING, YES, descriptor
from tests.foreign.launch import start

BUDGET = 8  # seconds that a run may send requests
AROUND = 110  # seconds for starting, collecting and writing: four on a quiet machine, and many on a busy one
MEMORY = 300 * 1024**2  # bytes that any process of a run may hold
QUICK = (
    "ok-tokens",
    "refuse-all",
    "garbage",
    "drip",
    "endless",
    "redirect-loop",
    "big-headers",
    "bomb",
    "invalid-utf8",
    "html-fields",
)
#: what a service says nothing about by saying yes, or no, to everything: it was reached, and that is all.
#: Facts of the transport would be here; over plain HTTP there is none.
PROVEN_BY_ANYBODY: set[str] = set()
MORE = """
[cors]
allowed_origins = ["https://app.example"]
credentials = false
[api]
document = "/openapi.json"
"""
#: runs the command given to it and adds what the largest process of it held, in kilobytes, to standard error
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print("largest:", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


@dataclass(frozen=True)
class Ran:
    """What a run left.

    Attributes:
        seconds: on the wall, from start to end of the command.
        largest: bytes that its largest process held.
        texts: everything that it printed or wrote, by name.
    """

    code: int
    seconds: float
    largest: int
    report: dict
    texts: dict[str, str]

    def ids(self, verdict):
        """Requirements with that verdict."""
        return {one["id"] for one in self.report["requirements"] if one["verdict"] == verdict}


def run(file, environment, folder, *options):
    """The command, as a user would call it."""
    command = [sys.executable, "-m", "stackproof", "run", "--target", str(file), "--budget", f"{BUDGET}s"]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command, "--output", "out", *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUDGET + AROUND + 30,
        check=False,
    )
    seconds = time.monotonic() - began
    texts = {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}
    largest = int(re.search(r"largest: (\d+)", done.stderr)[1]) * 1024
    report = json.loads(texts["out/report.json"])
    return Ran(done.returncode, seconds, largest, report, {"stdout": done.stdout, "stderr": done.stderr, **texts})


def whole(ran):
    """What must hold of every run, whatever the target does."""
    assert ran.seconds < BUDGET + AROUND
    assert ran.largest < MEMORY, f"{ran.largest // 1024**2} MB"
    assert "Traceback" not in "".join(ran.texts.values())
    documents = {one.id for one in read(reference_specification()).requirements}
    assert documents <= {one["id"] for one in ran.report["requirements"]}
    assert "junit.xml" in " ".join(ran.texts)
    for name, text in ran.texts.items():
        # an escape of JSON counts where its backslash is not an escaped one itself
        escaped = r"(?<!\\)(?:\\\\)*\\u(?:001b|202e)"
        control = re.search(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]|{escaped}", text)
        assert control is None, f"{name}: {text[max(0, control.start() - 60) : control.end() + 20]!r}"


def cases():
    """Every hostile manner; those of the issue's list in the default run."""
    for fault in EXPECTED:
        if fault:
            yield pytest.param(fault, marks=[] if fault in QUICK else [pytest.mark.exhaustive])


@pytest.mark.slow
@pytest.mark.parametrize("fault", cases())
def test_a_run_ends_with_a_report(fault, tmp_path):
    """Inside its budget and its memory, without a traceback, and nothing is satisfied that was not seen."""
    with start("hostile", "--fault", fault) as service:
        text = service.descriptor.read_text().replace("timeout = 2.0", "timeout = 1.0")
        service.descriptor.write_text(text + MORE)
        options = ["--allow-writes"] if fault.startswith("ok-") else []
        ran = run(service.descriptor, service.environment, tmp_path, *options)
        contacted = (service.folder / "elsewhere").exists()
        secrets = [service.password, *_ledger(service)]

    whole(ran)
    assert not contacted, "the run followed a redirection to a host that the descriptor does not name"
    shown = [name for name, text in ran.texts.items() for secret in secrets if secret in text]
    assert not shown, f"secrets in {shown}"
    if EXPECTED[fault] in (NOTHING, YES):
        proven = ran.ids("satisfied")
        assert proven <= PROVEN_BY_ANYBODY, f"satisfied by a service that proves nothing: {proven}"
        assert not ran.ids("error")
    if EXPECTED[fault] is NOTHING:
        assert ran.code == (1 if ran.ids("violated") else 4)
        blamed = {one for one in ran.ids("violated") if one.startswith(("jwt.", "password."))}
        assert not blamed, f"violated although nothing was seen: {blamed}"


def _ledger(service):
    path = service.folder / "ledger"
    return path.read_text().split() if path.exists() else []


def described(folder, port, more=""):
    """A descriptor of a service on a port where none is."""
    path = folder / "stackproof.toml"
    path.write_text(descriptor(f"http://127.0.0.1:{port}").replace("timeout = 2.0", "timeout = 1.0") + MORE + more)
    return path


ACCOUNT = {"STACKPROOF_USERNAME": "rider@example.com", "STACKPROOF_PASSWORD": "a-password-of-nobody"}


@contextlib.contextmanager
def accepting_nothing():
    """A port whose listener takes connections and never reads."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield listener.getsockname()[1]


def test_a_target_that_is_down(tmp_path, foreign_environment):
    """Nobody listens: everything that needs the service is not assessed and says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ran = run(described(tmp_path, port), foreign_environment(ACCOUNT), tmp_path)

    whole(ran)
    assert ran.code == 4
    assert not ran.ids("satisfied") | ran.ids("violated") | ran.ids("error")
    assert "cannot be reached" in ran.texts["out/report.json"]


def test_services_that_take_connections_and_say_nothing(tmp_path, foreign_environment):
    """The service, PostgreSQL and both Redis are mute: each probe has its own bound, and the run ends in time."""
    with accepting_nothing() as port:
        more = '[postgres]\n[redis.cache]\nurl_env = "CACHE"\n[redis.broker]\nurl_env = "BROKER"\n'
        variables = {
            **ACCOUNT,
            "STACKPROOF_POSTGRES_DSN": f"postgresql://reader:hidden-word-1@127.0.0.1:{port}/x",
            "CACHE": f"redis://:hidden-word-2@127.0.0.1:{port}/0",
            "BROKER": f"rediss://:hidden-word-3@127.0.0.1:{port}/0",
        }
        ran = run(described(tmp_path, port, more), foreign_environment(variables), tmp_path)

    whole(ran)
    assert ran.code == 4
    assert not ran.ids("satisfied") | ran.ids("violated") | ran.ids("error")
    everything = "".join(ran.texts.values())
    assert "hidden-word" not in everything
    assert ACCOUNT["STACKPROOF_PASSWORD"] not in everything
