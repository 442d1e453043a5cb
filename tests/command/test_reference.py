"""The reference run, as a user starts it; and the same target through pytest itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stackproof.harness import reference_specification
from stackproof.reference import Bench
from stackproof.spec import read

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
NEVER_ASSESSED_EMBEDDED = {"version.redis", "tls.redis"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the runs write."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def reference_run(folder):
    """`stackproof run` on the embedded services, from an empty folder."""
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", "run", "--services", "embedded", "--json", "--output", folder / "one"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done, json.loads(done.stdout)


def verdicts(report):
    """Verdict by requirement."""
    return {one["id"]: one["verdict"] for one in report["requirements"]}


def test_the_reference_run_ends_in_verdicts(reference_run):
    """At least forty clauses have a verdict, none is violated, nothing failed, and it is incomplete: exit 4."""
    done, report = reference_run
    seen = verdicts(report)

    assert {one for one, verdict in seen.items() if verdict in {"violated", "error"}} == set()
    assert sum(verdict == "satisfied" for verdict in seen.values()) >= 60
    assert (done.returncode, report["level"], report["exit_code"]) == (4, "incomplete", 4)


def test_no_clause_is_dropped_and_every_other_one_says_why(reference_run):
    """The report has every clause of the document, with its line; what was not assessed has a reason."""
    _, report = reference_run
    clauses = {one.id: one.line for one in read(reference_specification()).requirements}

    assert {one["id"]: one["line"] for one in report["requirements"]} == clauses
    assert all(one["reason"] for one in report["requirements"])
    assert sum(report["counts"].values()) == len(clauses)


def test_what_is_satisfied_has_evidence(reference_run):
    """No satisfied clause without a check that ran and recorded what it saw."""
    _, report = reference_run
    for one in report["requirements"]:
        if one["verdict"] == "satisfied":
            assert any(check["verdict"] == "satisfied" and check["evidence"] for check in one["checks"]), one["id"]


def test_valkey_is_never_called_redis(reference_run):
    """The services are named by what ran, and the clause about Redis is not assessed on Valkey."""
    _, report = reference_run

    assert [one["product"] for one in report["services"]] == ["PostgreSQL", "Valkey", "Valkey"]
    assert verdicts(report)["version.redis"] == "not-assessed"
    assert report["services_reason"]


def test_time_travel_saw_the_lifetimes_enforced(reference_run):
    """Enforcement was looked at, not only claimed."""
    _, report = reference_run
    [access] = [one for one in report["requirements"] if one["id"] == "jwt.access-token-lifetime"]

    assert {check["id"]: check["verdict"] for check in access["checks"]}[
        "jwt/enforcement::access_token_is_refused_after_its_lifetime"
    ] == "satisfied"


def test_the_run_folder_holds_the_report(reference_run, folder):
    """What `--json` printed is what was written, and JUnit stands beside it."""
    _, report = reference_run

    assert json.loads((folder / "one" / "report.json").read_text()) == report
    assert (folder / "one" / "junit.xml").read_text().startswith("<?xml")


@pytest.fixture(scope="module")
def target(folder):
    """A reference service that stays up for a few runs."""
    with Bench("embedded", lambda _: None) as bench, bench.service() as up:
        yield up


def scrubbed(report):
    """The report without what may differ between two runs of the same thing."""
    kept = {key: value for key, value in report.items() if key not in {"run_id", "started", "seconds", "phases"}}
    for part in ("requirements", "derived"):
        kept[part] = [
            {
                **one,
                "checks": [{"id": check["id"], "verdict": check["verdict"]} for check in one["checks"]],
                "reason": "",
            }
            for one in report[part]
        ]
    return kept


def judged(target, folder, name, *options, **environment):
    """`stackproof run` on the service that is up."""
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", "run", "--target", target.descriptor, "--allow-writes", "--json"]
        + ["--output", folder / name, *options],
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, **environment},
        check=False,
    )
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def test_pytest_and_the_command_agree(target, folder):
    """`pytest suites/ --stackproof-target F` gives the verdicts of `stackproof run --target F`, twice the same."""
    only = "version.*,redis.*,postgresql.*,tls.*,jwt.rotation,jwt.blacklist,jwt.alg-none-refused,api.openapi-version"
    one = judged(target, folder, "two", "--only", only)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "suites", "-q", "-p", "no:cacheprovider", "--stackproof-allow-writes"]
        + [
            f"--stackproof-target={target.descriptor}",
            f"--stackproof-only={only}",
            f"--stackproof-report={folder / 'three'}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    other = json.loads((folder / "three" / "report.json").read_text())

    assert done.returncode == 0, done.stdout[-2000:]
    assert scrubbed(one) == scrubbed(other)


def test_no_secret_reaches_a_report(target, folder):
    """The account's password and the services' passwords are in no file of the run's folder."""
    secrets = [os.environ["STACKPROOF_PASSWORD"]]
    secrets += [
        os.environ[name].split("@")[0].rpartition(":")[2]
        for name in ("STACKPROOF_POSTGRES_DSN", "STACKPROOF_CACHE_URL", "STACKPROOF_BROKER_URL")
    ]
    judged(target, folder, "four", "--only", "jwt.*,accounts.*,postgresql.*,redis.*,tls.*,observability.*")
    for path in (folder / "four").iterdir():
        text = path.read_text()
        assert not [one for one in secrets if one in text]
        assert "eyJ" not in text.replace("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30", "")


def test_an_interrupted_run_writes_what_it_has(target, folder):
    """SIGTERM in the middle of the checks: the report is there, marked partial, nothing of it called fine unseen."""
    import signal
    import time

    process = subprocess.Popen(
        [sys.executable, "-m", "stackproof", "run", "--target", target.descriptor, "--allow-writes"]
        + ["--output", folder / "five"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    time.sleep(5)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    report = json.loads((folder / "five" / "report.json").read_text())

    assert "Traceback" not in errors
    assert process.returncode == 4
    assert report["partial"]
    assert report["level"] == "incomplete"
    assert any("interrupted" in one["reason"] for one in report["requirements"])
