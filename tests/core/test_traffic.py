"""What bounds the traffic of a run: the pace of all its processes together, the time budget, a mute target."""

import subprocess
import sys
import time

import pytest

from stackproof.check import NotAssessed
from stackproof.run import interrupted_after
from stackproof.target import traffic
from stackproof.target.traffic import FOLDER_VARIABLE, MUTE_AFTER, OutOfTime, Pace, Traffic

PACED = """
import sys, time
from stackproof.target.traffic import Traffic
traffic = Traffic("https://service.example", 40)
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
for _ in range(10):
    traffic.admit("service.example")
    print(time.monotonic())
"""


def test_two_processes_keep_one_pace(tmp_path, monkeypatch):
    """Forty a second are forty a second, however many processes send."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    processes = [
        subprocess.Popen([sys.executable, "-c", PACED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for one in processes:
        assert one.stdout.readline() == "ready\n"
    for one in processes:
        one.stdin.write("go\n")
        one.stdin.flush()
    moments = sorted(float(line) for one in processes for line in one.communicate(timeout=30)[0].split())

    assert len(moments) == 20
    assert moments[-1] - moments[0] >= 19 / 40 - 0.02


def test_another_target_has_a_pace_of_its_own(tmp_path, monkeypatch):
    """Two names do not wait for each other."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    one, other = Pace("one", 1), Pace("other", 1)

    assert (one.pause(), other.pause()) == (0, 0)
    assert one.pause() > 0.9


def test_without_a_limit_nothing_waits():
    """0 stands for no limit."""
    pace = Pace("free", 0)

    assert [pace.pause() for _ in range(100)] == [0] * 100


def test_nothing_is_sent_past_the_budget():
    """Neither once it is spent, nor where the pace's next slot comes after its end."""
    with pytest.raises(OutOfTime):
        Traffic("spent", 0, time.monotonic() - 1).admit("a")
    paced = Traffic("paced", 0.5, time.monotonic() + 0.5)
    paced.admit("a")
    began = time.monotonic()
    with pytest.raises(OutOfTime):
        paced.admit("a")

    assert time.monotonic() - began < 2, "it was known at once that the slot would come too late"


def test_a_mute_target_is_left_alone_for_a_while(monkeypatch):
    """After some time-outs in a row one request in a while asks again; an answer ends the silence."""
    bounds = Traffic("mute", 0)
    for _ in range(MUTE_AFTER):
        begun = bounds.admit("a")
        bounds.timed_out("a", begun)
    with pytest.raises(NotAssessed, match="in a row"):
        bounds.admit("a")
    bounds.admit("another place")
    later = time.monotonic() + traffic.ASK_AGAIN_AFTER + 1
    monkeypatch.setattr(traffic.time, "monotonic", lambda: later)
    bounds.admit("a")
    with pytest.raises(NotAssessed):
        bounds.admit("a")
    bounds.answered("a")
    bounds.admit("a")


def test_a_single_time_out_is_no_silence():
    """An answer in between begins the count anew."""
    bounds = Traffic("slow", 0)
    for _ in range(3 * MUTE_AFTER):
        begun = bounds.admit("a")
        bounds.timed_out("a", begun)
        bounds.answered("a")


def test_a_burst_that_runs_into_its_time_out_is_one_silence():
    """Sixteen requests at once that a slow service did not get through are not sixteen in a row."""
    bounds = Traffic("busy", 0)
    burst = [bounds.admit("a") for _ in range(4 * MUTE_AFTER)]
    for begun in burst:
        bounds.timed_out("a", begun)
    for _ in range(MUTE_AFTER - 1):
        begun = bounds.admit("a")
        bounds.timed_out("a", begun)
    with pytest.raises(NotAssessed, match=f"{MUTE_AFTER} times in a row"):
        bounds.admit("a")


def test_what_overruns_the_budget_is_interrupted():
    """A probe without a bound of its own ends, too, and the run knows why."""
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), interrupted_after(0.2) as overran:
        time.sleep(30)

    assert overran.is_set()
    assert time.monotonic() - began < 5


def test_what_ends_in_time_is_left_alone():
    """The alarm goes with the block, and 0 sets none."""
    with interrupted_after(0.1) as overran:
        pass
    with interrupted_after(0):
        time.sleep(0.15)

    assert not overran.is_set()
