"""A logout that answers 401, since nobody is signed in any more: what becomes of the refresh token tells."""

import secrets

import pytest
from flask import Flask, jsonify, request

from stackproof.check import NotAssessed, Violation
from stackproof.doctor.operations import examine
from stackproof.evidence import Redactor
from tests.suites.api_services import Views, served

CHECK = ("jwt/blacklist::refresh_token_is_refused_after_logout", "jwt.blacklist")
AUTH = {
    "login": {"path": "/login"},
    "refresh": {"path": "/refresh"},
    "logout": {"path": "/session", "method": "DELETE", "token": "refresh"},
    "protected": {"path": "/me"},
}


def service(status, *, revokes):
    """Opaque tokens; signing out answers with that status, and revokes or does not."""
    app = Flask("rooms")
    live, access = set(), set()

    def pair():
        live.add(refresh := secrets.token_hex(16))
        access.add(token := secrets.token_hex(16))
        return jsonify(access=token, refresh=refresh)

    @app.post("/login")
    def login():
        return pair() if request.get_json()["password"] == "correct horse" else (jsonify(), 401)

    @app.post("/refresh")
    def refresh():
        token = request.get_json().get("refresh")
        if token not in live:
            return jsonify(detail="no"), 401
        live.discard(token)
        return pair()

    @app.delete("/session")
    def session():
        if revokes:
            live.discard(request.get_json().get("refresh"))
        return jsonify(), status

    @app.get("/me")
    def me():
        good = request.headers.get("Authorization", "").removeprefix("Bearer ") in access
        return jsonify(id=1) if good else (jsonify(detail="who?"), 401)

    return app


@pytest.fixture
def judge(check, account):
    """The check's conclusion, and what the doctor says of signing out."""

    def run(app):
        with served(app) as url:
            views = Views(url, auth=AUTH)
            try:
                word = check(*CHECK, session=views.session, blacklist_cause=str)
            except (NotAssessed, Violation) as error:
                word = error
            doctor = examine(views.descriptor, Redactor(), 30)
        return word, next(one for one in doctor if one.subject == "logout")

    return run


@pytest.mark.parametrize("status", [204, 401, 403])
def test_a_refresh_token_that_is_refused_was_revoked(judge, status):
    """Whatever the logout answers: before it the token was good, as that of another session still is."""
    word, doctor = judge(service(status, revokes=True))

    assert "8 uses after logout were refused, while another session went on" in str(word)
    assert doctor.state == "ok"


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_logout_that_was_not_let_in_ends_nothing(judge, status):
    """Refused or broken, and the refresh token is good as before: the description may be wrong, so nothing is said."""
    word, doctor = judge(service(status, revokes=False))

    assert isinstance(word, NotAssessed)
    assert "the session was not ended" in str(word)
    assert doctor.state == "trouble"


def test_a_logout_that_says_yes_and_revokes_nothing(judge):
    """That is what the clause forbids."""
    word, doctor = judge(service(204, revokes=False))

    assert isinstance(word, Violation)
    assert doctor.state == "remark"
