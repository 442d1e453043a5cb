"""The checks of connections and of writing say nothing where a good token opens nothing."""

import copy
from types import SimpleNamespace

import pytest
from flask import Flask, jsonify, request

from stackproof.check import NotAssessed
from tests.suites.api_services import DOCUMENT, TOKEN, Views, served

PASSWORD = "correct horse"
CONNECTIONS = ("resilience/connections::requests_beyond_the_pool_are_all_answered", "resilience.connections")
RETURN = ("serving/connections::many_requests_leave_no_connections_behind", "serving.connections-return")
WRITING = ("api/anonymous::protected_operations_refuse_anonymous_writing", "api.anonymous-refused")


pytestmark = pytest.mark.usefixtures("account")


def shop(*, opens):
    """A login that works, and a token that opens everything or nothing."""
    app = Flask("shop")
    document = copy.deepcopy(DOCUMENT)
    document["paths"]["/things"] = {"post": {"security": [{"token": []}], "responses": {"201": {}}}}

    @app.post("/login")
    def login():
        good = request.get_json()["password"] == PASSWORD
        return jsonify(access=TOKEN) if good else (jsonify(detail="wrong"), 401)

    @app.route("/me")
    @app.post("/things")
    def guarded():
        good = opens and request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return jsonify(id=1) if good else (jsonify(detail="who?"), 401)

    @app.get("/openapi.json")
    def described():
        return jsonify(document)

    return app


def given(views):
    """What the two checks ask for."""
    return {"session": views.session, "pool_size": 2, "descriptor": views.descriptor, "api": views.api}


@pytest.mark.parametrize("which", [CONNECTIONS, WRITING], ids=["connections", "writing"])
def test_a_token_that_opens_nothing_decides_nothing(check, which):
    """401 to a good token, before and after the burst: that is no database without connections, and no protection."""
    with served(shop(opens=False)) as url, pytest.raises(NotAssessed, match="control failed"):
        check(*which, **given(Views(url)))


@pytest.mark.parametrize("which", [CONNECTIONS, WRITING], ids=["connections", "writing"])
def test_a_token_that_opens_is_the_control(check, which):
    """The same service with a token that works is judged."""
    with served(shop(opens=True)) as url:
        assert "refuse" in check(*which, **given(Views(url))) or which is CONNECTIONS


def test_a_pool_that_was_used_up_is_told(check, monkeypatch):
    """Its size bounds what a leak leaves behind; that one request alone finds none either is what shows."""
    app, served_so_far = shop(opens=True), []

    @app.before_request
    def take():
        if request.path == "/me":
            served_so_far.append(1)
            return (jsonify(detail="no connection"), 503) if len(served_so_far) > 20 else None
        return None

    postgres = SimpleNamespace(pooled=lambda: False, quiet_rows=lambda _: [{"sessions": 5}])
    monkeypatch.setattr("time.sleep", lambda _: None)
    with served(app) as url, pytest.raises(NotAssessed, match=r"times 503\) and so is one alone after a rest"):
        check(*RETURN, **given(Views(url)), postgres=postgres)
