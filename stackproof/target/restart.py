"""Restarting the service by the command that the descriptor names."""

from __future__ import annotations

import subprocess
import time

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor, Restart
from stackproof.evidence import Recorder
from stackproof.target.session import Session

LOOK_EVERY = 0.25  # seconds


class Restarter:
    """Runs `restart.command` and waits until the service answers again.

    Args:
        descriptor: has a `[restart]` table.
        session: on the instance that is restarted.
    """

    def __init__(self, descriptor: Descriptor, session: Session, recorder: Recorder) -> None:
        if descriptor.restart is None:
            not_assessed("stackproof.toml has no [restart] table")
        self._restart: Restart = descriptor.restart
        self._recorder = recorder
        self.session = session

    def run(self) -> None:
        """Restart the service, once.

        Raises:
            NotAssessed: the command cannot be run, fails or takes too long, or the service does not answer after it.
                What the command printed is not told: there may be a secret in it.
        """
        name = f"restart.command ({self._restart.command[0]})"
        began = time.monotonic()
        deadline = began + self._restart.within
        try:
            ran = subprocess.run(
                self._restart.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self._restart.within,
                check=False,
            )
        except OSError as error:
            not_assessed(f"{name} cannot be run: {error.strerror}")
        except subprocess.TimeoutExpired:
            not_assessed(f"{name} did not end within {self._restart.within:g} s (restart.within)")
        if ran.returncode:
            not_assessed(f"{name} left with {ran.returncode}")
        self._wait_until_it_answers(deadline)
        self._recorder.add("command", f"{name}: the service is up again after {time.monotonic() - began:.1f} s")

    def _wait_until_it_answers(self, deadline: float) -> None:
        """Any answer to a request without a token will do that is no break-down."""
        while True:
            try:
                answer = self.session.on_new_connections().protected(None).answer
                if answer.status < 500:
                    return
                seen = answer.describe()
            except NotAssessed as error:
                seen = str(error)
            if time.monotonic() > deadline:
                not_assessed(f"the service was restarted and does not answer: {seen}")
            time.sleep(LOOK_EVERY)
