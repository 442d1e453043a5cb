"""A team's own clause and check: from the edition of the specification to the verdict."""

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stackproof.harness import reference_specification

CLAUSE = "tls.answers-carry-x-example"


@pytest.fixture
def edition(tmp_path):
    """The reference specification with a bullet of the team's own."""
    text = reference_specification().read_text(encoding="utf-8")
    assert "### TLS/SSL\n" in text
    path = tmp_path / "our-stack.md"
    path.write_text(text.replace("### TLS/SSL\n", "### TLS/SSL\n- Answers carry X-Example\n"), encoding="utf-8")
    return path


@pytest.fixture
def stackproof(tmp_path):
    """Run the command in the test's folder."""

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-m", "stackproof", *map(str, words)],
            cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


@pytest.fixture(params=[True, False], ids=["kept", "broken"])
def service(request):
    """(base URL, whether it keeps the clause)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            if request.param:
                self.send_header("X-Example", "yes")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", request.param
    server.shutdown()
    server.server_close()
    thread.join()


def clause_of(report):
    """The team's clause in a report."""
    return next(one for one in report["requirements"] if one["id"] == CLAUSE)


def test_a_clause_of_a_team_is_judged_once_a_check_claims_it(stackproof, edition, service, tmp_path):
    """Not assessed without a check; with the one that `new` wrote, satisfied where it is kept."""
    url, keeps = service
    descriptor = tmp_path / "stackproof.toml"
    descriptor.write_text(f'[target]\nbase_url = "{url}"\n', encoding="utf-8")
    words = ("run", "--target", descriptor, "--spec", edition, "--only", CLAUSE, "--json", "--quiet")
    before = json.loads(stackproof(*words).stdout)
    assert clause_of(before)["verdict"] == "not-assessed"
    assert "not understood" in clause_of(before)["reason"]

    assert stackproof("new", "check", CLAUSE, "--spec", edition).returncode == 0
    descriptor.write_text(f'[target]\nbase_url = "{url}"\n[suites]\nfolders = ["conformance"]\n', encoding="utf-8")
    after = json.loads(stackproof(*words).stdout)

    assert clause_of(after)["verdict"] == ("satisfied" if keeps else "violated")
    assert clause_of(after)["checks"][0]["id"].startswith("own/")
    assert len(after["requirements"]) == len(before["requirements"])
    assert "own/" in stackproof("list", "--target", descriptor).stdout


def test_what_new_writes_passes_its_own_test(stackproof, edition, tmp_path):
    """The test has a service that keeps the clause, one that breaks it, and one that fails."""
    stackproof("new", "check", CLAUSE, "--spec", edition)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "conformance"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert "3 passed" in done.stdout, done.stdout + done.stderr


@pytest.fixture
def written(stackproof, edition, tmp_path):
    """What `new` wrote, and a stackproof.toml whose service keeps the clause."""
    stackproof("new", "check", CLAUSE, "--spec", edition)
    stand_in = tmp_path / "conformance" / "faults" / "_stand_in_tls_answers_carry_x_example.py"
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(stand_in), str(port)])
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        descriptor = tmp_path / "stackproof.toml"
        text = f'[target]\nbase_url = "http://127.0.0.1:{port}"\n[suites]\nfolders = ["conformance"]\n'
        descriptor.write_text(text, encoding="utf-8")
        yield descriptor, stand_in.with_name("tls_answers_carry_x_example.toml")
    finally:
        process.terminate()
        process.wait()


def test_what_new_writes_is_proven(stackproof, edition, written, tmp_path):
    """The fault is noticed, the described service raises no alarm, and nothing is left behind."""
    descriptor, _ = written
    done = stackproof("prove", "--target", descriptor, "--spec", edition, "--json", "--quiet")
    matrix = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert {(one["service"], one["sight"]) for one in matrix["cells"]} == {
        ("conforming", "quiet"),
        ("tls_answers_carry_x_example", "noticed"),
    }
    assert not list(tmp_path.glob(".stackproof-fault-*"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (', "broken"]', "]", "did not notice"),
        ('"{port}"', '"1"', "its service did not start"),
        ('"python3"', '"no-such-program"', "cannot be started"),
        ("own/tls_answers_carry_x_example::", "own/absent::", "does not exist"),
        ('", "{port}"', '-absent.py", "{port}"', "before it listened"),
    ],
    ids=["unnoticed", "not-listening", "no-program", "no-check", "ends"],
)
def test_a_fault_that_proves_nothing_is_told(stackproof, edition, written, monkeypatch, old, new, told):
    """A service that is not broken, one that does not start, a check that is not there: exit code 1, and why."""
    descriptor, fault = written
    assert old in fault.read_text()
    fault.write_text(fault.read_text().replace(old, new, 1))
    done = stackproof("prove", "--target", descriptor, "--spec", edition)

    assert done.returncode == 1
    assert told in done.stdout


def test_a_check_without_a_fault_is_told(stackproof, edition, written):
    """Unless pending.json has it, with the reason."""
    descriptor, fault = written
    other = descriptor.parent / "conformance" / "other.py"
    check = (descriptor.parent / "conformance" / "tls_answers_carry_x_example.py").read_text()
    other.write_text(check)
    words = ("prove", "--target", descriptor, "--spec", edition)
    alone = stackproof(*words)
    name = "own/other::tls_answers_carry_x_example"
    fault.with_name("pending.json").write_text(json.dumps({name: "nobody has a service that breaks it"}))
    listed = stackproof(*words)

    assert alone.returncode == 1
    assert f"{name}: was never seen to fail" in alone.stdout
    assert listed.returncode == 0, listed.stdout


def test_proving_nothing_is_refused(stackproof, tmp_path):
    """No own suites, no faults, a fault with a mistake: exit code 2, with the cure."""
    descriptor = tmp_path / "stackproof.toml"
    descriptor.write_text('[target]\nbase_url = "http://127.0.0.1:9"\n')
    assert "names no checks of your own" in stackproof("prove", "--target", descriptor).stderr
    (tmp_path / "conformance" / "faults").mkdir(parents=True)
    descriptor.write_text('[target]\nbase_url = "http://127.0.0.1:9"\n[suites]\nfolders = ["conformance"]\n')
    assert "there are no faults" in stackproof("prove", "--target", descriptor).stderr
    (tmp_path / "conformance" / "faults" / "one.toml").write_text('summary = "too short"\nstrat = []\n')
    done = stackproof("prove", "--target", descriptor)
    assert done.returncode == 2
    assert "strat" in done.stderr


def test_new_refuses_what_it_cannot_write(stackproof, edition):
    """An unknown id with a suggestion, a second time, and a folder that is a file: one line each."""
    unknown = stackproof("new", "check", "tls.answers-carry", "--spec", edition)
    assert unknown.returncode == 2
    assert f"did you mean {CLAUSE}" in unknown.stderr
    stackproof("new", "check", CLAUSE, "--spec", edition)
    again = stackproof("new", "check", CLAUSE, "--spec", edition)
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert stackproof("new", "check", CLAUSE, "--spec", edition, "--folder", edition).returncode == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import no_such_module\n", "no_such_module"),
        ("def broken(:\n", "invalid syntax"),
        ("from stackproof import verifies\n\n@verifies(needs=[])\ndef one():\n    'x'\n", "names at least one"),
    ],
)
def test_a_suite_that_cannot_be_imported_is_told(stackproof, tmp_path, text, told):
    """The file is named; it is nobody's violation, and no traceback."""
    folder = tmp_path / "conformance"
    folder.mkdir()
    (folder / "wrong.py").write_text(text, encoding="utf-8")
    descriptor = tmp_path / "stackproof.toml"
    descriptor.write_text('[target]\nbase_url = "http://127.0.0.1:9"\n[suites]\nfolders = ["conformance"]\n')
    done = stackproof("run", "--target", descriptor, "--only", "jwt.rotation")
    assert done.returncode in {2, 3}
    assert "wrong.py" in done.stderr
    assert told in done.stderr


def test_a_folder_that_is_not_there_is_a_fault_of_the_descriptor(stackproof, tmp_path):
    """File, line, key and cure."""
    descriptor = tmp_path / "stackproof.toml"
    descriptor.write_text('[target]\nbase_url = "http://127.0.0.1:9"\n[suites]\nfolders = ["absent"]\n')
    done = stackproof("run", "--target", descriptor)
    assert done.returncode == 2
    assert "stackproof.toml:4: suites.folders.0: is no folder" in done.stderr
    assert not Path(tmp_path / "stackproof-runs").exists()


def test_files_of_the_callers_folder_take_no_modules_place(tmp_path):
    """A project has a redis.py, a html.py, a logging.py: none of them is what the harness imports."""
    for name in ("html", "redis", "logging", "yaml", "psycopg", "pytest"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('taken')\n", encoding="utf-8")
    (tmp_path / "stackproof.toml").write_text('[target]\nbase_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    program = Path(sys.executable).with_name("stackproof")
    done = subprocess.run(
        [str(program), "run", "--target", "stackproof.toml", "--only", "jwt.*"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 4, done.stdout + done.stderr
    assert "taken" not in done.stdout + done.stderr
