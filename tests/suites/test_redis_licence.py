"""The licence of what runs, on servers that say that they are this or that."""

import sys
from datetime import date
from pathlib import Path

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.spec.facts import licence_facts, licence_of
from stackproof.target.redis import RedisView

sys.path.insert(0, str(Path(__file__).parents[1] / "tls"))
sys.path.insert(0, str(Path(__file__).parent))

from redis_liars import server, talk
from tls_servers import serve

__all__ = ["serve"]

ROLES = {
    "cache": "redis/licence::server_of_the_cache_is_licensed_as_the_clause_says",
    "broker": "redis/licence::server_of_the_broker_is_licensed_as_the_clause_says",
}


@pytest.fixture
def judge(check, serve):
    """The check on a server that says these facts of itself."""
    views = []

    def run(role="cache", modules=(), **facts):
        loaded = "# Modules\r\n" + "".join(f"module:name={one},ver=20811,api=1\r\n" for one in modules)
        port = serve(talk({"server": server(**facts), "modules": loaded, "replication": "role:master\r\n"}))
        data = {"target": {"base_url": "http://127.0.0.1"}, "redis": {role: {"url": f"redis://127.0.0.1:{port}/0"}}}
        view = RedisView(parse_descriptor(data, Path(__file__)), role, Recorder(Redactor()), Redactor())
        views.append(view)
        return check(ROLES[role], "licence.redis", **{f"redis_{role}": view})

    yield run
    for view in views:
        view.close()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"redis_version": "7.4.1"}, "Redis 7.4.1 is published under RSALv2/SSPLv1"),
        ({"redis_version": "8.0.2"}, "RSALv2/SSPLv1/AGPLv3"),
        ({"redis_version": "7.4.0", "dragonfly_version": "df-v1.25.1"}, "Dragonfly df-v1.25.1 is published under BSL"),
        ({"redis_version": "7.2.4", "redict_version": "7.3.0"}, "Redict 7.3.0 is published under LGPL"),
        ({"redis_version": "7.2.4", "modules": ("ReJSON",)}, "its module ReJSON is published under RSALv2"),
    ],
)
def test_what_is_licensed_otherwise_is_violated(judge, role, facts, words):
    """By the product's own version: 7.4 lies inside the constraint and is not BSD licensed."""
    with pytest.raises(Violation, match=words):
        judge(role, **facts)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"redis_version": "7.2.4"}, "the cache is Redis 7.2.4, published under BSD-3-Clause"),
        ({"redis_version": "7.0.15"}, "BSD-3-Clause"),
        ({"redis_version": "7.2.4", "server_name": "valkey", "valkey_version": "8.1.0"}, "Valkey 8.1.0"),
        ({"redis_version": "6.3.4", "executable": "/usr/bin/keydb-server"}, "KeyDB 6.3.4"),
        ({"redis_version": "7.2.4", "modules": ("homemade",)}, "Redis 7.2.4"),
    ],
)
def test_what_is_licensed_so_is_satisfied(judge, facts, words):
    """Whoever it is; a module that nobody knows is only told."""
    assert words in judge(**facts)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"redis_version": "9.0.0"}, "no dated fact"),
        ({"redis_version": "7.2.4", "executable": "/opt/redislabs/bin/redis-server"}, "Redis Enterprise"),
        ({"redis_version": "7.1.0", "os": "Amazon ElastiCache"}, "Amazon ElastiCache"),
        ({"redis_version": "7.2.4", "redis_mode": "sentinel"}, "a Sentinel"),
        ({"redis_version": "7.2.4", "redis_mode": "cluster"}, "one node of a cluster"),
    ],
)
def test_what_no_fact_tells_is_not_assessed(judge, facts, words):
    """Nor what the URL does not really lead to."""
    with pytest.raises(NotAssessed, match=words):
        judge(**facts)


def test_facts_are_dated():
    """Redis 7.4 was not published under other licences before the day on which that was said."""
    assert licence_of("redis", "7.4.0", date(2024, 3, 19)) is None
    assert licence_of("redis", "7.4.0", date(2024, 3, 20)).names == ("RSALv2", "SSPLv1")
    assert licence_of("redis", "7.2", date(2026, 1, 1)).names == ("BSD-3-Clause",)
    assert all(one.source.startswith("https://") for one in licence_facts())
