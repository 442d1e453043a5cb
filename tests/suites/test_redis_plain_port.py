"""The check of a Redis's plain port: a real Valkey behind an endpoint with TLS, and servers that only look like one."""

import asyncio
import ssl
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.harness import harness_root
from stackproof.registry import _import
from stackproof.target.redis import RedisView
from tests.suites.servers import running

sys.path.insert(0, str(Path(__file__).parents[1] / "tls"))

from tls_servers import authority, serve

__all__ = ["authority", "serve"]

NAME = "redis/transport::nothing_is_answered_without_tls"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def valkey():
    """The port and the password of a Valkey that speaks plain text."""
    with running() as services:
        rest = services.cache.url.removeprefix("redis://:").removesuffix("/0")
        password, _, place = rest.partition("@")
        yield int(place.partition(":")[2]), password


@pytest.fixture
def wrapped(authority):
    """Put an endpoint with TLS before a plain port; gives its own port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers = []

    async def pump(reader, writer):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def open_at(port):
        async def handle(reader, writer):
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer), return_exceptions=True)

        return await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)

    def start(port):
        server = asyncio.run_coroutine_threadsafe(open_at(port), loop).result(5)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    yield start
    for server in servers:
        loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def judge(check, authority):
    """The check on a cache at a port with TLS, and on a broker where there is one."""

    def run(port, password, *, broker="", user="", **role):
        url = f"rediss://{user}:{password}@127.0.0.1:{port}/0?ssl_ca_certs={authority.file}"
        roles = {"cache": {"url": url, **role}, **({"broker": {"url": broker}} if broker else {})}
        data = {"target": {"base_url": "https://127.0.0.1"}, "redis": roles}
        descriptor, redactor = parse_descriptor(data, Path(__file__)), Redactor()
        recorder, views = Recorder(redactor), []

        def opened(name):
            views.append(RedisView(descriptor, name, recorder, redactor))
            return views[-1]

        try:
            return check(NAME, "tls.redis.plain-port-closed", descriptor=descriptor, redis_views=opened)
        finally:
            for view in views:
                view.close()

    return run


def test_a_plain_port_that_answers_is_violated(judge, wrapped, valkey):
    """It asks for a password, in plain text: whoever knows it sends it so."""
    port, password = valkey
    with pytest.raises(Violation, match="without TLS: -NOAUTH"):
        judge(wrapped(port), password, plain_port=port)
    with pytest.raises(Violation, match="NOAUTH"):
        judge(1, "x", plain_port=port)


def test_a_server_without_a_password_is_known_by_its_run(check, judge, wrapped, valkey):
    """The server tells its plain port, and what answers there names the same run."""
    from redis import Redis

    port, password = valkey
    client = Redis(host="127.0.0.1", port=port, password=password)
    client.config_set("requirepass", "")
    try:
        with pytest.raises(Violation, match=r"PONG"):
            judge(wrapped(port), "")
    finally:
        client.config_set("requirepass", password)
        client.close()


def test_a_plain_port_that_may_be_another_servers_is_not_assessed(judge, wrapped, valkey):
    """Nobody named it, and without a password it does not say who it is."""
    port, password = valkey
    with pytest.raises(NotAssessed, match=r"redis\.cache\.plain_port says so"):
        judge(wrapped(port), password)


def test_ports_are_read_from_info_where_config_is_forbidden(judge, wrapped, valkey):
    """A managed server lets nobody ask CONFIG: the port that it listens on is asked, and not 6379."""
    from redis import Redis

    port, password = valkey
    client = Redis(host="127.0.0.1", port=port, password=password)
    client.execute_command("ACL", "SETUSER", "watcher", "on", ">only-info", "+info")
    try:
        with pytest.raises(NotAssessed, match=rf"127\.0\.0\.1:{port} speaks Redis without TLS"):
            judge(wrapped(port), "only-info", user="watcher")
    finally:
        client.execute_command("ACL", "DELUSER", "watcher")
        client.close()


@pytest.mark.parametrize(
    ("info", "seen"),
    [
        ({"tcp_port": 6380}, (0, True)),  # port 0: the TLS port stands there
        ({"tcp_port": 6379}, (6379, False)),  # a plain port beside it, or a forwarded port
        ({"listener0": {"name": "tls", "port": 6380}}, (0, True)),
        ({"listener0": {"name": "tcp", "port": 6379}, "listener1": {"name": "tls", "port": 6380}}, (6379, True)),
        ({"tcp_port": 0}, (None, False)),
        ({}, (None, False)),
    ],
)
def test_what_info_tells_of_ports(info, seen):
    """Redis 7.0 tells one port; 7.2 and Valkey list their listeners."""
    module = _import(harness_root() / "suites" / "redis" / "transport.py")

    def forbidden(name):
        raise NotAssessed(f"may not run CONFIG GET {name}")

    server = SimpleNamespace(config=forbidden, info=lambda section: info)
    assert module.ports_of(server, SimpleNamespace(port=6380)) == seen


def test_a_port_that_was_guessed_is_no_closed_port(judge):
    """The server was not reached, and nobody named its plain port: nothing was seen of it."""
    with pytest.raises(NotAssessed, match=r"redis\.cache\.plain_port would name another port|speaks Redis without TLS"):
        judge(1, "x")


def test_a_closed_plain_port_is_satisfied(judge, wrapped, valkey):
    """The refused connection was seen."""
    port, password = valkey
    assert "was refused" in judge(wrapped(port), password, plain_port=1)


def test_silence_and_other_words_are_not_assessed(judge, wrapped, valkey, serve, monkeypatch):
    """A time-out is no closed port, and another program's answer is none of Redis's."""
    monkeypatch.setattr("stackproof.target.endpoints.ping_without_tls.__defaults__", (0.5,))
    port, password = valkey
    hanging = serve(lambda connection: threading.Event().wait(1.5))
    other = serve(lambda connection: connection.sendall(b"220 mail.example ESMTP\r\n"))
    for plain, words in ((hanging, "not seen"), (other, "not Redis"), (0, "plain_port says so")):
        with pytest.raises(NotAssessed, match=words):
            judge(wrapped(port), password, plain_port=plain)


def test_roles_that_are_reached_without_tls_are_not_this_clauses_matter(check, judge, wrapped, valkey):
    """One role in plain text hides nothing of the other; both leave nothing to look at."""
    port, password = valkey
    plain = f"redis://:{password}@127.0.0.1:{port}/0"
    with pytest.raises(Violation):
        judge(wrapped(port), password, plain_port=port, broker=plain)
    data = {"target": {"base_url": "https://127.0.0.1"}, "redis": {"cache": {"url": plain}}}
    with pytest.raises(NotAssessed, match="neither"):
        check(NAME, "tls.redis.plain-port-closed", descriptor=parse_descriptor(data, Path(__file__)), redis_views=None)
