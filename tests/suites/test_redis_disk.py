"""The drill of the broker's full disk, on a real Redis in a container."""

import secrets
import subprocess
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from fixtures.reaper import LABEL, Reaper
from stackproof.check import Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.drill.parts import Drills
from stackproof.drill.tasks import Submitted, Tasks
from stackproof.evidence import Recorder, Redactor
from stackproof.target.redis import RedisView
from tests.suites.servers import running

pytestmark = [pytest.mark.containers, pytest.mark.slow]
NAME = "resilience/full_broker::task_that_finds_no_room_on_disk_is_not_acknowledged"


@pytest.fixture(scope="module")
def services():
    """Throw-away servers in containers; the broker's data lie on a small disk."""
    with running(kind="testcontainers") as up:
        yield up


class Queue(Tasks):
    """A service that queues on the broker; a careless one acknowledges what was refused."""

    def __init__(self, url, *, careless):
        self._client = Redis.from_url(url, socket_timeout=5)
        self._careless = careless
        self._name = f"queue-{secrets.token_hex(4)}"

    def submit(self, headers=None):
        """Queue a task."""
        task = secrets.token_hex(4)
        try:
            self._client.rpush(self._name, task)
        except RedisError as error:
            return Submitted(task if self._careless else "", 202 if self._careless else 503, str(error))
        return Submitted(task, 202, "answered 202")

    def done(self, task):
        """Whether it was queued."""
        return task.encode() in self._client.lrange(self._name, 0, -1)


@pytest.mark.parametrize("careless", [True, False])
def test_a_task_that_the_broker_cannot_keep_must_not_be_acknowledged(check, services, careless):
    """The careless service is caught; the other is satisfied, and the disk is free again after both."""
    broker = services.broker
    data = {
        "target": {"base_url": "http://127.0.0.1"},
        "redis": {"broker": {"url": broker.url}},
        "drill": {"broker_disk": {"stop": list(broker.full), "start": list(broker.freed)}},
    }
    descriptor, recorder = parse_descriptor(data, Path(__file__)), Recorder(Redactor())
    view = RedisView(descriptor, "broker", recorder, Redactor())
    given = {
        "redis_broker": view,
        "drills": Drills(descriptor, recorder),
        "tasks": Queue(broker.application, careless=careless),
    }
    try:
        if careless:
            with pytest.raises(Violation, match="3 of 3 acknowledged tasks are not done"):
                check(NAME, "resilience.broker-full", **given)
        else:
            told = check(NAME, "resilience.broker-full", **given)
            assert told.startswith("0 tasks were acknowledged and done, 3 refused (MISCONF")
        assert view.info("persistence")["aof_last_write_status"] == "ok"
    finally:
        view.close()


def test_what_the_broker_wrote_outlives_its_container(services):
    """The disk is held while the server is killed and started again, like one of a machine."""
    broker = services.broker
    with Redis.from_url(broker.url) as client:
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 5000)
    subprocess.run(broker.stop, check=True, capture_output=True)
    subprocess.run(broker.start, check=True, capture_output=True)
    with Redis.from_url(broker.url) as client:
        for _ in range(100):
            try:
                assert client.get("kept") == b"yes"
                break
            except RedisError:
                continue
        else:
            pytest.fail("the broker did not come back")


def test_nothing_of_the_disk_stays(monkeypatch):
    """Neither the volume nor the container that holds it; those of other tests are none of ours."""
    sessions, register = [], Reaper.label
    monkeypatch.setattr(Reaper, "label", lambda self, one: (sessions.append(one), register(self, one)))

    def labelled(*listing):
        command = ["docker", *listing, "-q", "--filter", f"label={LABEL}={sessions[0]}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    with running(kind="testcontainers") as up:
        assert up.broker.full
        assert labelled("volume", "ls")
        assert labelled("ps", "-a")
    assert not labelled("volume", "ls")
    assert not labelled("ps", "-a")
