"""The reference run on the real servers, in containers."""

import json
import re
import subprocess
import sys

import pytest
from packaging.version import Version

from stackproof.harness import reference_specification
from stackproof.spec import read

pytestmark = [pytest.mark.slow, pytest.mark.containers]


def test_the_reference_run_in_containers_judges_redis_itself(tmp_path):
    """PostgreSQL 16 and Redis 7.2, TLS on both: what the embedded services leave open is assessed."""
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", "run", "--services", "testcontainers", "--json", "--output", tmp_path],
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert "Traceback" not in done.stderr
    report = json.loads(done.stdout)
    verdicts = {one["id"]: one["verdict"] for one in report["requirements"]}

    assert [(one["product"], one["tls"]) for one in report["services"]] == [
        ("PostgreSQL", True),
        ("Redis", True),
        ("Redis", True),
    ]
    assert all(one["standin"] in {True, False} for one in report["services"])
    derived = {one["id"]: one["verdict"] for one in report["derived"]}
    broken = ("resilience.broker-full", "resilience.cache-outage")
    for one in ("tls.certificate.redis", "tls.redis.plain-port-closed", "tls.postgresql.plain-refused", *broken):
        assert derived[one] == "satisfied", (one, report)
    for one in ("version.redis", "version.postgresql", "tls.redis", "tls.minimum-version", "tls.postgresql.sslmode"):
        assert verdicts[one] == "satisfied", (one, report)
    engine = {
        one["id"]: one for one in report["requirements"] if one["id"] in {"version.docker", "version.docker-compose"}
    }
    assert {one: part["verdict"] for one, part in engine.items()} == expected_of_the_engine(), engine
    bad = {one for one, verdict in verdicts.items() if verdict in {"violated", "error"}}
    assert not bad - engine.keys()


def expected_of_the_engine():
    """What the rows about the engine demand of the one that runs here, compared once more without the harness."""
    specification = read(reference_specification())
    rows = {one: specification.find(one).value.constraint for one in ("version.docker", "version.docker-compose")}
    server = asked("version", "--format", "{{.Server.Version}}")
    compose = asked("compose", "version", "--short")
    return {
        one: ("satisfied" if version in rows[one] else "violated") if version else "not-assessed"
        for one, version in (("version.docker", server), ("version.docker-compose", compose))
    }


def asked(*words):
    """The version that the client prints, None where it has no such plugin."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=30, check=False)
    found = re.match(r"v?(\d+(?:\.\d+)+)", done.stdout.strip())
    return Version(found[1]) if found and not done.returncode else None
