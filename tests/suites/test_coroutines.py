"""What the checks on coroutines conclude from the probe's answer."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation

CHECK = "serving/asynchronous::coroutines_call_nothing_that_blocks"
DESCRIPTOR = SimpleNamespace(target=SimpleNamespace(base_url="https://service.example"))


def project(**answer):
    """A project of which the probe tells this."""
    told = {"coroutines": 3, "views": 9, "blocking": [], "unread": "", **answer}
    return SimpleNamespace(installed=lambda: {"django": object()}, unused=(), ask=lambda *_: told)


def test_consumers_that_nobody_could_read_are_not_called_good(check):
    """An application that cannot be loaded hides its consumers; what the views do counts all the same."""
    trouble = "config.asgi.application: ModuleNotFoundError: No module named 'x'"
    given = (CHECK, "serving.no-blocking-calls")
    with pytest.raises(NotAssessed, match=r"cannot be loaded: config\.asgi"):
        check(*given, descriptor=DESCRIPTOR, project=project(unread=trouble))
    found = {"where": "views.py:7", "call": "time.sleep", "function": "wait"}
    with pytest.raises(Violation, match=r"views\.py:7: wait calls time\.sleep"):
        check(*given, descriptor=DESCRIPTOR, project=project(unread=trouble, blocking=[found]))
    assert check(*given, descriptor=DESCRIPTOR, project=project())
