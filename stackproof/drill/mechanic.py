"""Breaks one part of a target and mends it. Standard library only: it is run as a program beside the harness.

It reads lines of JSON: first {"name", "stop", "start", "within"}, then "stop", "start" or "leave". It answers the first
two by [word, trouble], where no trouble is "". A command is always run to its end (or its bound) before the next
one, so that a part is never started while it is still being stopped.

Where its input ends without "leave" the harness is gone (SIGKILL, a crash): what is broken then is mended, and one line
on standard error says so.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys

TRIES = 2  # of the command that mends


def run(key: str, command: list[str], within: float, *, whole_group: bool) -> tuple[bool, str]:
    """Run a command; gives (whether it was begun, "" or why it failed).

    What it prints is not told: there may be a secret in it.
    """
    name = f"{key} ({command[0]})"
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return False, f"{name} cannot be run: {error.strerror}"
    try:
        code = process.wait(within)
    except subprocess.TimeoutExpired:
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:  # what it has started may be the very part
            process.kill()
        process.wait()
        return True, f"{name} did not end within {within:g} s"
    return True, f"{name} left with {code}" if code else ""


class Part:
    """The part, as this program knows it."""

    def __init__(self, name: str, stop: list[str], start: list[str], within: float) -> None:
        self.name = name
        self._stop = stop
        self._start = start
        self._within = within
        self.broken = False

    def stop(self) -> str:
        """Break it; where the command could not even be run, nothing is broken."""
        begun, trouble = run(f"drill.{self.name}.stop", self._stop, self._within, whole_group=True)
        self.broken = self.broken or begun
        return trouble

    def start(self) -> str:
        """Mend it; gives "" or why that failed, with what a person has to do."""
        trouble = ""
        for _ in range(TRIES if self.broken else 0):
            _, trouble = run(f"drill.{self.name}.start", self._start, self._within, whole_group=False)
            if not trouble:
                self.broken = False
                return ""
        return f"{trouble}; mend it by hand with: {shlex.join(self._start)}" if trouble else ""


def main() -> None:
    """Do what is asked until the harness leaves, one way or another."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # a handler, since commands would inherit that a signal is ignored
    part = Part(**json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        word = json.loads(line)
        if word == "leave":
            return
        trouble = part.stop() if word == "stop" else part.start()
        try:
            print(json.dumps([word, trouble]), flush=True)
        except OSError:  # nobody reads any more; the loop ends with the input
            continue
    if part.broken:
        trouble = part.start()
        done = f"could not be started again: {trouble}" if trouble else "was started again"
        sys.stderr.write(f"stackproof ended while it had stopped [drill.{part.name}], which {done}\n")


if __name__ == "__main__":
    main()
