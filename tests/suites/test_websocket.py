"""The checks on WebSockets, on a service of another make: every way of carrying tokens, every mistake, real sockets."""

import itertools
import select
import socket
import socketserver
import threading
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pytest

from stackproof.accounts.credentials import Credentials
from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.descriptor.reading import read_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.harness import harness_root
from stackproof.registry import _import
from stackproof.target import announcements, sockets
from stackproof.target.announcements import Announcements
from stackproof.target.clock import Clock
from stackproof.target.http import HttpClient
from stackproof.target.session import Session
from stackproof.target.sockets import Sockets
from stackproof.tokens.forge import Forger
from tests.foreign import beacon
from tests.foreign.beacon import FAULTS, Harbour, descriptor, serving

USER, PASSWORD = "pilot@example.com", "a-long-secret-of-the-pilot"
CHECKS = {
    "websocket.token-required": "tokens::socket_without_a_token_is_refused",
    "websocket.bad-token-refused": "tokens::socket_with_a_bad_token_is_refused",
    "websocket.refresh-token-refused": "tokens::socket_with_a_refresh_token_is_refused",
    "websocket.expired-token-refused": "tokens::socket_with_an_expired_token_is_refused",
    "websocket.deactivated-refused": "tokens::socket_of_a_deactivated_account_is_refused",
    "websocket.refusal-told": "tokens::refused_client_learns_why",
    "websocket.token-not-in-query": "tokens::token_in_another_parameter_opens_nothing",
    "websocket.unknown-path-refused": "tokens::unknown_path_is_refused",
    "websocket.foreign-origin-refused": "origins::foreign_origin_is_refused",
    "websocket.null-origin-refused": "origins::null_origin_is_refused",
    "websocket.look-alike-origin-refused": "origins::look_alikes_of_the_own_origin_are_refused",
    "websocket.closed-at-expiry": "expiry::socket_is_closed_when_its_token_ends",
    "websocket.broadcast-across-processes": "announcements::change_at_one_process_is_heard_at_the_others",
    "websocket.order-kept": "announcements::changes_are_heard_in_their_order",
    "websocket.messages-of-others": "announcements::messages_of_others_are_not_heard",
    "websocket.burst-arrives": "load::burst_of_changes_reaches_a_client_that_reads",
    "websocket.slow-consumer": "load::client_that_does_not_read_hinders_nobody",
    "websocket.handshake": "protocol::handshake_keeps_to_the_standard",
    "websocket.malformed-frames": "protocol::malformed_frames_end_their_connection_and_nothing_else",
    "websocket.unexpected-message": "protocol::unexpected_message_is_no_server_error",
    "websocket.oversized-message": "protocol::oversized_message_disturbs_nobody",
}
TOKENS = [name for name, check in CHECKS.items() if check.startswith("tokens::") and "deactivated" not in name]


class Desk:
    """Accounts in the harbour's memory."""

    def __init__(self, harbour):
        self.harbour = harbour

    def create(self):
        made = Credentials(f"mate-{len(self.harbour.accounts)}@example.com", "another-long-secret")
        self.harbour.accounts[made.username] = made.password
        return made

    def deactivate(self, account):
        self.harbour.inactive.add(account.username)


@pytest.fixture
def at(tmp_path, monkeypatch, check):
    """Start a harbour; gives what judges it by requirement ids."""
    monkeypatch.setenv("STACKPROOF_USERNAME", USER)
    monkeypatch.setenv("STACKPROOF_PASSWORD", PASSWORD)
    monkeypatch.setattr(sockets, "SETTLES_WITHIN", 0.5)
    monkeypatch.setattr(sockets, "AT_LONGEST", 1.0)
    monkeypatch.setattr(announcements, "ARRIVES_WITHIN", 2.0)
    monkeypatch.setattr(_import(harness_root() / "suites" / "websocket" / "protocol.py"), "ANSWERED_WITHIN", 0.3)
    (tmp_path / "clock").write_text("0")

    @contextmanager
    def start(token=beacon.TOKENS[0], *, talks=True, count=1, change=None, **given):
        harbour = Harbour(token, accounts={USER: PASSWORD}, clock_file=tmp_path / "clock", talks=talks, **given)
        with ExitStack() as stack:
            first, *others = stack.enter_context(serving(harbour, count))
            text = descriptor(
                first, ["--token", token], talks=talks, more=f"timeout = 3\nalso = {others}".replace("'", '"')
            )
            key = tmp_path / "key"
            key.write_text(harbour.key)
            text += f'\n[auth.signing_key]\nfile = "{key}"\n[clock]\nbase_url = "{first}"\noffset_file = "clock"\n'
            path = tmp_path / "stackproof.toml"
            path.write_text(change(text) if change else text)
            yield Judge(check, read_descriptor(path), harbour, stack)

    return start


class Judge:
    """Runs checks as plain functions on one harbour."""

    def __init__(self, check, described, harbour, stack):
        self.check, self.harbour, self.stack = check, harbour, stack
        self.redactor = Redactor()
        self.recorder = Recorder(self.redactor)
        self.at(described)

    def at(self, described):
        """Judge what this describes."""
        self.described = described
        self.http = HttpClient(described, self.redactor)
        self.stack.callback(self.http.close)
        url = described.target.base_url
        self.session = Session(described, self.http, self.recorder, self.redactor, url)

    def __call__(self, requirement, **views):
        changes = Announcements(self.described, self.session, self.recorder)
        fixtures = {
            "forger": lambda: Forger(self.described.auth, self.redactor),
            "clock": lambda: Clock(self.described, self.session, self.recorder),
            "http": lambda: self.http,
        }
        given = {
            "websocket": Sockets(self.described, self.http, self.recorder, self.redactor),
            "session": self.session,
            "announcements": changes,
            "desk": Desk(self.harbour),
            "descriptor": self.described,
            "request": SimpleNamespace(getfixturevalue=lambda name: fixtures[name]()),
            "recorder": self.recorder,
            **views,
        }
        if requirement == "websocket.closed-at-expiry":
            given.setdefault("requirement", SimpleNamespace(value=SimpleNamespace(number=3.0)))
        try:
            return self.check(f"websocket/{CHECKS[requirement]}", requirement, **given)
        finally:
            changes.close()


def test_a_conforming_service_is_satisfied(at):
    """All checks, two processes."""
    with at(count=2) as judge:
        for requirement in CHECKS:
            assert judge(requirement), requirement
            assert not judge.harbour.signals, "what was made is taken back"


SHOWN_BY_THE_PROOF = {"drops", "local"}  # and slow to be sure of


@pytest.mark.parametrize(
    "fault", [pytest.param(one, marks=pytest.mark.exhaustive if one in SHOWN_BY_THE_PROOF else ()) for one in FAULTS]
)
def test_each_mistake_is_a_violation(at, fault):
    """Its requirement is violated, whatever else is."""
    manner = "4401" if fault == "unexplained" else "403"
    with at(count=2 if fault == "local" else 1, faults={fault}, manner=manner) as judge, pytest.raises(Violation):
        judge(FAULTS[fault])


@pytest.mark.exhaustive
def test_a_busy_machine_accuses_nobody(at, monkeypatch):
    """What is lost while threads of this side wake late may be lost for want of a processor."""
    monkeypatch.setattr(_import(harness_root() / "suites" / "websocket" / "load.py"), "LATE", -1.0)
    with at(faults={"drops"}) as judge, pytest.raises(NotAssessed, match="too busy to say who lost them"):
        judge("websocket.burst-arrives")


@contextmanager
def balancer(urls):
    """The URL of a proxy that gives each connection to the next of these."""
    turns = itertools.cycle(int(url.rpartition(":")[2]) for url in urls)

    class Passing(socketserver.BaseRequestHandler):
        def handle(self):
            with socket.create_connection(("127.0.0.1", next(turns))) as behind:
                ends = {self.request: behind, behind: self.request}
                while True:
                    for ready in select.select(list(ends), [], [])[0]:
                        data = ready.recv(65536)
                        if not data:
                            return
                        ends[ready].sendall(data)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Passing) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("faults", [set(), {"local"}])
def test_a_balancer_before_the_processes_hides_no_missing_layer(at, faults):
    """Changes and sockets of the base URL go to either process by turns; those of target.also tell."""
    with at(count=3, faults=faults) as judge, balancer(judge.described.target.also) as url:
        told = judge.described.model_copy(
            update={"target": judge.described.target.model_copy(update={"base_url": url})}, deep=True
        )
        judge.at(told)
        if not faults:
            assert judge("websocket.broadcast-across-processes")
            assert judge("websocket.burst-arrives")
            return
        with pytest.raises(Violation, match="two changes were not heard"):
            judge("websocket.broadcast-across-processes")
        with pytest.raises(Violation, match="nor are all of 6 made one by one"):
            judge("websocket.burst-arrives")


@pytest.mark.parametrize("token", beacon.TOKENS[1:])
def test_every_way_of_carrying_tokens(at, token):
    """A good token opens, and the bad ones are refused, wherever they stand."""
    with at(token) as judge:
        for requirement in TOKENS:
            assert judge(requirement), requirement
    with at(token, faults={"any-token"}) as judge, pytest.raises(Violation):
        judge("websocket.bad-token-refused")


@pytest.mark.parametrize("manner", beacon.MANNERS)
def test_every_manner_of_refusing(at, manner):
    """Before the handshake is done, or after it by a code that says why."""
    with at(manner=manner) as judge:
        assert judge("websocket.token-required")
        assert judge("websocket.refusal-told")


def test_a_server_error_is_no_refusal(at):
    """Of each bad token the reason says what was seen, and nothing is held against the service."""
    with at(manner="500") as judge:
        for requirement in ("websocket.token-required", "websocket.refusal-told"):
            with pytest.raises(NotAssessed, match=r"without a token the handshake was answered 500"):
                judge(requirement)


def no_key(text):
    head, _, rest = text.partition("[auth.signing_key]")
    return head + rest[rest.index("[clock]") :]


def test_an_expired_token_by_the_clock(at):
    """Without the signing key the clock is moved past the token's end; without both nothing is said."""
    with at(change=no_key) as judge:
        assert judge("websocket.expired-token-refused")
    with at(change=no_key, faults={"expired"}) as judge, pytest.raises(Violation, match="70 s past its end"):
        judge("websocket.expired-token-refused")
    neither = lambda text: no_key(text).partition("[clock]")[0]  # noqa: E731
    with at(change=neither) as judge, pytest.raises(NotAssessed, match=r"\[auth\.signing_key\], or a \[clock\]"):
        judge("websocket.expired-token-refused")


def test_a_service_that_says_nothing_by_itself(at):
    """Without greeting and pings an open connection is told by its staying open."""
    with at(talks=False, manner="4401") as judge:
        assert judge("websocket.token-required")
        assert judge("websocket.closed-at-expiry")
    with at(talks=False, faults={"refresh"}) as judge, pytest.raises(Violation, match=r"opened and is so after 1 s"):
        judge("websocket.refresh-token-refused")


@pytest.fixture
def soon(monkeypatch):
    """Forged tokens end soon."""
    module = _import(harness_root() / "suites" / "websocket" / "expiry.py")
    for name, seconds in (("FORGED_LIFE", 4.0), ("BEFORE", 1.5), ("LEEWAY", 1.0)):
        monkeypatch.setattr(module, name, seconds)


def no_clock(text):
    return text.partition("[clock]")[0]


def neither_clock_nor_key(text):
    return text.partition("[auth.signing_key]")[0]


def test_the_end_of_a_forged_token_stands_in_for_a_clock(at, soon):
    """A short one ends its connection, a longer one does not; the service's clock may be ahead."""
    with at(change=no_clock) as judge:
        judge.harbour.clock_file.write_text("120")
        assert judge("websocket.closed-at-expiry")
        judge.harbour.faults.add("outlives")
        with pytest.raises(Violation, match=r"past the end of its token it is open"):
            judge("websocket.closed-at-expiry")


def test_a_connection_that_ends_by_itself_says_nothing_of_its_token(at, soon):
    """Of idle connections, or of any that are old enough, some servers let go."""
    given = {"change": no_clock, "faults": {"outlives"}}
    with at(tired=4.0, **given) as judge, pytest.raises(NotAssessed, match=r"token of 600 s ended too"):
        judge("websocket.closed-at-expiry")
    with at(tired=1.5, **given) as judge, pytest.raises(NotAssessed, match=r"not for its end, then"):
        judge("websocket.closed-at-expiry")


def test_without_clock_and_key_or_time_the_end_of_a_token_is_not_assessed(at):
    """The reason names what is missing."""
    missing = r"\[clock\] that can be moved, or \[auth\.signing_key\]"
    with at(change=neither_clock_nor_key) as judge, pytest.raises(NotAssessed, match=missing):
        judge("websocket.closed-at-expiry")
    with at(change=no_clock) as judge:
        judge.http.remaining = lambda: 20.0
        with pytest.raises(NotAssessed, match=r"may take 78 s, and the run's budget ends before"):
            judge("websocket.closed-at-expiry")


def test_a_token_in_a_silent_message_is_not_judged(at):
    """An open connection tells nothing there: the reason names the keys."""
    with at("message:auth.pass", talks=False) as judge, pytest.raises(NotAssessed, match=r"websocket\.hello, or ping"):
        judge("websocket.token-required")


def no_trigger(text):
    head, _, rest = text.partition("[websocket.trigger]")
    return head + rest[rest.index("\n[auth.signing_key]") :]


@pytest.mark.parametrize(
    ("requirement", "change", "words"),
    [
        ("websocket.order-kept", no_trigger, r"no \[websocket\.trigger\]"),
        ("websocket.foreign-origin-refused", lambda text: text.replace(f'origin = "{beacon.ORIGIN}"', ""), "origin is"),
        ("websocket.token-required", lambda text: text.replace('"/live"', '"/other"'), "control failed.*403"),
        ("websocket.token-required", lambda text: text.replace('hello = "welcome"', 'hello = "ahoy"'), "did not say"),
        ("websocket.order-kept", lambda text: text.replace("about.number", "number"), "0 were heard"),
        ("websocket.order-kept", lambda text: text.replace("signal.number", "number"), "named nothing in 'number'"),
        ("websocket.foreign-origin-refused", lambda text: text.replace(beacon.ORIGIN, "https://other.example"), "403"),
        ("websocket.broadcast-across-processes", lambda text: text.replace("/signals", "/none"), "answered 404"),
    ],
)
def test_what_is_described_wrongly_is_not_assessed(at, requirement, change, words):
    """A control fails, and the reason says which."""
    with at(count=2, change=change) as judge, pytest.raises(NotAssessed, match=words):
        judge(requirement)


def test_what_is_meant_for_all_is_not_applicable(at):
    """The descriptor says so."""
    shared = lambda text: text.replace("[websocket]", "[websocket]\nshared = true")  # noqa: E731
    with at(faults={"everyone"}, change=shared) as judge, pytest.raises(NotApplicable, match="shared"):
        judge("websocket.messages-of-others")


def test_tokens_stay_out_of_the_evidence(at):
    """Neither in the query nor in a message nor in a subprotocol."""
    for token in ("query:pass", "message:auth.pass", "subprotocol"):
        with at(token) as judge:
            access = judge.session.login().access
            websocket = Sockets(judge.described, judge.http, judge.recorder, judge.redactor)
            websocket.control(access)
            assert access not in repr(judge.recorder.records)
