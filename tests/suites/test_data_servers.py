"""The checks of PostgreSQL, Redis and passwords on throw-away servers, good ones and bad ones."""

import hashlib
import time
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from fixtures.services import ServicePlan
from stackproof.check import NotAssessed, Violation, not_assessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.postgres import PostgresView
from stackproof.target.redis import RedisView
from tests.suites.servers import running


def descriptor_of(services, memory="", **redis_urls):
    """The target that the services are, as a team would describe it."""
    urls = {"cache": services.cache.url, "broker": services.broker.url, **redis_urls}
    data = {
        "target": {"base_url": "http://127.0.0.1"},
        "postgres": {"dsn": services.postgres.url},
        "redis": {role: {"url": url} for role, url in urls.items()},
        "host": {"database_memory": memory},
        "accounts": {"password_env": "A_PASSWORD"},
    }
    return parse_descriptor(data, Path(__file__))


@pytest.fixture(scope="module")
def good():
    """Servers as the specification wants them, with the extensions in a schema of their own."""
    with running(ServicePlan(postgres={"shared_buffers": "256MB", "effective_cache_size": "768MB"})) as services:
        with psycopg.connect(services.postgres.url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA extensions")
            for name in ('"uuid-ossp"', "pg_trgm", "citext"):
                connection.execute(f"CREATE EXTENSION {name} SCHEMA extensions")
        yield services


@pytest.fixture(scope="module")
def bad():
    """Servers with every setting wrong."""
    plan = ServicePlan(
        postgres={
            "max_connections": "20",
            "shared_buffers": "16MB",
            "effective_cache_size": "64MB",
            "ssl_min_protocol_version": "TLSv1",
            "ssl_ciphers": "ALL:@SECLEVEL=0",
        },
        cache={"maxmemory": "0", "save": ""},
        broker={"maxmemory-policy": "allkeys-lru", "appendonly": "no"},
    )
    with running(plan) as services:
        yield services


@pytest.fixture
def views():
    """The views of services by the names under which checks ask for them; closed at the end."""
    made = []

    def make(services, **changes):
        descriptor, recorder, redactor = descriptor_of(services, **changes), Recorder(Redactor()), Redactor()
        given = {
            "postgres": PostgresView(descriptor, recorder, redactor),
            "redis_cache": RedisView(descriptor, "cache", recorder, redactor),
            "redis_broker": RedisView(descriptor, "broker", recorder, redactor),
        }
        made.extend(given.values())
        return given | {"descriptor": descriptor}

    yield make
    for view in made:
        view.close()


OF_SERVERS = [
    ("postgresql/extensions::extension_is_installed_and_works", "postgresql.extension.uuid-ossp", "uuid-ossp"),
    ("postgresql/extensions::extension_is_installed_and_works", "postgresql.extension.pg-trgm", "pg_trgm"),
    ("postgresql/settings::max_connections_reaches_the_threshold", "postgresql.max-connections", "is 20"),
    ("postgresql/settings::shared_buffers_is_the_share_of_memory", "postgresql.shared-buffers", "1.6%"),
    ("postgresql/settings::effective_cache_size_is_the_share_of_memory", "postgresql.effective-cache-size", "6.2%"),
    ("redis/policy::cache_has_the_policy", "redis.cache.maxmemory-policy", "never acts"),
    ("redis/policy::broker_has_the_policy", "redis.broker.maxmemory-policy", "allkeys-lru"),
    ("redis/persistence::cache_is_persisted_as_the_clause_says", "redis.cache.persistence", "no snapshots"),
    ("redis/persistence::broker_is_persisted_as_the_clause_says", "redis.broker.persistence", "appendonly is no"),
    ("redis/instances::cache_and_broker_are_different_servers", "redis.separate-instances", "same run id"),
    ("tls/minimum::postgresql_refuses_versions_below_the_minimum", "tls.minimum-version", "offers 1.0"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "requirement", "words"), OF_SERVERS, ids=[one[1] for one in OF_SERVERS])
def test_checks_tell_good_servers_from_bad_ones(check, views, good, bad, name, requirement, words):
    """Violated where the setting is wrong, satisfied where it is right; nothing is made up in between."""
    one_for_both = bad.broker.url.removesuffix("0") + "1"
    with pytest.raises(Violation, match=words):
        check(
            name, requirement, **views(bad, memory="1GiB", cache=one_for_both if "instances" in name else bad.cache.url)
        )

    assert check(name, requirement, **views(good, memory="1GiB"))


@pytest.mark.slow
def test_an_extension_of_another_name_is_looked_up_alone(check, edition, views, good):
    """It is installed or not; that no query showed it at work is said."""
    name, requirement = "postgresql/extensions::extension_is_installed_and_works", "postgresql.extension.citext"
    view = views(good)["postgres"]
    wanted = edition(("`uuid-ossp`, `pg_trgm`", "`citext`, `post_gis`"))
    assert "no query is known" in check(name, requirement, specification=wanted, postgres=view)
    with pytest.raises(Violation, match="installed are citext"):
        check(name, "postgresql.extension.post-gis", specification=wanted, postgres=view)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["require", "disable"])
def test_sessions_of_others_are_seen_while_an_account_signs_in(check, views, good, mode):
    """A session that lasts no longer than the sign-in is seen; plain text among encrypted ones is violated."""
    plan = ServicePlan(postgres={"ssl": "off"})
    name, requirement = "postgresql/transport::no_session_of_the_service_is_plain", "tls.postgresql.sslmode"
    with running(plan) if mode == "disable" else nullcontext(good) as services:

        def login():
            with psycopg.connect(services.postgres.url, application_name="service"):
                time.sleep(0.05)

        given = {"postgres": views(services)["postgres"], "session": SimpleNamespace(login=login)}
        if mode == "require":
            assert check(name, requirement, **given).startswith("0 of ")
        else:
            with pytest.raises(Violation, match="plain text"):
                check(name, requirement, **given)


@pytest.mark.slow
def test_no_session_of_others_is_not_assessed(check, views, good):
    """With the reason why the sign-in failed, where it did."""
    name, requirement = "postgresql/transport::no_session_of_the_service_is_plain", "tls.postgresql.sslmode"
    view = views(good)["postgres"]
    for login, reason in ((lambda: None, "pooler"), (lambda: not_assessed("no sign-in"), "no sign-in")):
        with pytest.raises(NotAssessed, match=reason):
            check(name, requirement, postgres=view, session=SimpleNamespace(login=login))


PASSWORD = "correct horse"
ARGON2ID = "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHNhbHQ$ZGlnZXN0ZGlnZXN0"
PBKDF2 = "pbkdf2_sha256$870000$saltsalt$ZGlnZXN0ZGlnZXN0="
MD5 = hashlib.md5(PASSWORD.encode()).hexdigest()


@pytest.fixture
def stored(check, views, good):
    """Fill tables, and run a check of stored passwords for ann@example.com; the first if none is named."""

    def run(*statements, name="password_of_a_signed_in_account_is_stored_as_specified", of="password.hash-algorithm"):
        given = views(good)
        session = SimpleNamespace(
            login=lambda: None,
            username="ann@example.com",
            is_password=lambda text: text == PASSWORD,
            password_digests=lambda: {MD5: "md5", hashlib.sha256(PASSWORD.encode()).hexdigest(): "sha256"},
        )
        with psycopg.connect(good.postgres.url, autocommit=True) as connection:
            connection.execute("SET search_path TO public, extensions")
            for one in statements:
                connection.execute(one)
            try:
                return check(
                    f"password/stored::{name}",
                    of,
                    **given,
                    session=session,
                )
            finally:
                connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    return run


USERS = 'CREATE TABLE "strange %s ""table" (id int, "E-Mail" citext, password_hash text, old_password text)'
INSERT = "INSERT INTO \"strange %s \"\"table\" VALUES (1, '{}', '{}', 'hunter2')"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "words"),
    [(PBKDF2, "pbkdf2_sha256 iterations=870000"), (MD5, "md5 without salt"), (PASSWORD, "plain text")],
)
def test_a_password_that_is_stored_otherwise_is_violated(stored, value, words):
    """Whatever the table is called; the value itself is not told."""
    with pytest.raises(Violation, match=words) as caught:
        stored(USERS, INSERT.format("Ann@Example.com", value), INSERT.format("bob@example.com", ARGON2ID))

    assert value not in str(caught.value)
    assert "saltsalt" not in str(caught.value)


@pytest.mark.slow
def test_a_password_that_is_stored_as_specified_is_satisfied(stored):
    """By the row of the account, in whatever case its name is written, and by no row of another."""
    told = stored(USERS, INSERT.format("Ann@Example.com", ARGON2ID), INSERT.format("bob@example.com", PBKDF2))

    assert "argon2id v=19,m=102400,t=2,p=8" in told
    assert "c2Fsd" not in told


@pytest.mark.slow
def test_tables_that_disagree_are_not_assessed(stored):
    """Which of them the service signs in with cannot be told; plain text is wrong in any."""
    history = "CREATE TABLE history (email text, password text)"
    both = (USERS, INSERT.format("ann@example.com", ARGON2ID), history)
    with pytest.raises(NotAssessed, match="pbkdf2"):
        stored(*both, f"INSERT INTO history VALUES ('ann@example.com', '{PBKDF2}')")
    with pytest.raises(Violation, match="plain text"):
        stored(*both, f"INSERT INTO history VALUES ('ann@example.com', '{PASSWORD}')")


@pytest.mark.slow
def test_an_account_that_is_in_no_table_is_not_assessed(stored):
    """Nor is one whose table may not be read: the reason names it."""
    with pytest.raises(NotAssessed, match="no table"):
        stored(USERS, INSERT.format("bob@example.com", ARGON2ID))
    with pytest.raises(NotAssessed, match=r"permission denied for table hidden"):
        stored("CREATE TABLE hidden (email text, password text)", "REVOKE SELECT ON hidden FROM dispatch")


@pytest.mark.slow
def test_a_database_of_many_tables_hides_no_account(stored):
    """The account's table is found behind hundreds of others."""
    many = "DO $$ BEGIN FOR i IN 1..250 LOOP EXECUTE format('CREATE TABLE a%s (x text, y text)', i); END LOOP; END $$"
    with pytest.raises(Violation, match="pbkdf2"):
        stored(many, USERS, INSERT.format("ann@example.com", PBKDF2))


WEAK = "argon2$argon2id$v=19$m=4096,t=2,p=1$c2FsdHNhbHQ$ZGlnZXN0ZGlnZXN0"


@pytest.mark.slow
def test_parameters_below_the_minimum_are_violated(stored):
    """Any row of the table is enough; what is no Argon2 has none of its parameters."""
    of = {
        "name": "argon2_parameters_of_a_signed_in_account_reach_the_minimum",
        "of": "password.argon2-parameters-stored",
    }
    assert "m=102400" in stored(USERS, INSERT.format("ann@example.com", ARGON2ID), **of)
    other_row = ARGON2ID.replace("m=102400,t=2,p=8", "m=7168,t=5,p=1")
    assert "m=7168" in stored(USERS, INSERT.format("ann@example.com", other_row), **of)
    with pytest.raises(Violation, match="m=4096,t=2,p=1"):
        stored(USERS, INSERT.format("ann@example.com", WEAK), **of)
    with pytest.raises(NotAssessed, match="pbkdf2_sha256"):
        stored(USERS, INSERT.format("ann@example.com", PBKDF2), **of)


@pytest.mark.slow
def test_kinds_of_the_whole_table_are_counted(stored):
    """Old kinds that are sound are only counted; fast digests and plain text are violated."""
    of = {"name": "no_account_is_stored_unsoundly", "of": "password.stored-kinds"}
    good = [
        USERS,
        INSERT.format("ann@example.com", ARGON2ID),
        INSERT.format("bob@example.com", PBKDF2),
        INSERT.format("cid@example.com", "{bcrypt}$2b$12$abcdefghijklmnopqrstuu"),
        INSERT.format("off@example.com", "!unusable"),
    ]
    told = stored(*good, **of)
    assert all(kind in told for kind in ("1 argon2id", "1 pbkdf2", "1 bcrypt", "1 unusable"))
    for value in ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "sha1$$" + "0" * 40, MD5):
        with pytest.raises(Violation, match="1 as"):
            stored(*good, INSERT.format("old@example.com", value), **of)
    with pytest.raises(Violation, match="plain text"):
        stored(USERS, INSERT.format("ann@example.com", PASSWORD), **of)
    with pytest.raises(Violation, match="1 as sha256 without salt"):
        stored(USERS, INSERT.format("ann@example.com", hashlib.sha256(PASSWORD.encode()).hexdigest()), **of)
    with pytest.raises(NotAssessed, match="1 stored passwords"):
        stored(*good, INSERT.format("odd@example.com", "something else"), **of)


@pytest.mark.slow
def test_a_bare_digest_beside_a_salt_is_not_called_unsalted(stored):
    """The salt may stand in a column of its own."""
    of = {"name": "no_account_is_stored_unsoundly", "of": "password.stored-kinds"}
    table = "CREATE TABLE people (email text, password text, password_salt text)"
    told = stored(
        table,
        f"INSERT INTO people VALUES ('ann@example.com', '{ARGON2ID}', '')",
        f"INSERT INTO people VALUES ('bob@example.com', '{'0' * 40}', 'abc')",
        **of,
    )
    assert "1 a bare digest" in told
