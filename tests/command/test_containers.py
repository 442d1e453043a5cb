"""The reference run on the real servers, in containers."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.containers]


def test_the_reference_run_in_containers_judges_redis_itself(tmp_path):
    """PostgreSQL 16 and Redis 7.2, TLS on both: what the embedded services leave open is assessed."""
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", "run", "--services", "testcontainers", "--json", "--output", tmp_path],
        capture_output=True,
        text=True,
        timeout=900,
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
    assert not {one for one, verdict in verdicts.items() if verdict in {"violated", "error"}}
