"""The checks of PostgreSQL, Redis and passwords, both ways, on what such servers say."""

import hashlib
from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.harness import harness_root
from stackproof.registry import _import

GIB = 1024**3


def postgres(**settings):
    """A server with these rows of pg_settings: name=(setting, unit)."""
    rows = {name: {"name": name, "setting": setting, "unit": unit} for name, (setting, unit) in settings.items()}
    return SimpleNamespace(setting=rows.__getitem__, needs_primary=lambda: None)


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
    view = SimpleNamespace(ask=lambda _: answer, unused=())
    name = "postgresql/transport::service_demands_tls_of_postgresql"
    if good:
        assert check(name, "tls.postgresql.sslmode", project=view)
    else:
        with pytest.raises(Violation):
            check(name, "tls.postgresql.sslmode", project=view)


def test_sslmode_of_a_unix_socket(check):
    """libpq encrypts none, whatever the mode: nothing is held against it, and no mode is not called good."""
    answer = {"vendor": "postgresql", "sslmode": "", "ssl": False, "socket": "/run/postgresql"}
    view = SimpleNamespace(ask=lambda _: answer, unused=())
    given = ("postgresql/transport::service_demands_tls_of_postgresql", "tls.postgresql.sslmode")
    with pytest.raises(NotAssessed, match="Unix socket"):
        check(*given, project=view)
    answer["others"] = [["replica", ""]]
    with pytest.raises(Violation, match="replica has none"):
        check(*given, project=view)
    answer |= {"sslmode": "require", "others": []}
    assert check(*given, project=view)
    answer |= {"to_pooler": False}  # PgBouncer's socket, and its plain connection to the server
    with pytest.raises(Violation):
        check(*given, project=view)


@pytest.mark.parametrize(
    ("others", "weak"),
    [
        ([["replica", "verify-full"], ["legacy", "require"], ["by-file", None]], ""),
        ([["replica", "disable"]], "replica has disable"),
        ([["archive", "require"], ["replica", ""]], "replica has none"),
    ],
)
def test_sslmode_of_further_databases(check, others, weak):
    """A replica is PostgreSQL, too."""
    answer = {"vendor": "postgresql", "sslmode": "verify-full", "ssl": True, "tls_version": "TLSv1.3", "others": others}
    view = SimpleNamespace(ask=lambda _: answer, unused=())
    name = "postgresql/transport::service_demands_tls_of_postgresql"
    if not weak:
        assert check(name, "tls.postgresql.sslmode", project=view)
        return
    with pytest.raises(Violation, match=weak):
        check(name, "tls.postgresql.sslmode", project=view)


def redis(role="cache", tls=True, over_network=True, run_id=None, **config):
    """A server with these settings and a healthy persistence; without a setting it refuses CONFIG."""
    healthy = {"rdb_last_bgsave_status": "ok", "aof_last_write_status": "ok"}

    def setting(name):
        if name not in config:
            not_assessed(f"may not run CONFIG GET {name}")
        return config[name]

    return SimpleNamespace(
        role=role,
        tls=tls,
        over_network=over_network,
        config=setting,
        info=lambda _: healthy,
        run_id=role if run_id is None else run_id,
    )


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


def roles(cache, broker=None):
    """What the check of TLS asks for: both roles, or a cache whose broker is none."""
    unused = {"broker": {"unused": True}} if broker is None else {}
    descriptor = Descriptor.model_validate({"target": {"base_url": "http://x"}, "redis": unused})
    return {"descriptor": descriptor, "redis_views": {"cache": cache, "broker": broker}.__getitem__}


def test_redis_without_tls_is_for_a_person_to_judge(check, edition):
    """The reference clause is conditional; an edition that makes it strict is violated by plain text."""
    name, plain = "redis/transport::both_roles_are_reached_over_tls", redis(tls=False)
    with pytest.raises(NotAssessed, match="attestation"):
        check(name, "tls.redis", **roles(plain, redis("broker")))

    text = next(line for line in (harness_root() / "spec" / "tech-stack.md").read_text().splitlines()
                if line.startswith("- Redis: TLS"))  # fmt: skip
    strict = edition((text, "- Redis: TLS on every connection"))
    with pytest.raises(Violation):
        check(name, "tls.redis", specification=strict, **roles(plain, redis("broker")))
    assert check(name, "tls.redis", specification=strict, **roles(redis(), redis("broker")))
    assert check(name, "tls.redis", specification=strict, **roles(redis())) == "cache: over TLS"
    with pytest.raises(Violation, match="without TLS: cache"):
        check(name, "tls.redis", specification=strict, **roles(plain))


def test_a_clause_against_tls_or_against_two_servers_is_not_assessed(check, edition):
    """What such a clause forbids nobody knows; the opposite of it is not demanded."""
    lines = (harness_root() / "spec" / "tech-stack.md").read_text(encoding="utf-8").splitlines()
    tls = next(line for line in lines if line.startswith("- Redis: TLS"))
    separate = next(line for line in lines if "Separate instances" in line)
    other = edition((tls, "- Redis: no TLS"), (separate, "- Recommended: one shared instance for cache and broker"))
    cache, broker = redis(tls=False), redis("broker", tls=False, run_id="cache")
    plain = {"redis_cache": cache, "redis_broker": broker, **roles(cache, broker)}

    for name, requirement in (
        ("redis/transport::both_roles_are_reached_over_tls", "tls.redis"),
        ("redis/instances::cache_and_broker_are_different_servers", "redis.separate-instances"),
    ):
        assert other.find(requirement).value is False
        with pytest.raises(NotAssessed, match="does not ask"):
            check(name, requirement, specification=other, **plain)


def test_a_server_without_an_id_is_not_told_from_another(check):
    """Two empty run ids are no same server."""
    servers = {"redis_cache": redis(run_id=""), "redis_broker": redis("broker", run_id="")}
    with pytest.raises(NotAssessed, match="run_id"):
        check("redis/instances::cache_and_broker_are_different_servers", "redis.separate-instances", **servers)


def test_a_socket_of_the_machine_needs_no_tls(check):
    """It is no network, whatever the clause says of untrusted ones."""
    local = {"tls": False, "over_network": False}
    servers = roles(redis(**local), redis("broker", **local))

    assert "socket" in check("redis/transport::both_roles_are_reached_over_tls", "tls.redis", **servers)


def test_a_policy_is_read_without_config_where_info_tells_it(check):
    """Managed servers refuse CONFIG; INFO memory has both figures."""
    name, requirement = "redis/policy::broker_has_the_policy", "redis.broker.maxmemory-policy"
    server = redis("broker")
    with pytest.raises(NotAssessed, match="CONFIG GET"):
        check(name, requirement, redis_broker=server)

    server.info = lambda _: {"maxmemory_policy": "noeviction", "maxmemory": 0}
    assert check(name, requirement, redis_broker=server)
    server.info = lambda _: {"maxmemory_policy": "volatile-ttl", "maxmemory": 4096}
    with pytest.raises(Violation, match="volatile-ttl"):
        check(name, requirement, redis_broker=server)


BOTH, OFF = "- Persistence: RDB + AOF for cache, none for broker", {"save": "", "appendonly": "no"}


@pytest.mark.parametrize(
    ("role", "config", "good"),
    [
        ("cache", {"save": "60 1", "appendonly": "no"}, False),
        ("cache", {"save": "", "appendonly": "yes", "appendfsync": "always"}, False),
        ("cache", {"save": "60 1", "appendonly": "yes", "appendfsync": "everysec"}, True),
        ("cache", {"save": "60 1", "appendonly": "yes"}, True),
        ("broker", {"save": "60 1", "appendonly": "no"}, False),
        ("broker", OFF, True),
    ],
)
def test_persistence_by_both_ways_and_by_none(check, edition, role, config, good):
    """RDB + AOF asks for both, none for neither; appendfsync is only told where CONFIG tells it."""
    text = (harness_root() / "spec" / "tech-stack.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("- Persistence:"))
    given = {"specification": edition((line, BOTH)), f"redis_{role}": redis(role, **config)}
    name = f"redis/persistence::{role}_is_persisted_as_the_clause_says"
    if good:
        assert check(name, f"redis.{role}.persistence", **given)
    else:
        with pytest.raises(Violation):
            check(name, f"redis.{role}.persistence", **given)


@pytest.mark.parametrize(("clause", "good"), [("at most 120", False), ("at most 200", True), ("150+", True)])
def test_max_connections_keeps_to_the_relation(check, edition, clause, good):
    """A bound may lie above, and what is kept for superusers is told."""
    view = postgres(max_connections=("150", None), superuser_reserved_connections=("3", None))
    given = {"specification": edition((": 100+", f": {clause}")), "postgres": view}
    name = "postgresql/settings::max_connections_reaches_the_threshold"
    if good:
        assert "3 are kept" in check(name, "postgresql.max-connections", **given)
    else:
        with pytest.raises(Violation):
            check(name, "postgresql.max-connections", **given)


@pytest.mark.parametrize(("clause", "good"), [("4GB", True), ("at most 1GB", False), ("at least 8GB", False)])
def test_shared_buffers_may_be_an_absolute_size(check, edition, clause, good):
    """Then it is compared in bytes, by the clause's own relation."""
    view = postgres(shared_buffers=(str(4 * GIB // 8192), "8kB"))
    given = {"specification": edition((": 25% of RAM", f": {clause}")), "postgres": view}
    name = "postgresql/settings::shared_buffers_is_the_share_of_memory"
    if good:
        assert check(name, "postgresql.shared-buffers", **given)
    else:
        with pytest.raises(Violation):
            check(name, "postgresql.shared-buffers", **given)


def test_a_clause_of_several_sslmodes_is_met_by_its_weakest(check, edition):
    """And one that asks for more than require is not met by require."""
    name, requirement = "postgresql/transport::service_demands_tls_of_postgresql", "tls.postgresql.sslmode"
    view = SimpleNamespace(ask=lambda _: {"vendor": "postgresql", "sslmode": "require", "ssl": True}, unused=())
    either = edition(("sslmode=require", "sslmode=verify-full or require"))
    assert check(name, requirement, specification=either, project=view)

    strict = edition(("sslmode=require", "sslmode=verify-full"))
    with pytest.raises(Violation, match="verify-full"):
        check(name, requirement, specification=strict, project=view)


PASSWORD = "correct horse"
STORED = {
    "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA": ("argon2id", "v=19,m=102400,t=2,p=8"),
    "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g": ("argon2id", "v=19,m=65536,t=3,p=4"),
    "{argon2}$argon2id$v=19$m=16384,t=2,p=1$c2FsdA$aGFzaA": ("argon2id", "v=19,m=16384,t=2,p=1"),
    "$argon2id$v=19$m=19456,p=1,t=2$c2FsdHNhbHQ$aGFzaGhhc2g": ("argon2id", "v=19,m=19456,t=2,p=1"),  # node-argon2's
    "argon2$argon2i$v=19$m=512,t=2,p=2$c2FsdA$aGFzaA": ("argon2i", "v=19,m=512,t=2,p=2"),
    "pbkdf2_sha256$870000$123456$aGFzaA=": ("pbkdf2_sha256", "iterations=870000"),
    "$pbkdf2-sha512$25000$c2FsdA$aGFzaA": ("pbkdf2_sha512", "iterations=25000"),
    "pbkdf2:sha256:600000$salt$686173": ("pbkdf2_sha256", "iterations=600000"),
    "$2b$12$abcdefghijklmnopqrstuuJ6cW3w0Y7bq1oZp3yRz7yJpZ5l0nJ2e": ("bcrypt", "cost=12"),
    "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuu": ("bcrypt_sha256", "cost=12"),
    "bcrypt$$2b$10$abcdefghijklmnopqrstuu": ("bcrypt", "cost=10"),
    "scrypt$16384$salt$8$1$aGFzaA==": ("scrypt", "N=16384,r=8,p=1"),
    "scrypt:32768:8:1$salt$686173": ("scrypt", "N=32768,r=8,p=1"),
    "$6$rounds=5000$salt$hash": ("sha512crypt", "rounds=5000"),
    "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99": ("md5", ""),
    "0" * 32: ("md5 or another bare digest of 128 bits", ""),
    hashlib.md5(PASSWORD.encode()).hexdigest(): ("md5 without salt", ""),
    hashlib.sha1(PASSWORD.encode()).hexdigest(): ("sha1 without salt", ""),
    hashlib.sha256(PASSWORD.encode()).hexdigest().upper(): ("sha256 without salt", ""),
    "0" * 64: ("", ""),  # the tag of an Argon2id hash is as long, and its parameters may stand elsewhere
    PASSWORD: ("plain text", ""),
    "?": ("", ""),
}


@pytest.mark.parametrize(("value", "told"), STORED.items(), ids=lambda one: str(one)[:20])
def test_stored_passwords_are_told_apart(value, told):
    """By their shape, plain text by being the password, and a bare digest by being that of the password."""
    module = _import(harness_root() / "suites" / "password" / "stored.py")
    digests = {hashlib.new(name, PASSWORD.encode()).hexdigest(): name for name in ("md5", "sha1", "sha256")}
    session = SimpleNamespace(is_password=lambda text: text == PASSWORD, password_digests=lambda: digests)

    assert module.recognise(value, session) == told


def test_no_salt_and_no_digest_is_told():
    """Whatever a shape picks out, the parts that are secret are not among it."""
    module = _import(harness_root() / "suites" / "password" / "stored.py")
    session = SimpleNamespace(is_password=lambda _: False, password_digests=dict)
    for value in STORED:
        told = "".join(module.recognise(value, session))
        assert not any(secret in told for secret in ("salt", "c2Fsd", "aGFz", "686173", "abcdef", "5f4dcc", "123456"))


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
    view = SimpleNamespace(ask=lambda _: {"class": "x.Argon2PasswordHasher", "made": made}, unused=())
    name = "password/hashers::first_hasher_makes_argon2id"
    if good:
        assert check(name, "password.hashers-setting", project=view)
    else:
        with pytest.raises(Violation):
            check(name, "password.hashers-setting", project=view)


def test_a_first_hasher_whose_library_is_missing(check):
    """BCrypt listed first is listed first, whether it can be used or not; a missing Argon2 is another matter."""
    judged = "password/hashers::first_hasher_makes_argon2id", "password.hashers-setting"
    for algorithm, outcome in (("bcrypt_sha256", Violation), ("argon2", NotAssessed)):
        told = {"class": "x.Own", "algorithm": algorithm, "made": [], "trouble": "Couldn't load 'Own'"}
        with pytest.raises(outcome, match=r"x\.Own (makes bcrypt_sha256|cannot be used: Couldn't load)"):
            check(*judged, project=SimpleNamespace(ask=lambda _, told=told: told, unused=()))


@pytest.mark.parametrize(
    ("name", "requirement"),
    [
        ("first_hasher_makes_argon2id", "password.hashers-setting"),
        ("argon2_parameters_of_the_first_hasher_reach_the_minimum", "password.argon2-parameters-set"),
        ("no_hasher_is_unsound", "password.hashers-sound"),
    ],
)
def test_a_service_without_django_has_no_such_setting(check, name, requirement):
    """Nothing is asked for that cannot be there; what is stored is judged all the same."""
    view = SimpleNamespace(ask=None, unused=("version.django",))
    with pytest.raises(NotApplicable, match=r"which project\.unused says is not used"):
        check(f"password/hashers::{name}", requirement, project=view)


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
