"""The checks of PostgreSQL, Redis and passwords, both ways, on what such servers say."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.harness import harness_root
from stackproof.registry import _import

GIB = 1024**3


def postgres(**settings):
    """A server with these rows of pg_settings: name=(setting, unit)."""
    rows = {name: {"name": name, "setting": setting, "unit": unit} for name, (setting, unit) in settings.items()}
    return SimpleNamespace(setting=rows.__getitem__)


@pytest.mark.parametrize(("pages", "good"), [(2 * GIB, False), (3.3 * GIB, True), (4 * GIB, True), (6 * GIB, False)])
def test_shared_buffers_is_a_share_with_a_tolerance(check, pages, good):
    """25 % of 16 GiB is 4 GiB; five points to either side are kept."""
    view = postgres(shared_buffers=(str(int(pages / 8192)), "8kB"))
    name = "postgresql/settings::shared_buffers_is_the_share_of_memory"
    if good:
        assert check(name, "postgresql.shared-buffers", postgres=view)
    else:
        with pytest.raises(Violation):
            check(name, "postgresql.shared-buffers", postgres=view)


def test_a_unit_that_nobody_knows_is_not_assessed(check):
    """Rather than a guess by a factor of a thousand."""
    with pytest.raises(NotAssessed):
        check(
            "postgresql/settings::shared_buffers_is_the_share_of_memory",
            "postgresql.shared-buffers",
            postgres=postgres(shared_buffers=("1", "furlong")),
        )


@pytest.mark.parametrize(
    ("text", "size"),
    [("16GiB", 16 * GIB), ("16 GB", 16 * GIB), ("512m", GIB / 2), ("1024", 1024), ("1.5T", 1536 * GIB)],
)
def test_sizes_are_read_as_people_write_them(text, size):
    """Bytes, and letters in steps of 1024."""
    module = _import(harness_root() / "suites" / "postgresql" / "settings.py")

    assert module.size_of(text) == size


@pytest.mark.parametrize("text", ["", "lots", "-1GB", "0", "16 elephants"])
def test_sizes_that_are_none_are_not_assessed(text):
    """The key is named."""
    module = _import(harness_root() / "suites" / "postgresql" / "settings.py")

    with pytest.raises(NotAssessed, match=r"host\.database_memory"):
        module.size_of(text)


@pytest.mark.parametrize(
    ("mode", "encrypted", "good"),
    [
        ("require", True, True),
        ("verify-ca", True, True),
        ("verify-full", True, True),
        ("prefer", True, False),
        ("allow", True, False),
        ("disable", False, False),
        ("", True, False),
        ("require", False, False),
    ],
)
def test_sslmode_is_the_clauses_or_stronger(check, mode, encrypted, good):
    """prefer shows an encrypted session too, and is none of the admitted modes; nor is an absent one."""
    answer = {"vendor": "postgresql", "sslmode": mode, "ssl": encrypted, "tls_version": "TLSv1.3"}
    view = SimpleNamespace(ask=lambda _: answer)
    name = "postgresql/transport::service_demands_tls_of_postgresql"
    if good:
        assert check(name, "tls.postgresql.sslmode", project=view)
    else:
        with pytest.raises(Violation):
            check(name, "tls.postgresql.sslmode", project=view)


def redis(role="cache", tls=True, **config):
    """A server with these settings and a healthy persistence."""
    healthy = {"rdb_last_bgsave_status": "ok", "aof_last_write_status": "ok"}
    return SimpleNamespace(role=role, tls=tls, config=config.__getitem__, info=lambda _: healthy, run_id=role)


def test_a_policy_without_a_bound_is_void(check):
    """allkeys-lru with maxmemory 0 never acts."""
    name = "redis/policy::cache_has_the_policy"
    with pytest.raises(Violation, match="never acts"):
        check(
            name,
            "redis.cache.maxmemory-policy",
            redis_cache=redis(**{"maxmemory-policy": "allkeys-lru", "maxmemory": "0"}),
        )
    good = redis(**{"maxmemory-policy": "allkeys-lru", "maxmemory": "1048576"})
    assert check(name, "redis.cache.maxmemory-policy", redis_cache=good)


def test_noeviction_needs_no_bound(check):
    """A broker without maxmemory never evicts either."""
    good = redis("broker", **{"maxmemory-policy": "noeviction", "maxmemory": "0"})

    assert check("redis/policy::broker_has_the_policy", "redis.broker.maxmemory-policy", redis_broker=good)


def test_a_failing_snapshot_is_no_persistence(check):
    """Planned is not done: the last one must have worked."""
    broken = redis(save="900 1")
    broken.info = lambda _: {"rdb_last_bgsave_status": "err"}
    with pytest.raises(Violation, match="err"):
        check("redis/persistence::cache_is_persisted_as_the_clause_says", "redis.cache.persistence", redis_cache=broken)


def test_redis_without_tls_is_for_a_person_to_judge(check, edition):
    """The reference clause is conditional; an edition that makes it strict is violated by plain text."""
    name, plain = "redis/transport::both_roles_are_reached_over_tls", redis(tls=False)
    with pytest.raises(NotAssessed, match="attestation"):
        check(name, "tls.redis", redis_cache=plain, redis_broker=redis("broker"))

    text = next(line for line in (harness_root() / "spec" / "tech-stack.md").read_text().splitlines()
                if line.startswith("- Redis: TLS"))  # fmt: skip
    strict = edition((text, "- Redis: TLS on every connection"))
    with pytest.raises(Violation):
        check(name, "tls.redis", specification=strict, redis_cache=plain, redis_broker=redis("broker"))
    assert check(name, "tls.redis", specification=strict, redis_cache=redis(), redis_broker=redis("broker"))


STORED = {
    "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA": "argon2id",
    "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g": "argon2id",
    "argon2$argon2i$v=19$m=512,t=2,p=2$c2FsdA$aGFzaA": "argon2i",
    "pbkdf2_sha256$870000$salt$aGFzaA=": "pbkdf2_sha256",
    "$2b$12$abcdefghijklmnopqrstuuJ6cW3w0Y7bq1oZp3yRz7yJpZ5l0nJ2e": "bcrypt",
    "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuu": "bcrypt_sha256",
    "scrypt$16384$salt$8$1$aGFzaA==": "scrypt",
    "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99": "md5",
    "5f4dcc3b5aa765d61d8327deb882cf99": "md5 without salt",
    "the-password-itself": "plain text",
    "?": "",
}


@pytest.mark.parametrize(("value", "algorithm"), STORED.items(), ids=lambda text: str(text)[:20] or "unknown")
def test_stored_passwords_are_told_apart(value, algorithm):
    """By their shape, and plain text by being the password."""
    module = _import(harness_root() / "suites" / "password" / "stored.py")
    session = SimpleNamespace(is_password=lambda text: text == "the-password-itself")

    assert module.recognise(value, session)[0] == algorithm


@pytest.mark.parametrize(
    ("made", "good"),
    [
        (["argon2", "argon2id", "v=19", "m=102400,t=2,p=8"], True),
        (["argon2", "argon2i", "v=19"], False),
        (["pbkdf2_sha256", "870000"], False),
        ([], False),
    ],
)
def test_the_first_hasher_is_judged_by_what_it_makes(check, made, good):
    """A class that is called Argon2 and makes Argon2i does not pass."""
    view = SimpleNamespace(ask=lambda _: {"class": "x.Argon2PasswordHasher", "made": made})
    name = "password/hashers::first_hasher_makes_argon2id"
    if good:
        assert check(name, "password.hashers-setting", project=view)
    else:
        with pytest.raises(Violation):
            check(name, "password.hashers-setting", project=view)


def test_a_worker_is_told_from_a_broker(check):
    """No broker: nobody could look. A broker and no worker: violated. A transport that does not load: violated."""
    name = "redis/purpose::worker_answers_over_the_broker"
    descriptor = SimpleNamespace(celery=SimpleNamespace(app="x"))

    def run(**answer):
        view = SimpleNamespace(ask=lambda *_: {"broker": False, "workers": [], "trouble": "", **answer})
        return check(name, "redis.purpose.celery-broker", project=view, descriptor=descriptor)

    with pytest.raises(NotAssessed, match="refused"):
        run(trouble="ConnectionRefusedError: refused")
    with pytest.raises(Violation):
        run(broker=True)
    with pytest.raises(Violation, match="VersionMismatch"):
        run(trouble="VersionMismatch: Redis transport requires redis-py versions 6.1")
    assert run(broker=True, workers=["celery@host"])
