"""Announcing made requests slow, so that threads do it."""

import itertools
import threading


def apply() -> None:
    """Send by a thread for each message; every third one is slower."""
    from dispatch.jobs import changes

    original, count = changes._send, itertools.count()

    def _send(group: str, event: dict[str, str]) -> None:
        threading.Timer(0.4 if next(count) % 3 == 0 else 0.0, original, (group, event)).start()

    changes._send = _send
