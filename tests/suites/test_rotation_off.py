"""A document that rules rotation out: a refresh token is the session's only one, and serves until its end."""

import secrets

import pytest
from flask import Flask, jsonify, request

from stackproof.check import NotAssessed, Violation
from tests.suites.api_services import Views, served

HANDED_OUT = "jwt/rotation::refresh_answers_a_new_refresh_token"
USED = "jwt/rotation::used_refresh_token_is_refused"
AUTH = {"login": {"path": "/login"}, "refresh": {"path": "/refresh"}, "protected": {"path": "/me"}}
ENABLED = "Rotation: Enabled (every use of a refresh token hands out a new one)"


def service(behaviour):
    """Opaque tokens, whose refresh tokens are kept, echoed, rotated, or used up without another one."""
    app = Flask("counter")
    live = set()

    @app.post("/login")
    def login():
        live.add(token := secrets.token_hex(16))
        return jsonify(access=secrets.token_hex(16), refresh=token)

    @app.post("/refresh")
    def refresh():
        token = request.get_json().get("refresh")
        if token not in live:
            return jsonify(detail="no"), 401
        answer = {"access": secrets.token_hex(16)}
        if behaviour in {"rotates", "used-up"}:
            live.discard(token)
        if behaviour == "rotates":
            live.add(other := secrets.token_hex(16))
            answer["refresh"] = other
        if behaviour == "echoes":
            answer["refresh"] = token
        return jsonify(answer)

    return app


@pytest.fixture
def judge(check, edition, monkeypatch):
    """What a check says of a service by a document with these words on rotation."""
    monkeypatch.setenv("STACKPROOF_USERNAME", "rider@example.com")
    monkeypatch.setenv("STACKPROOF_PASSWORD", "correct horse")

    def run(name, behaviour, words="Rotation: Disabled"):
        document = edition((ENABLED, words))
        with served(service(behaviour)) as url:
            views = Views(url, auth=AUTH)
            return check(name, "jwt.rotation", specification=document, session=views.session, blacklist_cause=str)

    return run


@pytest.mark.parametrize("behaviour", ["keeps", "echoes"])
def test_one_refresh_token_for_its_whole_life_is_what_the_clause_says(judge, behaviour):
    """None but the first is handed out, and it serves again."""
    assert "with an access token" in judge(HANDED_OUT, behaviour)
    assert "answered 200" in judge(USED, behaviour)


def test_a_service_that_rotates_breaks_the_clause(judge):
    """What is demanded is what is judged, whichever way round."""
    with pytest.raises(Violation, match="another refresh token"):
        judge(HANDED_OUT, "rotates")
    with pytest.raises(NotAssessed, match="another check judges that"):
        judge(USED, "rotates")


def test_a_refresh_token_that_is_used_up_breaks_the_clause(judge):
    """Nothing takes its place, so that the session ends with the first refresh."""
    assert judge(HANDED_OUT, "used-up")
    with pytest.raises(Violation, match="answered 401"):
        judge(USED, "used-up")


@pytest.mark.parametrize("words", ["Rotation: not required", "Rotation: Not needed"])
def test_what_is_not_demanded_is_not_ruled_out(judge, words):
    """Nobody is accused of more than was asked for."""
    with pytest.raises(NotAssessed, match="does not rule it out"):
        judge(HANDED_OUT, "rotates", words)
    assert judge(HANDED_OUT, "keeps", words)
