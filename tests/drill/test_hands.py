"""Breaking and mending by commands: whatever happens in between, the part is whole again, or a person is told how."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stackproof.check import NotAssessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.drill import guard, journal
from stackproof.drill.parts import Drills
from stackproof.errors import InfrastructureError
from stackproof.evidence import Recorder, Redactor

WITHIN = 60.0  # seconds for what happens in other processes; a busy machine takes its time

#: a harness that breaks the part that its arguments describe, and waits
HARNESS = """
import json, sys, time
from pathlib import Path
from stackproof.descriptor.drill import Part
from stackproof.drill import journal
from stackproof.drill.hands import Hands
from stackproof.run import terminated_like_interrupted
stop, start = json.loads(sys.argv[1])
try:
    with terminated_like_interrupted(), Hands("web", Part(stop=stop, start=start, within=10)) as hands:
        Path("begun").touch()
        hands.stop()
        time.sleep(60)
finally:
    print(journal.cut_short)
"""


@pytest.fixture(autouse=True)
def fresh_journal():
    """Each test has a journal of its own."""
    with journal.begun():
        yield
    journal.unmended.clear()


@pytest.fixture
def part(tmp_path):
    """A part whose file is there while it is whole; (file, drills for these commands)."""
    file = tmp_path / "whole"
    file.touch()

    def make(stop=f"rm {file}", start=f"touch {file}", within=10):
        words = {"stop": ["sh", "-c", stop], "start": ["sh", "-c", start], "within": within}
        data = {"target": {"base_url": "http://127.0.0.1"}, "drill": {"web": words}}
        descriptor = parse_descriptor(data, tmp_path / "stackproof.toml")
        return Drills(descriptor, Recorder(Redactor())), descriptor

    make.file = file
    return make


def eventually(look):
    """Whether something becomes true."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.02)
    return False


def test_a_part_is_away_for_as_long_as_the_context_lasts(part):
    """Broken at the beginning, mended at the end."""
    drills, _ = part()
    with drills.without("web"):
        assert not part.file.exists()

    assert part.file.exists()
    assert journal.cut_short == journal.unmended == []


def test_an_exception_in_the_drill_is_followed_by_mending(part):
    """The exception is told, the part is whole."""
    drills, _ = part()
    with pytest.raises(ZeroDivisionError), drills.without("web"):
        raise ZeroDivisionError

    assert part.file.exists()


def test_an_interruption_is_told_and_undone(part):
    """Ctrl-C arrives as an exception here."""
    drills, _ = part()
    with pytest.raises(KeyboardInterrupt), drills.without("web"):
        raise KeyboardInterrupt

    assert part.file.exists()
    assert journal.cut_short == ["the drill had stopped [drill.web], which was started again"]


def test_a_stop_command_that_fails_is_undone(part):
    """What it may have done is undone; the drill is not assessed."""
    drills, _ = part(stop=f"rm {part.file}; exit 3")
    with pytest.raises(NotAssessed, match=r"drill.web.stop \(sh\) left with 3"), drills.without("web"):
        pytest.fail("the drill was held")

    assert part.file.exists()


def test_a_stop_command_that_hangs_is_ended_with_what_it_started(part, tmp_path):
    """Its bound is `within`; nothing of it goes on and breaks the part later."""
    drills, _ = part(stop=f"echo $$ > {tmp_path}/pid; rm {part.file}; sleep 50 & wait", within=1)
    with pytest.raises(NotAssessed, match="did not end within 1 s"), drills.without("web"):
        pytest.fail("the drill was held")

    group = int((tmp_path / "pid").read_text())
    assert eventually(lambda: not alive(group))
    assert part.file.exists()


def alive(group):
    """Whether a process group has members that are no zombies."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False


def test_a_stop_command_that_is_not_there_breaks_nothing(part, tmp_path):
    """Then there is nothing to mend, and the command that mends is not run."""
    words = {"stop": ["./nowhere"], "start": ["touch", str(tmp_path / "mended")]}
    data = {"target": {"base_url": "http://127.0.0.1"}, "drill": {"web": words}}
    drills = Drills(parse_descriptor(data, tmp_path / "stackproof.toml"), Recorder(Redactor()))
    with pytest.raises(NotAssessed, match="cannot be run: No such file"), drills.without("web"):
        pytest.fail("the drill was held")

    assert not (tmp_path / "mended").exists()


def test_mending_is_tried_twice(part, tmp_path):
    """A command that fails once is run again."""
    drills, _ = part(start=f"touch {part.file}; test -e {tmp_path}/tried || {{ touch {tmp_path}/tried; exit 1; }}")
    with drills.without("web"):
        assert not (tmp_path / "tried").exists()

    assert (tmp_path / "tried").exists()
    assert journal.unmended == []


def test_what_cannot_be_mended_is_told_with_the_command(part):
    """The message is what a person has to run; no further drill is held."""
    drills, descriptor = part(start="exit 1")
    with pytest.raises(InfrastructureError, match="mend it by hand with: sh -c 'exit 1'"), drills.without("web"):
        pass

    with pytest.raises(NotAssessed, match="an earlier drill could not be undone"):
        guard("web", descriptor, allowed=True, beside_others=False)


def test_interrupted_and_not_mended_are_both_told(part):
    """The interruption does not hide that the target is broken."""
    drills, _ = part(start="exit 1")
    with pytest.raises(InfrastructureError), drills.without("web"):
        raise KeyboardInterrupt

    assert "could not be started again" in journal.cut_short[0]
    assert len(journal.unmended) == 1


def test_ctrl_c_while_mending_waits_for_its_end(part, tmp_path):
    """A second Ctrl-C does not leave the part broken."""
    drills, _ = part(start=f"touch {tmp_path}/mending; sleep 1; touch {part.file}")
    pid = os.getpid()
    with subprocess.Popen(["sh", "-c", f"while ! test -e {tmp_path}/mending; do sleep 0.05; done; kill -INT {pid}"]):
        with pytest.raises(KeyboardInterrupt), drills.without("web"):
            pass
        assert part.file.exists()


def test_what_is_started_again_can_be_ended(part, tmp_path):
    """A server that the command starts ignores and blocks no signal on our account."""
    drills, _ = part(start=f"cat /proc/self/status > {tmp_path}/status; touch {part.file}")
    with drills.without("web"):
        pass

    status = dict(line.split(":", 1) for line in (tmp_path / "status").read_text().splitlines())
    wanted = sum(1 << (number - 1) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    assert int(status["SigIgn"], 16) & wanted == 0
    assert int(status["SigBlk"], 16) & wanted == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment", ["stopping", "stopped"])
def test_whatever_ends_the_harness_the_part_is_mended(sign, moment, tmp_path):
    """Also while the stop command still runs: that ends first, so that it cannot break what was mended."""
    (tmp_path / "whole").touch()
    stop = "touch stopping; sleep 1; rm whole; touch stopped"
    start = "test -e stopped && touch whole && touch mended"
    words = f'[["sh", "-c", "{stop}"], ["sh", "-c", "{start}"]]'
    process = subprocess.Popen(
        [sys.executable, "-c", HARNESS, words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert eventually((tmp_path / moment).exists)
    process.send_signal(sign)
    told, errors = process.communicate(timeout=60)

    assert eventually((tmp_path / "mended").exists)
    assert (tmp_path / "whole").exists()
    if sign is signal.SIGKILL:
        assert "stackproof ended while it had stopped [drill.web], which was started again" in errors
    else:
        assert "the drill had stopped [drill.web], which was started again" in told
