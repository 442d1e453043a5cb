"""Reading logs from a mark on: files across rotation, and the output of commands; whatever stands in them."""

import os
import sys

import pytest

from stackproof.check import NotAssessed
from stackproof.descriptor.model import Logs
from stackproof.target import logs as module
from stackproof.target.logs import START, Line, LogReader


@pytest.fixture
def log(tmp_path):
    """A log file with a line in it."""
    path = tmp_path / "web.log"
    path.write_bytes(b'{"event": "before"}\n')
    return path


def reader(*files, command=()):
    return LogReader(Logs(files=files, command=command))


def lines(window):
    return [line.raw for line in window.lines]


def append(path, text):
    with path.open("ab") as handle:
        handle.write(text)


def test_only_what_came_after_the_mark(log):
    """And a line without its end is left for later."""
    view = reader(log)
    mark = view.mark()
    append(log, b"one\n\ntwo\nthr")
    early = view.since(mark)
    append(log, b"ee\n")

    assert lines(early) == [b"one", b"two"]
    assert lines(view.since(mark)) == [b"one", b"two", b"three"]
    assert lines(view.since(START))[0] == b'{"event": "before"}'


def test_the_rest_of_a_line_is_no_line(log):
    """What was half written at the mark belongs to before."""
    append(log, b'{"event": "hal')
    view = reader(log)
    mark = view.mark()
    append(log, b'f"}\nnext\n')

    assert lines(view.since(mark)) == [b"next"]


def test_a_rotated_file_is_found_again(log):
    """Its rest comes first, then the new file."""
    view = reader(log)
    mark = view.mark()
    append(log, b"old\n")
    log.rename(log.with_name("web.log.1"))
    between = view.since(mark)
    log.write_bytes(b"new\n")
    window = view.since(mark)

    assert lines(between) == [b"old"]
    assert (lines(window), window.gap) == ([b"old", b"new"], "")


@pytest.mark.parametrize("how", ["gone", "cut"])
def test_what_is_lost_is_told(log, tmp_path, how):
    """A file that was put elsewhere, or emptied in its place, leaves a gap."""
    append(log, b"x" * 100 + b"\n")
    view = reader(log)
    mark = view.mark()
    if how == "gone":
        log.rename(tmp_path / "elsewhere.old")
    log.write_bytes(b"new\n")
    window = view.since(mark)

    assert lines(window) == [b"new"]
    assert "web.log" in window.gap


def test_a_file_that_is_not_there_yet(tmp_path):
    """It is made with its first line."""
    view = reader(tmp_path / "late.log")
    mark = view.mark()
    none = view.since(mark)
    (tmp_path / "late.log").write_bytes(b"first\n")

    assert lines(none) == []
    assert lines(view.since(mark)) == [b"first"]


def test_what_is_no_file_of_lines(tmp_path):
    """A pipe never blocks, a folder is no log; the reason names both."""
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("pipe", "no regular file"), ("", "cannot be read|no regular file")):
        with pytest.raises(NotAssessed, match=words):
            reader(tmp_path / name).mark()


def test_too_much_is_bounded(log, monkeypatch):
    """The last bytes count, whole lines of them, and the gap is told."""
    monkeypatch.setattr(module, "READ_CAP", 100)
    view = reader(log)
    mark = view.mark()
    append(log, b"".join(b"line %04d\n" % number for number in range(1000)))
    window = view.since(mark)

    assert 0 < len(window.lines) <= 10
    assert window.lines[-1].raw == b"line 0999"
    assert "left out" in window.gap


def test_hostile_lines():
    """Long ones, deep ones, binary ones: no object, and no exception."""
    assert Line("f", b"[" * 100_000).data is None
    assert Line("f", b'{"a": "' + b"x" * (module.JSON_CAP + 1) + b'"}').data is None
    assert Line("f", b"\x00\xff\xfe").data is None
    assert Line("f", b"[1]").data is None
    assert Line("f", b'{"a": {"b": 1}, "a.b": 2}').at("a.b") == 2
    assert Line("f", b'{"a": {"b": 1}}').at("a.b") == 1
    assert Line("f", b'{"a": ' * 500 + b"1" + b"}" * 500).fields_with(b"1") == [".".join("a" * 8)]


def printing(path, before=""):
    """A command that prints a file."""
    return (sys.executable, "-c", f"import sys; sys.stdout.write({before!r} + open({str(path)!r}).read())")


def test_a_command_prints_the_newest_lines(log):
    """Lines are known again by those before them, also where the beginning has gone; prefixes are taken off."""
    log.write_text("".join(f"web-1  | line {number}\n" for number in range(50)))
    view = reader(command=printing(log))
    mark = view.mark()
    append(log, b"web-1  | line 49\nweb-1  | {}\n")
    after = view.since(mark)
    log.write_text("web-1  | line 49\nweb-1  | line 49\nweb-1  | next\n")

    assert lines(after) == [b"line 49", b"{}"]
    assert lines(view.since(mark))[-1] == b"next"


def test_a_command_whose_output_moved_on(log):
    """Nothing of before is left: every line counts, and the gap is told."""
    view = reader(command=printing(log))
    mark = view.mark()
    log.write_text("another\n")
    window = view.since(mark)

    assert lines(window) == [b"another"]
    assert "reach back" in window.gap


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/nowhere/docker",), "cannot be run: No such file"),
        ((sys.executable, "-c", "print('hunter2'); raise SystemExit(3)"), "left with 3"),
        (("a\0b",), "no text"),
    ],
)
def test_a_command_that_fails(command, words):
    """The reason says how, and nothing of what it printed."""
    with pytest.raises(NotAssessed, match=words) as caught:
        reader(command=command).mark()

    assert "hunter2" not in str(caught.value)


def test_a_command_that_does_not_end(monkeypatch):
    """`docker logs --follow` is ended."""
    monkeypatch.setattr(module, "COMMAND_WITHIN", 0.5)
    with pytest.raises(NotAssessed, match="did not end within"):
        reader(command=(sys.executable, "-c", "import time; time.sleep(60)")).mark()


def test_no_logs_at_all():
    """Neither files nor a command."""
    with pytest.raises(NotAssessed, match=r"no \[logs\] table"):
        LogReader(Logs())
