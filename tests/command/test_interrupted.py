"""A reference run that is ended from outside: what it has is written, and nothing of it stays."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def of_run(marker):
    """Processes that carry the marker in their environment or command line, as everything that a run starts does."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in text and int(entry.name) != os.getpid():
            found.append(entry.name)
    return found


@pytest.fixture
def temporary():
    """A folder for temporary files that every user may pass through, as /tmp is; pytest's own are closed."""
    path = Path(tempfile.mkdtemp(prefix="sp-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.parametrize(
    ("sign", "moment"),
    [
        (signal.SIGINT, "starting the reference service"),
        (signal.SIGTERM, "· checks"),
        (signal.SIGKILL, "· checks"),
    ],
)
def test_nothing_stays_of_an_ended_run(sign, moment, temporary, tmp_path):
    """Ctrl-C, SIGTERM: a partial report. SIGKILL: none. After each, no process and no folder of the run is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stackproof", "run", "--services", "embedded", "--output", tmp_path / "run"],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for line in process.stderr:
        if moment in line:
            break
    time.sleep(1)
    process.send_signal(sign)
    errors = process.stderr.read() if sign != signal.SIGKILL else ""
    process.wait(timeout=60)
    process.stderr.close()

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (of_run(str(temporary)) or list(temporary.glob("stackproof-*"))):
        time.sleep(0.1)
    assert of_run(str(temporary)) == []
    assert list(temporary.glob("stackproof-*")) == []
    if sign == signal.SIGKILL:
        return
    assert "Traceback" not in errors
    assert process.returncode == 4
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["partial"]
    assert report["level"] == "incomplete"
    assert len(report["requirements"]) == sum(report["counts"].values())


WHILE_STARTING = """
import sys
from xdist.workermanage import NodeManager
from stackproof.cli import main

started = NodeManager.setup_nodes

def interrupted(self, **given):
    started(self, **given)
    raise KeyboardInterrupt

NodeManager.setup_nodes = interrupted
sys.argv = ["stackproof", "run", "--target", *sys.argv[1:]]
main()
"""


def test_workers_that_are_just_being_started_end_with_the_run(tmp_path):
    """Nobody else would end them: pytest has no session yet, and at the interpreter's end it is too late."""
    target = tmp_path / "stackproof.toml"
    target.write_text('[target]\nbase_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", WHILE_STARTING, target, "--output", tmp_path / "run"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "Traceback" not in done.stderr
    assert done.returncode == 4
    assert of_run(str(tmp_path)) == []
