"""Redis's view on real servers, on an endpoint with TLS, and on what is no Redis at all."""

import select
import shutil
import socket
import ssl
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from redis import Redis, ResponseError

from fixtures.services import ServicePlan, provide
from stackproof.check import NotAssessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.redis import RedisView

# Under pytest's importlib mode another test's folder is not on the path; the module's name is unique.
sys.path.insert(0, str(Path(__file__).parents[1] / "tls"))

from tls_servers import authority, serve, server_context

__all__ = ["authority", "serve"]

HERE = Path(__file__)


@pytest.fixture(scope="module")
def services():
    """Throw-away servers; Valkey stands in for Redis."""
    folder = Path(tempfile.mkdtemp(prefix="stackproof-test-"))
    folder.chmod(0o711)
    with provide("embedded", ServicePlan(), workdir=folder, progress=lambda _: None) as up:
        yield up
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_view():
    """A view of the cache at a URL; closed at the end."""
    views = []

    def open_one(url, recorder=None):
        data = {"target": {"base_url": "http://127.0.0.1"}, "redis": {"cache": {"url": url}}}
        redactor = Redactor()
        view = RedisView(parse_descriptor(data, HERE), "cache", recorder or Recorder(redactor), redactor)
        views.append(view)
        return view

    yield open_one
    for view in views:
        view.close()


def test_a_command_that_has_another_name_is_told_with_what_settles_it(services, open_view, monkeypatch):
    """`rename-command CONFIG …`, and services of clouds; the command's words are not repeated."""

    def refuse(*_, **__):
        raise ResponseError("unknown command 'CONFIG', with args beginning with: 'GET' 'save' ")

    view = open_view(services.cache.url)
    monkeypatch.setattr(Redis, "config_get", refuse)
    with pytest.raises(NotAssessed, match=r"unknown command 'CONFIG'; it has another name .* an attestation settles"):
        view.config("save")


def test_a_role_that_is_not_given_is_not_assessed(monkeypatch):
    """The reason names the role's table; a variable that is not set is the same."""
    monkeypatch.delenv("NO_SUCH_URL", raising=False)
    for redis in ({}, {"cache": {"url": "redis://127.0.0.1"}}, {"broker": {"url_env": "NO_SUCH_URL"}}):
        descriptor = parse_descriptor({"target": {"base_url": "http://127.0.0.1"}, "redis": redis}, HERE)
        with pytest.raises(NotAssessed, match=r"\[redis\.broker\]"):
            RedisView(descriptor, "broker", Recorder(Redactor()), Redactor())


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:6379",
        "http://127.0.0.1:6379",
        "redis://:s3cretword@127.0.0.1:port",
        "redis://:s3cretword@127.0.0.1:6379/0?no_such_option=1",
        "redis://:s3cretword@127.0.0.1:6379/0?socket_timeout=soon",
        "rediss://:s3cretword@127.0.0.1:6379/0?ssl_cert_reqs=perhaps",
        "rediss://:s3cretword@127.0.0.1:6379/0?ssl_ca_certs=/nonexistent/ca.pem",
        "unix:///nonexistent/redis.sock",
    ],
)
def test_a_url_that_leads_nowhere_is_not_assessed(open_view, url):
    """And its password is not told."""
    with pytest.raises(NotAssessed, match="cache") as caught:
        open_view(url)

    assert "s3cretword" not in str(caught.value)


def test_a_server_that_nobody_runs_is_not_assessed(open_view):
    """With the reason."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotAssessed, match="refused"):
        open_view(f"redis://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+PONG\r\n", b":7\r\n", b"*1\r\n$1\r\n?\r\n", b"$2\r\n\xff\xfe\r\n", b""],
)
def test_a_server_that_is_no_redis_is_not_assessed(open_view, serve, answer):
    """Whatever it says."""

    def talk(connection):
        while answer and connection.recv(4096):
            connection.sendall(answer)

    with pytest.raises(NotAssessed, match="cache"):
        open_view(f"redis://127.0.0.1:{serve(talk)}")


@pytest.mark.slow
def test_a_wrong_password_is_not_assessed(open_view, services):
    """The server's own words are the reason."""
    wrong = services.cache.url.replace(urlsplit(services.cache.url).password, "s3cretword")
    with pytest.raises(NotAssessed, match=r"(?i)invalid username-password") as caught:
        open_view(wrong)

    assert "s3cretword" not in str(caught.value)


@pytest.mark.slow
def test_an_account_without_config_can_still_be_asked_for_info(open_view, services):
    """The command that it lacks is named, and nothing is concluded from its refusal."""
    with Redis.from_url(services.cache.url) as admin:
        admin.execute_command("ACL", "SETUSER", "reader", "on", ">reader-pw", "~*", "+info", "-config")
    parts = urlsplit(services.cache.url)
    view = open_view(f"redis://reader:reader-pw@{parts.hostname}:{parts.port}/0")

    assert view.info("memory")["maxmemory_policy"] == "allkeys-lru"
    with pytest.raises(NotAssessed, match=r"may not run CONFIG GET save; \+config\|get in its ACL lets it"):
        view.config("save")


@pytest.mark.slow
def test_an_account_without_info_is_not_assessed(open_view, services):
    """Then even the product is unknown."""
    with Redis.from_url(services.cache.url) as admin:
        admin.execute_command("ACL", "SETUSER", "blind", "on", ">blind-pw", "~*", "+ping")
    parts = urlsplit(services.cache.url)
    with pytest.raises(NotAssessed, match=r"may not run INFO server; \+info in its ACL lets it"):
        open_view(f"redis://blind:blind-pw@{parts.hostname}:{parts.port}/0")


@pytest.mark.slow
def test_valkey_is_never_called_redis(open_view, services):
    """It answers with a Redis version for compatibility, and has a version of its own."""
    view = open_view(services.cache.url)

    assert (view.product, view.version) == ("Valkey", services.cache.version)
    assert view.compatible_with == "7.2.4"
    assert not view.tls
    assert view.over_network
    with pytest.raises(NotAssessed, match="knows no setting no-such-setting"):
        view.config("no-such-setting")


@pytest.mark.slow
def test_two_database_numbers_are_one_server(open_view, services):
    """The id of the server tells, and no part of the URL does."""
    first, second = open_view(services.cache.url), open_view(services.cache.url.removesuffix("0") + "1")
    third = open_view(services.broker.url)

    assert first.run_id == second.run_id != third.run_id
    assert len(first.run_id) == 40


@pytest.mark.slow
def test_what_was_asked_is_evidence_without_the_password(services):
    """INFO and CONFIG leave records; `requirepass` is hidden even where somebody asks for it."""
    redactor = Redactor()
    data = {"target": {"base_url": "http://127.0.0.1"}, "redis": {"cache": {"url": services.cache.url}}}
    recorder = Recorder(redactor)
    view = RedisView(parse_descriptor(data, HERE), "cache", recorder, redactor)
    password = view.config("requirepass")
    view.close()

    assert password == urlsplit(services.cache.url).password
    assert [one.title for one in recorder.records] == [
        "INFO server of the cache",
        "CONFIG GET requirepass of the cache",
    ]
    assert password not in str(recorder.records)


@pytest.mark.slow
@pytest.mark.parametrize("option", ["ssl_ca_certs={ca}", "ssl_cert_reqs=CERT_REQUIRED&ssl_ca_certs={ca}"])
def test_tls_is_spoken_as_the_url_says(open_view, services, serve, authority, option):
    """With the authority of the URL, also in Celery's words; without it the server is not trusted."""
    inside = urlsplit(services.cache.url)
    port = serve(_front(authority, inside.port))
    url = f"rediss://:{inside.password}@127.0.0.1:{port}/0"
    with pytest.raises(NotAssessed, match=r"named in the URL of \[redis\.cache\]: \?ssl_ca_certs=authority\.pem"):
        open_view(url)

    view = open_view(f"{url}?{option.format(ca=quote(authority.file))}")
    assert view.tls
    assert view.ca_file == authority.file
    assert view.host_and_port == ("127.0.0.1", port)
    assert view.config("maxmemory-policy") == "allkeys-lru"


@pytest.mark.slow
def test_tls_that_is_spoken_on_one_side_alone_is_told(open_view, services, serve, authority):
    """Both ways; the reason names the likely mistake and never the password."""
    inside = urlsplit(services.cache.url)
    place = f":{inside.password}@127.0.0.1"
    with pytest.raises(NotAssessed, match=r"redis:// instead of rediss://") as one:
        open_view(f"rediss://{place}:{inside.port}/0")
    with pytest.raises(NotAssessed, match=r"rediss:// instead of redis://") as other:
        open_view(f"redis://{place}:{serve(_front(authority, inside.port))}/0")
    assert inside.password not in f"{one.value}{other.value}"


def _front(authority, port):
    """What ends TLS in front of a plain server on `port`."""
    context = server_context(authority, "1.2", "1.3", ("127.0.0.1",))

    def talk(connection):
        with (
            socket.create_connection(("127.0.0.1", port)) as inner,
            context.wrap_socket(connection, server_side=True) as tls,
        ):
            _relay(tls, inner)

    return talk


def _relay(tls, inner):
    """Carry bytes both ways in one thread: two threads must not share an SSL object."""
    with suppress(OSError, ssl.SSLError):
        while True:
            readable = [tls] if tls.pending() else select.select([tls, inner], [], [])[0]
            for source in readable:
                if not (data := source.recv(65_536)):
                    return
                (inner if source is tls else tls).sendall(data)
