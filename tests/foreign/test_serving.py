"""How services are served, judged on services that are not ours: right ones, wrong ones, and what cannot be told."""

from contextlib import contextmanager

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import read_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.http import HttpClient
from stackproof.target.session import Session
from tests.foreign.launch import start
from tests.suites.conftest import check, edition  # noqa: F401 - fixtures

WAITS = ("serving/concurrency::simultaneous_waits_take_as_long_as_one", "serving.waits-do-not-block")
STREAM = ("serving/streaming::first_piece_comes_before_the_last", "serving.stream-is-not-buffered")
STREAM_LEFT = ("serving/streaming::stream_ends_when_its_client_goes", "serving.disconnect-cancels")
WAIT_LEFT = ("serving/streaming::wait_ends_when_its_client_goes", "serving.disconnect-cancels")
HEADERS = ("serving/limits::enormous_headers_are_refused", "serving.header-limit")
BODY = ("serving/limits::enormous_body_is_refused", "serving.body-limit")
FRAMING = ("serving/framing::ambiguous_lengths_are_refused", "serving.framing")


@contextmanager
def served(check, monkeypatch, *flags, change=("", "")):  # noqa: F811
    """A service of that kind; gives a function that runs a check on it."""
    with start("waiter", *flags) as service:
        for name in ("STACKPROOF_USERNAME", "STACKPROOF_PASSWORD"):
            monkeypatch.setenv(name, service.environment[name])
        service.descriptor.write_text(service.descriptor.read_text().replace(*change) if change[0] else
                                      service.descriptor.read_text())  # fmt: skip
        descriptor = read_descriptor(service.descriptor)
        redactor = Redactor()
        http = HttpClient(descriptor, redactor)
        session = Session(descriptor, http, Recorder(redactor), redactor, service.base_url)
        try:
            yield lambda which: check(*which, session=session, descriptor=descriptor, http=http)
        finally:
            http.close()


@pytest.fixture
def judged(check, monkeypatch):  # noqa: F811
    """Run a check on a service of a kind."""

    def run(which, kind, **options):
        with served(check, monkeypatch, "--kind", kind, **options) as judge:
            return judge(which)

    return run


@pytest.mark.slow
def test_the_asynchronous_one_is_content_throughout(check, monkeypatch):  # noqa: F811
    """Waits, streams and disconnects, all on one service."""
    with served(check, monkeypatch) as judge:
        assert "200 of 200" in judge(WAITS)
        assert "the first piece" in judge(STREAM)
        assert "it ended within" in judge(STREAM_LEFT)
        assert "it ended within" in judge(WAIT_LEFT)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["blocking", pytest.param("serial", marks=pytest.mark.exhaustive)])
def test_what_blocks_is_told(judged, kind):
    """A blocking call in a coroutine, and a server of one request at a time."""
    with pytest.raises(Violation, match=r"times as long: about 1 at once, seen twice"):
        judged(WAITS, kind)


@pytest.mark.slow
def test_what_blocks_until_connections_run_out_is_told(judged):
    """A blocked loop lets others time out that wait for a connection to the database: fewer of them tell it apart."""
    with pytest.raises(Violation, match=r"one takes .* of all at once 8 of 8 were .*: about 1 at once, seen twice"):
        judged(WAITS, "starved")
    with pytest.raises(NotAssessed, match=r"503 \(no room\): an operation for \[waiting\] holds nothing"):
        judged(WAITS, "bounded")


@pytest.mark.exhaustive
def test_a_pool_of_threads_is_told(judged):
    """Eight threads for two hundred waits."""
    with pytest.raises(Violation, match=r"about [5-9] at once"):
        judged(WAITS, "pool")


@pytest.mark.slow
def test_a_thread_for_each_connection_blocks_nobody(judged):
    """As many threads as there are requests: seen from outside nothing is wrong."""
    assert "200 of 200" in judged(WAITS, "threads")


@pytest.mark.slow
def test_what_tells_nothing_of_waiting_is_not_assessed(judged):
    """Throttled, not waiting at all, paced by the descriptor, served by WSGI by design."""
    with pytest.raises(NotAssessed, match=r"429 \(throttled\)"):
        judged(WAITS, "throttled")
    with pytest.raises(NotAssessed, match="control failed: asked to wait"):
        judged(WAITS, "instant")
    with pytest.raises(NotAssessed, match="requests_per_second"):
        judged(WAITS, "async", change=('profile = "remote"', "requests_per_second = 500"))


@pytest.mark.slow
def test_a_buffered_stream_is_told(judged):
    """Everything at the end, three times."""
    with pytest.raises(Violation, match="all at once, 3 times"):
        judged(STREAM, "buffered")


@pytest.mark.exhaustive
@pytest.mark.parametrize("which", [STREAM_LEFT, WAIT_LEFT])
def test_work_for_clients_that_have_gone_is_told(judged, which):
    """It goes on beyond the bound."""
    with pytest.raises(Violation, match="3 in flight, 0 before; after the clients had gone 3 10 s later"):
        judged(which, "deaf")


@pytest.mark.slow
def test_a_counter_that_is_none_is_not_assessed(judged):
    """Another field of the answer, or none named."""
    with pytest.raises(NotAssessed, match="without a number at 'now'"):
        judged(WAIT_LEFT, "async", change=('"now.open"', '"now"'))
    with pytest.raises(NotAssessed, match=r"waiting\.in_flight names no operation"):
        judged(WAIT_LEFT, "async", change=('in_flight = "/count"\nin_flight_field = "now.open"\n', ""))


@pytest.mark.slow
def test_a_homemade_server_bounds_no_bodies_and_believes_every_length(check, monkeypatch):  # noqa: F811
    """It bounds heads; the bytes after a request of two lengths it takes for a request."""
    with served(check, monkeypatch) as judge:
        assert "cut off" in judge(HEADERS)
        with pytest.raises(Violation, match="answered 200, and signed in"):
            judge(BODY)
        with pytest.raises(Violation, match="the bytes after it are answered as a request of their own"):
            judge(FRAMING)


@pytest.mark.slow
def test_a_reader_that_ends_with_the_first_value_is_asked_for_more(judged):
    """Go's decoder reads no further than the object: what stands behind it is no body that was read and obeyed."""
    assert "answered 413" in judged(BODY, "frugal")


@pytest.mark.exhaustive
def test_what_the_standard_librarys_server_takes(check, monkeypatch):  # noqa: F811
    """It bounds heads alone."""
    with served(check, monkeypatch, "--kind", "threads") as judge:
        assert "answered 431" in judge(HEADERS)
        with pytest.raises(Violation, match=r"as if it were a good one|a request of their own"):
            judge(FRAMING)
