"""Fields of lines, forms of secrets, and envelopes: plain functions on hostile input."""

import base64
import gzip
import http.client
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.descriptor.model import Logs
from stackproof.evidence import Redactor
from stackproof.observability.canaries import Canaries, new_canary, new_token
from stackproof.observability.lines import faults_of_line, glimpse, is_binary, other_field, time_of
from stackproof.observability.receiver import PROJECT, Received, Receiver, unpacked
from stackproof.target.logs import Line

LOGS = Logs()


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("2026-11-25T13:39:37.621363Z", ""),
        ("2026-11-25 13:39:37,621+01:00", ""),
        (1_795_613_977.6, ""),
        (1_795_613_977_621, ""),
        ("1795613977.62", ""),
        ("2026-11-25T13:39:37", "has no time zone"),
        ("2026-11-25", "is a day without a time"),
        ("25/Nov/2026", "is no ISO 8601 time"),
        (17, "is a number that is no time since 1970"),
        (True, "is empty"),
        (None, "is empty"),
        ({}, "is no ISO 8601 time"),
    ],
)
def test_times(value, wrong):
    """A moment beyond doubt has a zone, or counts from the epoch."""
    assert time_of(value) == wrong


def test_what_is_wrong_with_a_line():
    """By the fields of the descriptor; numbers are levels too."""
    good = Line("f", b'{"timestamp": 1795613977, "level": 30, "event": "x"}')
    bad = Line("f", b'{"timestamp": 5, "level": true, "event": " "}')

    assert faults_of_line(good, LOGS) == {}
    assert sorted(faults_of_line(bad, LOGS)) == ["event", "level", "time"]


def test_another_name_is_told_where_every_line_has_it():
    """And not where one line has the named field, or another kind of value."""
    lines = [Line("f", json.dumps({"time": "2026-11-25T13:39:37Z", "log": {"level": "info"}}).encode())] * 2

    assert other_field(lines, LOGS, "time") == "time"
    assert other_field(lines, LOGS, "level") == "log.level"
    assert other_field(lines, LOGS, "event") == ""
    assert other_field([*lines, Line("f", b'{"timestamp": 1}')], LOGS, "time") == ""


def test_what_is_shown_of_a_line_that_is_none():
    """Its beginning, without what is long enough to be a secret, and no control characters that act."""
    assert glimpse(Line("f", b"GET /?token=abcdefghijklmnopqrstuvwxyz HTTP/1.1")) == "GET /?token=… HTTP/1.1"
    assert len(glimpse(Line("f", b"\xff" * 10_000))) <= 80
    assert is_binary([Line("f", b"\x00\x01")])
    assert not is_binary([Line("f", b"text"), Line("f", b"text"), Line("f", b"\x00")])


@given(
    secret=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=9, max_size=40),
    before=st.binary(max_size=9),
    after=st.binary(max_size=9),
)
def test_a_secret_is_found_in_base64_wherever_it_stands(secret, before, after):
    """All three alignments, both alphabets."""
    canaries = Canaries(Redactor())
    canaries.add("it", secret)
    text = before + secret.encode() + after

    for encoded in (base64.b64encode(text), base64.urlsafe_b64encode(text)):
        assert [one.what for one in canaries.within([Line("f", b"x " + encoded)])] == ["it"]


@pytest.mark.parametrize(
    "write",
    [
        lambda secret: json.dumps({"body": json.dumps({"password": secret})}),
        lambda secret: repr({"password": secret}),
        lambda secret: secret.encode().hex(),
    ],
)
def test_a_secret_is_found_however_it_is_written(write):
    """Escaped once, twice, in Python's way, in hexadecimal; and the finding does not show it."""
    redactor = Redactor()
    canaries = Canaries(redactor)
    secret = canaries.add("it", 'pa"ss\\wörd/+ 12345')
    found = canaries.within([Line("f", write(secret).encode())])

    assert [one.what for one in found] == ["it"]
    assert secret not in str(found[0])
    assert secret not in redactor.text(f"x {secret} y")


def test_a_signature_alone_is_a_finding_and_a_short_secret_is_none():
    """A token cut off before its signature opens nothing; two letters are in every line."""
    canaries = Canaries(Redactor())
    token = canaries.add("a token", new_token())
    canaries.add("a short one", "ab")

    assert [one.form for one in canaries.within([Line("f", token.rpartition(".")[2].encode())])] == ["its signature"]
    assert canaries.within([Line("f", token[:30].encode()), Line("f", b"ab")]) == []
    assert canaries.names == ["a token"]
    assert new_canary() != new_canary()


def envelope(*items):
    """The bytes of an envelope."""
    text = b'{"event_id": "1"}\n'
    for kind, payload in items:
        body = json.dumps(payload).encode()
        text += json.dumps({"type": kind, "length": len(body)}).encode() + b"\n" + body + b"\n"
    return text


EVENT = {"exception": {"values": [{"type": "KeyError"}]}}


def test_envelopes():
    """Items with a length and without, several, and the old store request."""
    several = Received("/api/1/envelope/", envelope(("session", {}), ("event", EVENT)))
    without = Received("/api/1/envelope/", b'{}\n{"type":"event"}\n' + json.dumps(EVENT).encode())
    store = Received("/api/1/store/", json.dumps(EVENT).encode())

    assert [one.kind for one in several.items()] == ["session", "event"]
    assert [one.exceptions() for one in (several, without, store)] == [["KeyError"]] * 3


@given(st.binary(max_size=200))
def test_no_envelope_breaks_the_reader(text):
    """Whatever arrives is read or passed over."""
    received = Received("/api/1/envelope/", b"{}\n" + text)

    assert isinstance(received.exceptions(), list)


def test_encodings():
    """gzip and deflate are undone, a bomb up to the cap, and what cannot be read is told."""
    assert unpacked(gzip.compress(b"x"), "gzip") == (b"x", "")
    assert unpacked(zlib.compress(b"x"), "deflate") == (b"x", "")
    assert "br" in unpacked(b"x", "br")[1]
    assert "not encoded as it says" in unpacked(b"no gzip at all", "gzip")[1]
    assert "ends too early" in unpacked(gzip.compress(b"x")[:-9], "gzip")[1]


def test_the_receiver_takes_chunks_and_answers_itself():
    """Its own control is not kept; a body without a length is."""
    with Receiver() as receiver:
        alive = receiver.answers()
        connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
        connection.request("POST", f"/api/{PROJECT}/envelope/", iter([envelope(("event", EVENT))]))
        status = connection.getresponse().status
        connection.close()

    assert (alive, status) == (True, 200)
    assert [one.exceptions() for one in receiver.received] == [["KeyError"]]
