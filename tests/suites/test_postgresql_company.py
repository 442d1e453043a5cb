"""PostgreSQL's checks where the DSN does not lead where a team thinks: each says so, and accuses nobody."""

import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixtures.services import ServicePlan
from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.postgres import PostgresView
from stackproof.target.project import ProjectView
from tests.suites.postgresql_servers import pooler, standby
from tests.suites.servers import running

pytestmark = pytest.mark.slow

SESSIONS = "postgresql/transport::no_session_of_the_service_is_plain"
OF_THE_PRIMARY = [
    ("postgresql/settings::max_connections_reaches_the_threshold", "postgresql.max-connections"),
    ("postgresql/settings::shared_buffers_is_the_share_of_memory", "postgresql.shared-buffers"),
    ("postgresql/settings::effective_cache_size_is_the_share_of_memory", "postgresql.effective-cache-size"),
    ("postgresql/backup::log_is_archived", "postgresql.backup.point-in-time-recovery"),
    ("postgresql/backup::archiver_keeps_up", "postgresql.backup.point-in-time-recovery"),
]
SETTINGS = """
SECRET_KEY = 'k' * 50
INSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']
DATABASES = {{'default': {{'ENGINE': 'django.db.backends.postgresql', 'NAME': 'dispatch', 'USER': '{user}',
    'PASSWORD': '{password}', 'HOST': '127.0.0.1', 'PORT': '{port}', 'OPTIONS': {{'sslmode': '{mode}'{more}}}}}}}
"""


@pytest.fixture(scope="module")
def services():
    """A server as the specification wants it, with the extensions."""
    with running() as services:
        with psycopg.connect(services.postgres.url, autocommit=True) as connection:
            for name in ('"uuid-ossp"', "pg_trgm"):
                connection.execute(f"CREATE EXTENSION {name}")
        yield services


@pytest.fixture(scope="module")
def pooled(services):
    """The DSN through a pooler."""
    with pooler(services) as url:
        yield url


@pytest.fixture(scope="module")
def replica(services):
    """The DSN of a standby."""
    with standby(services) as url:
        yield url


@pytest.fixture
def look():
    """A view of a DSN; closed at the end."""
    views = []

    def open_one(dsn):
        redactor = Redactor()
        data = {"target": {"base_url": "http://127.0.0.1"}, "postgres": {"dsn": dsn}}
        views.append(PostgresView(parse_descriptor(data, Path(__file__)), Recorder(redactor), redactor))
        return views[-1]

    yield open_one
    for view in views:
        view.close()


@pytest.fixture
def django(tmp_path):
    """A Django project on a DSN, seen through the interpreter of the tests; OPTIONS may have more."""

    def make(dsn, more="", further=""):
        parts = urlsplit(dsn)
        mode = "require" if "sslmode=disable" not in dsn else "disable"
        text = SETTINGS.format(
            user=parts.username, password=parts.password or "", port=parts.port, mode=mode, more=more
        )
        name = f"settings_{len(list(tmp_path.glob('settings_*')))}"
        (tmp_path / f"{name}.py").write_text(text + further, encoding="utf-8")
        project = {"path": str(tmp_path), "python": sys.executable, "settings_module": name}
        data = {"target": {"base_url": "http://127.0.0.1"}, "project": project}
        redactor = Redactor()
        return ProjectView(parse_descriptor(data, tmp_path / "stackproof.toml"), Recorder(redactor), redactor)

    return make


def login():
    """A sign-in that leaves no session of its own."""


def test_behind_a_pooler_the_server_is_seen_and_its_sessions_are_not_the_services(check, look, pooled):
    """What the server says of itself holds; what it calls sessions is the pooler's."""
    view = look(pooled)
    assert view.pooled()
    assert check(*OF_THE_PRIMARY[0], postgres=view).startswith("max_connections is 150")
    for name, requirement in (
        (SESSIONS, "tls.postgresql.sslmode"),
        ("postgresql/transport::sessions_of_the_service_keep_to_the_minimum", "tls.minimum-version"),
        ("postgresql/transport::server_refuses_plain_connections", "tls.postgresql.plain-refused"),
    ):
        with pytest.raises(NotAssessed, match="pooler"):
            check(name, requirement, postgres=view, session=SimpleNamespace(login=login))


def test_both_legs_of_a_pooler_are_told(check, django, pooled):
    """What the server says is of the pooler's session, and says nothing of the service's own connection."""
    judged = "postgresql/transport::service_demands_tls_of_postgresql", "tls.postgresql.sslmode"
    plain = django(pooled, further="DATABASES['default']['OPTIONS']['sslmode'] = 'disable'\n")
    with pytest.raises(
        Violation, match=r"it is disable; the connection to the pooler is not encrypted; the pooler's to"
    ):
        check(*judged, project=plain)


def test_a_replica_that_the_service_reaches_without_tls(check, django, services):
    """Each of DATABASES is PostgreSQL; one behind a socket of the machine needs no TLS."""
    judged = "postgresql/transport::service_demands_tls_of_postgresql", "tls.postgresql.sslmode"
    replica = "DATABASES['replica'] = {{**DATABASES['default'], {}}}\n"
    for more in ("'OPTIONS': {'sslmode': 'verify-full'}", "'HOST': '/run/postgresql', 'OPTIONS': {}"):
        assert check(*judged, project=django(services.postgres.url, further=replica.format(more)))
    with pytest.raises(Violation, match="replica has none"):
        check(*judged, project=django(services.postgres.url, further=replica.format("'OPTIONS': {}")))


def test_a_service_behind_a_pooler_does_not_open_what_its_pools_hold(check, django, pooled, services):
    """Through the pooler nothing is counted; directly, what the pool may hold is."""
    name, requirement = (
        "postgresql/connections::connections_suffice_for_every_process",
        "postgresql.connections-suffice",
    )
    descriptor = SimpleNamespace(postgres=SimpleNamespace(processes=4, threads=0, workers=3))
    with pytest.raises(NotAssessed, match="pooler"):
        check(name, requirement, project=django(pooled), descriptor=descriptor)
    held = django(services.postgres.url, ", 'pool': {'min_size': 2, 'max_size': 20}")
    assert "4 processes x 20 and 3 others x 2 are 86" in check(name, requirement, project=held, descriptor=descriptor)
    more = SimpleNamespace(postgres=SimpleNamespace(processes=8, threads=0, workers=0))
    with pytest.raises(Violation, match="are 160, and 147 are admitted"):
        check(name, requirement, project=held, descriptor=more)
    with pytest.raises(NotAssessed, match=r"postgres\.processes"):
        check(name, requirement, project=held, descriptor=SimpleNamespace(postgres=None))


def test_a_service_without_a_pool_opens_one_for_each_thread(check, django, services):
    """How many threads there are only the descriptor knows; the role's own limit counts before the server's."""
    name, requirement = (
        "postgresql/connections::connections_suffice_for_every_process",
        "postgresql.connections-suffice",
    )
    project = django(services.postgres.url)
    for threads, words in ((0, r"postgres\.threads"), (8, "are 33")):
        descriptor = SimpleNamespace(postgres=SimpleNamespace(processes=4, threads=threads, workers=1))
        if threads:
            assert words in check(name, requirement, project=project, descriptor=descriptor)
        else:
            with pytest.raises(NotAssessed, match=words):
                check(name, requirement, project=project, descriptor=descriptor)
    with psycopg.connect(services.postgres.admin, autocommit=True) as admin:
        admin.execute("ALTER ROLE dispatch CONNECTION LIMIT 20")
        try:
            again = django(services.postgres.url)
            with pytest.raises(Violation, match="20 are admitted"):
                check(name, requirement, project=again, descriptor=descriptor)
        finally:
            admin.execute("ALTER ROLE dispatch CONNECTION LIMIT -1")


def test_a_service_without_django_opens_what_its_pools_hold(check, look, services):
    """The descriptor says how large they are; the one role that has sessions is the service's, with a limit or not."""
    name = "postgresql/connections::connections_suffice_for_a_service_without_django"

    def judged(view, unused=("version.django",), **given):
        told = SimpleNamespace(**{"processes": 4, "threads": 0, "workers": 1, **given})
        descriptor = SimpleNamespace(postgres=told, unused=unused)
        return check(name, "postgresql.connections-suffice", postgres=view, descriptor=descriptor)

    view = look(services.postgres.url)
    with pytest.raises(NotAssessed, match=r"postgres\.threads"):
        judged(view)
    with pytest.raises(NotAssessed, match="Django's settings tell its pools"):
        judged(view, unused=(), threads=8)
    with pytest.raises(Violation, match="4 processes x 50 and 1 others x 1 are 201, and 147 are admitted"):
        judged(view, threads=50)
    with psycopg.connect(services.postgres.url), psycopg.connect(services.postgres.admin, autocommit=True) as admin:
        assert "are 33" in judged(view, threads=8)
        admin.execute("ALTER ROLE dispatch CONNECTION LIMIT 20")
        try:
            with pytest.raises(Violation, match="20 are admitted"):
                judged(view, threads=8)
        finally:
            admin.execute("ALTER ROLE dispatch CONNECTION LIMIT -1")


def test_a_standby_is_not_judged_for_its_primary(check, look, replica):
    """Its settings and its archive are its own; what is the same on both is looked at."""
    view = look(replica)
    for name, requirement in OF_THE_PRIMARY:
        with pytest.raises(NotAssessed, match="standby"):
            check(name, requirement, postgres=view)
    of_both = "postgresql/extensions::extension_is_installed_and_works"
    assert check(of_both, "postgresql.extension.pg-trgm", postgres=view)
    assert check("stack/servers::postgresql_is_inside_the_constraint", "version.postgresql", postgres=view)


def test_migrations_of_a_standby_are_the_primarys(check, django, replica):
    """It may lag behind."""
    with pytest.raises(NotAssessed, match="standby"):
        check(
            "postgresql/migrations::every_migration_is_applied",
            "postgresql.migrations.applied",
            project=django(replica),
        )


def test_an_account_without_rights_is_told_what_it_lacks(check, look, services):
    """It may connect or not, and see sessions or not; settings and the archiver it may read."""
    with psycopg.connect(services.postgres.admin, autocommit=True) as admin:
        admin.execute("CREATE ROLE reader LOGIN PASSWORD 'read-only-word'")
        own = urlsplit(services.postgres.url)
        dsn = own._replace(netloc=f"reader:read-only-word@127.0.0.1:{own.port}").geturl()
        try:
            for name, requirement in OF_THE_PRIMARY[:1] + OF_THE_PRIMARY[3:4]:
                assert check(name, requirement, postgres=look(dsn))
            with pytest.raises(NotAssessed, match="pg_read_all_stats"):
                check(SESSIONS, "tls.postgresql.sslmode", postgres=look(dsn), session=SimpleNamespace(login=login))
            admin.execute("REVOKE CONNECT ON DATABASE dispatch FROM PUBLIC")
            with pytest.raises(NotAssessed, match="permission denied for database") as caught:
                look(dsn)
        finally:
            admin.execute("GRANT CONNECT ON DATABASE dispatch TO PUBLIC")
    assert "read-only-word" not in str(caught.value)


def test_tls_that_does_not_fit_is_not_assessed(look, services, tmp_path):
    """A server without TLS where it is demanded, and a certificate of another authority."""
    import trustme

    with running(ServicePlan(postgres={"ssl": "off"})) as plain:
        demanded = make_conninfo(plain.postgres.url, sslmode="require")
        with pytest.raises(NotAssessed, match="does not support SSL"):
            look(demanded)
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    with pytest.raises(NotAssessed, match="certificate verify failed"):
        look(make_conninfo(services.postgres.url, sslrootcert=str(stranger)))


def test_sessions_below_the_minimum_are_violated(check, edition, look, services):
    """TLS 1.2 where the document asks for 1.3, on a server that has learnt no more."""
    name, requirement = "postgresql/transport::sessions_of_the_service_keep_to_the_minimum", "tls.minimum-version"
    stricter = edition(("Minimum TLS 1.2", "Minimum TLS 1.3"))

    def signs_in(url):
        def call():
            with psycopg.connect(url) as connection:
                connection.execute("SELECT pg_sleep(0.05)")

        return SimpleNamespace(login=call)

    url = services.postgres.url
    assert "TLSv1.3" in check(name, requirement, specification=stricter, postgres=look(url), session=signs_in(url))
    old = make_conninfo(url, ssl_max_protocol_version="TLSv1.2")
    with pytest.raises(Violation, match=r"speak TLSv1\.2"):
        check(name, requirement, specification=stricter, postgres=look(url), session=signs_in(old))


def test_a_session_without_tls_keeps_to_no_version_of_it(check, look):
    """Every connection, the document says: one over the network that is plain text is below every minimum."""
    name, requirement = "postgresql/transport::sessions_of_the_service_keep_to_the_minimum", "tls.minimum-version"

    def signs_in():
        with psycopg.connect(plain.postgres.url) as connection:
            connection.execute("SELECT pg_sleep(0.05)")

    with running(ServicePlan(postgres={"ssl": "off"})) as plain:
        view = look(make_conninfo(plain.postgres.url, sslmode="disable"))
        with pytest.raises(Violation, match="speak no TLS"):
            check(name, requirement, postgres=view, session=SimpleNamespace(login=signs_in))
