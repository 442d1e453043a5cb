"""The checks of Redis' three purposes and of the first hasher, both ways."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.descriptor.model import Celery
from stackproof.drill.tasks import Tasks
from stackproof.harness import harness_root
from stackproof.registry import _import

CACHE = "redis/purpose::cache_of_the_service_is_redis_and_works"
LAYER = "redis/purpose::channel_layer_of_the_service_is_redis_and_works"
WORKER = "redis/purpose::worker_answers_over_the_broker"
CELERY = SimpleNamespace(celery=SimpleNamespace(app="shop"))
TASK = "redis/purpose::submitted_task_is_done"
HASHER = "password/hashers::first_hasher_makes_argon2id"


def answering(**answer):
    """A project whose interpreter gives this answer."""
    return SimpleNamespace(ask=lambda *_: answer, unused=())


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        ({"backend": "django.core.cache.backends.locmem.LocMemCache", "read_back": True}, "locmem"),
        ({"backend": "django_redis.cache.RedisCache", "read_back": False}, "did not come back"),
        (
            {"backend": "shop.Fast", "family": ["shop.Fast", "x.BaseCache", "builtins.object"], "read_back": True},
            "shop",
        ),
        ({}, "backend"),
    ],
)
def test_a_cache_that_is_not_redis_or_loses_values_is_violated(check, answer, seen):
    """A backend that works in the process, and a Redis that forgets."""
    with pytest.raises(Violation, match=seen):
        check(CACHE, "redis.purpose.cache", project=answering(**answer))


@pytest.mark.parametrize(
    "answer",
    [
        {"backend": "django_redis.cache.RedisCache"},
        {"backend": "django.core.cache.backends.redis.RedisCache"},
        {"backend": "shop.TenantCache", "family": ["shop.TenantCache", "django_redis.cache.RedisCache"]},
    ],
)
def test_a_cache_on_redis_is_satisfied(check, answer):
    """Both backends that there are, and a team's own class that stands on one."""
    assert answer["backend"] in check(CACHE, "redis.purpose.cache", project=answering(read_back=True, **answer))


def test_the_channel_layer(check):
    """In memory, absent, and silent ones are violated; a team's own class on channels_redis is fine."""
    for answer, seen in (
        ({"backend": "channels.layers.InMemoryChannelLayer", "received": True}, "InMemory"),
        ({"backend": "", "received": False}, "not set"),
        ({"backend": "channels_redis.core.RedisChannelLayer", "received": False}, "did not arrive"),
    ):
        with pytest.raises(Violation, match=seen):
            check(LAYER, "redis.purpose.channels-layer", project=answering(**answer))
    own = {"backend": "shop.Layer", "family": ["shop.Layer", "channels_redis.pubsub.RedisPubSubChannelLayer"]}
    assert check(LAYER, "redis.purpose.channels-layer", project=answering(received=True, **own))


@pytest.mark.parametrize("reached", [True, False])
@pytest.mark.parametrize("transport", ["amqp", "sqs", "memory"])
def test_a_broker_that_is_not_redis_is_violated(check, transport, reached):
    """However well its workers answer over it."""
    seen = answering(broker=reached, transport=transport, workers=["celery@one"] if reached else [])
    with pytest.raises(Violation, match=transport):
        check(WORKER, "redis.purpose.celery-broker", project=seen, descriptor=CELERY)


@pytest.mark.parametrize("transport", ["redis", "valkey", ""])
def test_a_worker_that_answers_over_redis_is_satisfied(check, transport):
    """Sentinel and TLS are no other transport; an old kombu may not tell."""
    seen = answering(broker=True, transport=transport, workers=["celery@one"])
    assert "1 workers" in check(WORKER, "redis.purpose.celery-broker", project=seen, descriptor=CELERY)


@pytest.mark.parametrize("unused", ["version.django-channels", "version.django"])
def test_a_service_without_channels_has_no_layer(check, unused):
    """Announcements over Redis of another kind are none of this clause's."""
    with pytest.raises(NotApplicable, match=unused):
        check(LAYER, "redis.purpose.channels-layer", project=SimpleNamespace(unused=(unused,)))


@pytest.mark.parametrize(
    "made", [["argon2", "argon2d"], ["bcrypt_sha256", "2b", "12"], ["argon2"], ["x", "y", "argon2id"]]
)
def test_a_hasher_that_makes_something_else_is_violated(check, made):
    """Other variants, other algorithms, and a word that stands where no algorithm does."""
    with pytest.raises(Violation, match="argon2id"):
        check(HASHER, "password.hashers-setting", project=answering(**{"class": "x.Y", "made": made}))


@pytest.mark.parametrize("made", [["argon2", "argon2id", "v=19"], ["argon2id", "v=19", "m=65536,t=3,p=4"]])
def test_a_hasher_that_makes_argon2id_is_satisfied(check, made):
    """In Django's format and in the PHC string format itself."""
    assert "argon2id" in check(HASHER, "password.hashers-setting", project=answering(**{"class": "x.Y", "made": made}))


class Service:
    """A session on a service whose task operations give these (status, body) answers; the last one repeats."""

    def __init__(self, submitted, *states):
        self.submitted, self.states, self.asked = submitted, list(states), []

    def login(self):
        return SimpleNamespace(access="token")

    def call(self, endpoint, access, **values):
        assert access == "token"
        status, body = self.submitted if endpoint.path == "/submit/" else self._next(values["id"])
        return SimpleNamespace(
            ok=status < 300, status=status, json=lambda: body, describe=lambda: f"it answered {status}"
        )

    def _next(self, task):
        self.asked.append(task)
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


@pytest.fixture
def submit(check, monkeypatch):
    """Run the check on a service, for half a second at most."""
    module = _import(harness_root() / "suites" / "redis" / "purpose.py")
    monkeypatch.setattr(module, "TASK_WITHIN", 0.5)
    whole = {"app": "x", "submit": {"path": "/submit/"}, "status": {"path": "/tasks/{id}/"}}

    def run(service, **changes):
        descriptor = SimpleNamespace(celery=Celery.model_validate({**whole, **changes}))
        return check(TASK, "redis.purpose.celery-broker", tasks=Tasks(descriptor, service), descriptor=descriptor)

    return run


def test_a_task_that_nobody_works_on_is_violated(submit):
    """Its state stays what it was at first, and the state is named."""
    with pytest.raises(Violation, match="PENDING"):
        submit(Service((202, {"id": "a"}), (200, {"state": "PENDING"})))


def test_a_task_that_fails_is_violated(submit):
    """FAILURE is no state of a task that is done."""
    with pytest.raises(Violation, match="FAILURE"):
        submit(Service((202, {"id": "a"}), (200, {"state": "STARTED"}), (200, {"state": "FAILURE"})))


@pytest.mark.parametrize("submitted", [(403, {"id": "a"}), (202, {"task": "a"}), (202, ["a"]), (202, {"id": None})])
def test_a_task_that_was_not_queued_is_not_assessed(submit, submitted):
    """The control: 2xx and a task's name."""
    with pytest.raises(NotAssessed, match="named no task"):
        submit(Service(submitted, (200, {"state": "SUCCESS"})))


@pytest.mark.parametrize("status", [(404, {"state": "SUCCESS"}), (200, {"status": "SUCCESS"}), (200, "SUCCESS")])
def test_a_state_that_nobody_tells_is_not_assessed(submit, status):
    """A wrong path or field in the descriptor is no fact about the worker."""
    with pytest.raises(NotAssessed, match="never told a state"):
        submit(Service((202, {"id": "a"}), status))


def test_both_fields_may_stand_in_objects(submit):
    """As those of [record] and [websocket] do."""
    service = Service((202, {"job": {"id": 7}}), (200, {"job": {"state": "SUCCESS"}}))

    assert "SUCCESS" in submit(service, task_id="job.id", state="job.state")
    assert service.asked == ["7"]


def test_a_descriptor_without_the_operations_is_not_assessed(submit):
    """Nobody said how a harmless task is queued."""
    with pytest.raises(NotAssessed, match=r"celery\.submit"):
        submit(Service((202, {"id": "a"}), (200, {})), submit=None)


def test_a_task_that_is_done_is_satisfied(submit):
    """Asked for by its name until it is done, other answers on the way notwithstanding."""
    service = Service((202, {"id": 7}), (404, {}), (200, {"state": "STARTED"}), (200, {"state": "SUCCESS"}))

    assert "SUCCESS" in submit(service)
    assert service.asked == ["7", "7", "7"]
