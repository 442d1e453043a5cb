"""The checks of access and of full memories, on real servers that are right and on real servers that are wrong."""

import sys
from pathlib import Path

import pytest
from redis import Redis

from fixtures.services import ServicePlan
from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.drill import journal
from stackproof.drill.memory import pressure
from stackproof.evidence import Recorder, Redactor
from stackproof.target.project import ProjectView
from stackproof.target.redis import RedisView
from stackproof.target.redis_users import users_of
from tests.suites.servers import running

pytestmark = pytest.mark.slow
HERE = Path(__file__)
SETTINGS = """
import os
SECRET_KEY = "x" * 50
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["THE_CACHE"]}}
CELERY_BROKER_URL = os.environ["THE_BROKER"]
"""
CELERY = """
import os
from celery import Celery
app = Celery("shop", broker=os.environ["THE_BROKER"])
"""


@pytest.fixture(scope="module")
def good():
    """Servers as the specification wants them, small ones."""
    with running(ServicePlan(cache={"maxmemory": "8mb"}, broker={"maxmemory": "8mb"})) as services:
        yield services


@pytest.fixture(scope="module")
def bad():
    """A broker that evicts, keeps its file by chance and lets everybody in; a cache that refuses and has no bound."""
    plan = ServicePlan(
        cache={"maxmemory": "8mb", "maxmemory-policy": "noeviction", "application-rights": "~* &* +@all"},
        broker={"maxmemory": "8mb", "maxmemory-policy": "allkeys-lru", "appendfsync": "no", "requirepass": ""},
    )
    with running(plan) as services:
        yield services


@pytest.fixture
def target(tmp_path, monkeypatch):
    """Everything that the checks ask for, of a small project on these services; closed at the end."""
    made = []

    def make(services, *, swapped=False, **roles):
        cache, broker = services.cache.application, services.broker.application
        monkeypatch.setenv("THE_CACHE", broker if swapped else cache)
        monkeypatch.setenv("THE_BROKER", cache if swapped else broker)
        (tmp_path / "shop_settings.py").write_text(SETTINGS)
        (tmp_path / "shop.py").write_text(CELERY)
        given = {role: {"url": getattr(services, role).url, "pressure": True} for role in ("cache", "broker")}
        for role, changes in roles.items():
            given[role] |= changes
        data = {
            "target": {"base_url": "http://127.0.0.1"},
            "redis": given,
            "celery": {"app": "shop"},
            "project": {"path": str(tmp_path), "python": sys.executable, "settings_module": "shop_settings"},
        }
        descriptor, redactor = parse_descriptor(data, HERE), Redactor()
        recorder = Recorder(redactor)
        views = {role: RedisView(descriptor, role, recorder, redactor) for role in ("cache", "broker")}
        project = ProjectView(descriptor, recorder, redactor)
        made.extend(views.values())
        talks = []

        def errand(what, **words):
            if not talks:
                talks.append(project.conversation("redis_uses"))
                made.append(talks[0])
            return talks[0].ask(errand=what, **words)

        return {
            "descriptor": descriptor,
            "redis_cache": views["cache"],
            "redis_broker": views["broker"],
            "redis_views": views.__getitem__,
            "errand": errand,
            "application_users": lambda role: users_of(descriptor, role, project),
        }

    yield make
    for one in made:
        one.close()


ON_BOTH = [
    ("redis/access::broker_tells_nothing_without_a_password", "redis.authentication", "it answers GET, INFO, DBSIZE"),
    (
        "redis/access::application_may_not_endanger_the_cache",
        "redis.cache.application-user",
        "may run FLUSHALL, CON",
    ),
    (
        "redis/persistence::append_only_file_of_the_broker_reaches_the_disk",
        "redis.broker.appendfsync",
        "appendfsync of the broker is no",
    ),
    (
        "redis/pressure::broker_refuses_and_loses_no_message",
        "redis.broker.maxmemory-policy",
        r"refused nothing, evicted \d+ keys, and kept \d+ of 40 messages",
    ),
    ("redis/pressure::cache_evicts_and_stays_up", "redis.cache.maxmemory-policy", "evicted 0 keys, and refused"),
]


@pytest.mark.parametrize(("name", "requirement", "words"), ON_BOTH, ids=[one[0] for one in ON_BOTH])
def test_checks_tell_good_roles_from_bad_ones(check, target, good, bad, name, requirement, words):
    """Violated where the role is wrong, satisfied where it is right; nothing stays in the servers."""
    with pytest.raises(Violation, match=words):
        check(name, requirement, **target(bad))
    assert check(name, requirement, **target(good))
    for services in (good, bad):
        for one in (services.cache, services.broker):
            with Redis.from_url(one.url) as client:
                assert list(client.scan_iter("*stackproof*")) == []


def test_values_are_looked_for_in_the_server_of_their_role(check, target, good, bad):
    """In the other role's server: violated. In neither: the descriptor may be wrong."""
    names = {
        "redis.purpose.cache": "redis/place::cached_value_stands_in_the_server_of_the_cache",
        "redis.purpose.celery-broker": "redis/place::queued_message_stands_in_the_server_of_the_broker",
    }
    for requirement, name in names.items():
        assert "stands in the server of the" in check(name, requirement, **target(good))
        with pytest.raises(Violation, match="stands in the server of the"):
            check(name, requirement, **target(good, swapped=True))
    given = target(good, cache={"url": bad.cache.url}, broker={"url": bad.broker.url})
    with pytest.raises(NotAssessed, match="in neither role's server"):
        check(names["redis.purpose.cache"], "redis.purpose.cache", **given)


def test_a_role_that_may_not_be_filled_is_left_alone(check, target, good):
    """Without the descriptor's word, without a bound, or with a large one; the reason says what would allow it."""
    name, of = "redis/pressure::cache_evicts_and_stays_up", "redis.cache.maxmemory-policy"
    with pytest.raises(NotAssessed, match=r"redis\.cache\.pressure = true"):
        check(name, of, **target(good, cache={"pressure": False}))
    with Redis.from_url(good.cache.url) as admin:
        for bound, words in (("0", "no maxmemory"), ("600mb", "at most 512 MiB")):
            admin.config_set("maxmemory", bound)
            with pytest.raises(NotAssessed, match=words):
                check(name, of, **target(good))
        admin.config_set("maxmemory", "8mb")


@pytest.mark.parametrize("ending", [KeyboardInterrupt, ValueError])
def test_what_fills_a_role_goes_whatever_happens(target, good, monkeypatch, ending):
    """It goes by itself, should nobody take it away; an interruption tells what it had done."""
    monkeypatch.setattr(journal, "cut_short", [])
    view = target(good)["redis_broker"]
    with Redis.from_url(good.broker.url, decode_responses=True) as client:
        with pytest.raises(ending), pressure(view, allowed=True) as memory:
            assert memory.fill().refusal
            memory.raise_above()
            assert memory.refusal()
            junk = list(client.scan_iter("stackproof-junk-*", count=1000))
            assert len(junk) > 10
            assert all(0 < client.ttl(one) <= 120 for one in junk)
            raise ending
        assert list(client.scan_iter("stackproof-junk-*")) == []
        assert client.set("after", 1, ex=1)
    told = ["the drill had filled the memory of the broker, which was freed again"]
    assert journal.cut_short == (told if ending is KeyboardInterrupt else [])


def test_users_of_every_connection_are_told(target, good, tmp_path, monkeypatch):
    """A channel layer that lives on the broker has a user there as well; passwords stay where they are."""
    given = target(good)
    layer = "CHANNEL_LAYERS = {'default': {'BACKEND': 'x', 'CONFIG': {'hosts': [os.environ['THE_LAYER']]}}}\n"
    monkeypatch.setenv("THE_LAYER", good.broker.url)
    (tmp_path / "shop_settings.py").write_text(SETTINGS + layer)
    assert given["application_users"]("broker") == ("dispatch", "default")
    assert given["application_users"]("cache") == ("dispatch",)


def test_rights_are_told_for_the_user_that_is_named(check, target, good):
    """The descriptor's user goes before the settings'; one that is not there, or a reader without rights, is told."""
    name, of = "redis/access::application_may_not_endanger_the_broker", "redis.broker.application-user"
    with pytest.raises(Violation, match="'default' may run FLUSHALL, FLUSHDB"):
        check(name, of, **target(good, broker={"user": "default"}))
    with pytest.raises(NotAssessed, match="no user 'nobody'"):
        check(name, of, **target(good, broker={"user": "nobody"}))
    with Redis.from_url(good.broker.url) as admin:
        admin.execute_command("ACL", "SETUSER", "reader", "on", ">reader-pw", "~*", "+info")
        place = good.broker.url.rpartition("@")[2]
        with pytest.raises(NotAssessed, match="may not run ACL DRYRUN"):
            check(name, of, **target(good, broker={"url": f"redis://reader:reader-pw@{place}"}))


def test_a_user_that_takes_any_password_is_violated(check, target, good):
    """Though the default user asks for one."""
    name, of = "redis/access::cache_tells_nothing_without_a_password", "redis.authentication"
    with Redis.from_url(good.cache.url) as admin:
        admin.execute_command("ACL", "SETUSER", "guest", "on", "nopass", "~*", "+get")
        with pytest.raises(Violation, match="any password opens its users guest"):
            check(name, of, **target(good))
        admin.execute_command("ACL", "DELUSER", "guest")
    assert "refuses" in check(name, of, **target(good))


def test_a_replica_is_not_the_role(good):
    """Its settings are its own; the primary's decide."""
    descriptor = parse_descriptor(
        {"target": {"base_url": "http://127.0.0.1"}, "redis": {"cache": {"url": good.cache.url}}}, HERE
    )
    with Redis.from_url(good.cache.url) as admin:
        admin.replicaof("127.0.0.1", "1")
        try:
            with pytest.raises(NotAssessed, match="leads to a replica"):
                RedisView(descriptor, "cache", Recorder(Redactor()), Redactor())
        finally:
            admin.replicaof("NO", "ONE")
