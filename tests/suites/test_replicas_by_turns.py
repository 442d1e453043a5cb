"""Two processes behind one address, one of which forgets what was used: that is no grace period."""

import itertools
import secrets

import pytest
from flask import Flask, jsonify, request

from stackproof.check import Violation
from tests.suites.api_services import Views, served

CHECK = ("jwt/rotation::used_refresh_token_is_refused", "jwt.rotation")
AUTH = {"login": {"path": "/login"}, "refresh": {"path": "/refresh"}, "protected": {"path": "/me"}}


def by_turns():
    """Opaque tokens that rotate; every other refresh is answered by a process without a list of used ones."""
    app, issued, used, turns = Flask("replicas"), set(), set(), itertools.count()

    def pair():
        issued.add(token := secrets.token_hex(16))
        return jsonify(access=secrets.token_hex(16), refresh=token)

    @app.post("/login")
    def login():
        return pair()

    @app.post("/refresh")
    def refresh():
        token, forgets = request.get_json().get("refresh"), next(turns) % 2
        if token not in issued or (token in used and not forgets):
            return jsonify(detail="no"), 401
        used.add(token)
        return pair()

    return app


@pytest.mark.slow
@pytest.mark.usefixtures("account")
def test_a_replica_without_the_blacklist(check):
    """The used token is accepted, and what is said of it leads to the replica."""
    with served(by_turns()) as url, pytest.raises(Violation) as seen:
        check(*CHECK, session=Views(url, auth=AUTH).session, blacklist_cause=str)

    assert "accepted and refused by turns: the processes behind this address do not agree" in seen.value.seen
    assert "grace" not in seen.value.seen
