"""The verdicts on WebSockets, by the command, on a service on FastAPI that carries its token in a subprotocol."""

import json

import pytest

from tests.foreign.launch import start
from tests.foreign.test_verdicts import judge

pytestmark = pytest.mark.slow

FAULTS = ("any-token", "any-origin", "parameters", "path-500", "unexplained", "unexpected", "disorder")
SEEN_BY_THEM = (
    "websocket.bad-token-refused",
    "websocket.foreign-origin-refused",
    "websocket.null-origin-refused",
    "websocket.look-alike-origin-refused",
    "websocket.token-not-in-query",
    "websocket.unknown-path-refused",
    "websocket.unexpected-message",
    "websocket.order-kept",
)


def verdicts(tmp_path, *flags):
    """{requirement: (verdict, reason)}, and what was printed."""
    with start("beacon", "--token", "subprotocol:harbour", *flags) as service:
        done = judge(service, tmp_path, "--only", "websocket.*", "--json")
        secrets = [service.password]
    assert "Traceback" not in done.stderr, done.stderr
    assert not any(secret in done.stdout for secret in secrets)
    asked = {one["id"]: one for one in json.loads(done.stdout)["derived"] if one["id"].startswith("websocket.")}
    return {name: (one["verdict"], one["reason"]) for name, one in asked.items()}


def test_a_conforming_service_has_no_violation(tmp_path):
    """What needs a view that is closed there is not assessed, and says which."""
    seen = verdicts(tmp_path)

    left = {name: told for name, told in seen.items() if told[0] != "satisfied"}
    assert set(left) == {
        "websocket.expired-token-refused",
        "websocket.closed-at-expiry",
        "websocket.deactivated-refused",
        "websocket.messages-of-others",
        "websocket.broadcast-across-processes",
        "websocket.recovers",
    }, left
    assert {told[0] for told in left.values()} == {"not-assessed"}
    assert "[clock]" in left["websocket.closed-at-expiry"][1]
    assert "target.also" in left["websocket.broadcast-across-processes"][1]


@pytest.mark.exhaustive
def test_faults_are_violations(tmp_path):
    """Several at once, each by its own requirement."""
    seen = verdicts(tmp_path, *(word for name in FAULTS for word in ("--fault", name)))

    assert {name: seen[name][0] for name in SEEN_BY_THEM} == dict.fromkeys(SEEN_BY_THEM, "violated")
    assert seen["websocket.handshake"][0] == "satisfied"
