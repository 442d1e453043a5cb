"""Drills on a service that is no Django, by commands that kill its parts and start them again."""

import json
import signal
import subprocess
import sys
import time

import httpx
import pytest

from tests.foreign import depot
from tests.foreign.launch import start
from tests.foreign.test_verdicts import flags_of, judge, mismatches

QUICK = (None,)
BACK_WITHIN = 60.0  # seconds for what happens in other processes; a busy machine takes its time


def cases():
    """Every fault of the depot."""
    for key in depot.EXPECTED:
        marks = [] if key in QUICK else [pytest.mark.exhaustive]
        yield pytest.param(key, id=(key or "conforming").lstrip("-").replace(" ", "_"), marks=marks)


def checks_of(report):
    """{check id: check} of a report."""
    return {check["id"]: check for one in (*report["requirements"], *report["derived"]) for check in one["checks"]}


@pytest.mark.parametrize("key", cases())
def test_drills_find_what_the_service_deserves(key, tmp_path):
    """Right on each fault, quiet on none; and whatever was found, the service is whole again."""
    only = [one for check in depot.EXPECTED[key] for one in ("--only", REQUIREMENTS[check.partition("::")[0]])]
    with start("depot", *flags_of(key)) as service:
        done = judge(service, tmp_path, "--workers", "0", "--drill", "--json", *only)
        whole = httpx.get(f"{service.base_url}/about", trust_env=False).status_code if key != "crash" else 200

    assert "Traceback" not in done.stderr, done.stderr
    assert not mismatches(depot.EXPECTED[key], checks_of(json.loads(done.stdout)))
    assert whole == 200


REQUIREMENTS = {
    "resilience/database": "resilience.postgresql-restart,resilience.acknowledged-is-kept",
    "resilience/web": "resilience.web-process,resilience.acknowledged-is-kept",
    "resilience/connections": "resilience.connections",
    "resilience/certificate": "resilience.certificate-renewal",
}


def test_a_start_that_starts_no_web_process_is_no_fault_of_the_service(tmp_path):
    """Nobody listens where it was; which address, and what to look at, stands in the reason."""
    with start("depot", "--commands", "unmended") as service:
        done = judge(service, tmp_path, "--workers", "0", "--drill", "--json", "--only", "resilience.web-process")

    [check] = checks_of(json.loads(done.stdout)).values()
    assert check["verdict"] == "not-assessed", check
    port = int(service.base_url.rpartition(":")[2]) + 1
    assert f"at http://127.0.0.1:{port} nobody listens" in check["reason"]


def test_nothing_is_broken_without_the_option(tmp_path):
    """Without --drill the commands are not run, and each drill says what would allow it."""
    with start("depot") as service:
        done = judge(service, tmp_path, "--workers", "0", "--json", "--only", "resilience.postgresql-restart")

    checks = checks_of(json.loads(done.stdout))
    assert {one["verdict"] for one in checks.values()} == {"not-assessed"}
    assert all("--drill has to allow" in one["reason"] for one in checks.values())


@pytest.mark.exhaustive
def test_records_need_their_own_permission(tmp_path):
    """--drill alone makes no records: what was acknowledged is not assessed, and the rest stands."""
    with start("depot") as service:
        command = [sys.executable, "-m", "stackproof", "run", "--target", service.descriptor, "--drill", "--json"]
        done = subprocess.run(
            [*command, "--only", "resilience.postgresql-restart,resilience.acknowledged-is-kept"],
            cwd=tmp_path, env=service.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    checks = checks_of(json.loads(done.stdout))
    assert checks["resilience/database::service_without_its_database_says_so"]["verdict"] == "satisfied"
    lost = checks["resilience/database::what_was_acknowledged_outlives_the_database"]
    assert "--allow-writes" in lost["reason"]


@pytest.mark.exhaustive
def test_a_part_that_is_not_described_is_named(tmp_path):
    """--drill without [drill] breaks nothing: every drill names the table that it would need."""
    with start("stdlib_opaque") as service:
        done = judge(service, tmp_path, "--workers", "0", "--drill", "--json", "--only", "resilience.*")

    checks = checks_of(json.loads(done.stdout))
    assert "[drill.postgres]" in checks["resilience/database::service_without_its_database_says_so"]["reason"]
    assert "[drill]" in done.stderr


def interrupted(service, folder, sign, *options):
    """A run that a signal ends while the store is away; (its code, what it said, whether the store is back)."""
    port = int(service.base_url.rpartition(":")[2]) + 3
    process = subprocess.Popen(
        [sys.executable, "-m", "stackproof", "run", "--target", service.descriptor, "--drill", "--output", "out",
         "--workers", "0", *options],
        cwd=folder, env=service.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert comes(lambda: not listens(port)), "the drill did not begin"
    process.send_signal(sign)
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors, comes(lambda: listens(port))


@pytest.mark.parametrize(
    "sign", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.exhaustive), signal.SIGKILL]
)
def test_an_interrupted_drill_is_undone(sign, tmp_path):
    """Ctrl-C, SIGTERM and SIGKILL in mid-drill: the part is started again, and the run says that it had stopped it."""
    with start("depot", "--fault", "hang") as service:
        code, errors, back = interrupted(service, tmp_path, sign, "--only", "resilience.postgresql-restart")

    assert back, "the part is still away"
    assert "Traceback" not in errors
    if sign is signal.SIGKILL:
        assert "stackproof ended while it had stopped [drill.postgres], which was started again" in errors
        return
    assert code == 4
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert "the drill had stopped [drill.postgres], which was started again" in report["partial_reason"]


@pytest.mark.exhaustive
def test_an_interrupted_drill_leaves_no_record(tmp_path):
    """What the harness had made before Ctrl-C is deleted once the part is back."""
    options = ("--allow-writes", "--only", "resilience.acknowledged-is-kept")
    with start("depot", "--fault", "hang") as service:
        _, _, back = interrupted(service, tmp_path, signal.SIGINT, *options)
        kept = {}
        for line in (service.folder / "journal").read_text().splitlines():
            kept |= json.loads(line)

    parcels = {name: value for name, value in kept.items() if name.startswith("parcel-")}
    assert back
    assert len(parcels) >= 2, "no record was made, so that none could be left"
    assert not any(parcels.values())


def listens(port):
    """Whether somebody listens there."""
    return depot._listens(port)


def comes(look):
    """Whether something becomes true."""
    deadline = time.monotonic() + BACK_WITHIN
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.05)
    return False


def test_a_part_that_cannot_be_mended_is_told(tmp_path):
    """An error that names the command to run by hand; no further drill is held."""
    with start("depot") as service:
        text = service.descriptor.read_text()
        broken = text.replace('"start", "store"]', '"store"]')  # a usage error: it leaves with 2
        assert broken != text
        service.descriptor.write_text(broken)
        done = judge(service, tmp_path, "--workers", "0", "--drill", "--json", "--only", "resilience.*")

    checks = checks_of(json.loads(done.stdout))
    drilled = [one for one in checks.values() if "drill." in one["reason"] or "undone" in one["reason"]]
    errors = [one for one in drilled if one["verdict"] == "error"]
    assert len(errors) == 1
    assert "mend it by hand with: " in errors[0]["reason"]
    assert any("an earlier drill could not be undone" in one["reason"] for one in drilled)
    assert "mend it by hand" in done.stderr
