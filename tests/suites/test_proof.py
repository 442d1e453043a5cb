"""A refresh that a cookie alone authenticates, with and without the proof of where it comes from."""

import secrets

import pytest
from flask import Flask, jsonify, request

from stackproof.check import NotApplicable, NotAssessed, Violation
from tests.suites.api_services import Views, served

CHECK = ("jwt/proof::refresh_without_its_proof_is_refused", "jwt.proof-demanded")
CSRF = {"path": "/csrf", "cookie": "proof", "header": "X-Proof"}
AUTH = {
    "login": {"path": "/login", "refresh": "cookie:rt"},
    "refresh": {"path": "/refresh", "token": "cookie:rt"},
    "protected": {"path": "/me"},
    "csrf": CSRF,
}


def service(*, same_site, demands=True, ends=False, status=403, broken=False):
    """Refresh tokens in a cookie.

    Args:
        demands: refreshing takes the proof.
        ends: a refresh without it ends the session.
        broken: no refresh works at all.
    """
    app = Flask("tickets")
    live = set()

    def pair():
        live.add(token := secrets.token_hex(16))
        answer = jsonify(access=secrets.token_hex(16))
        answer.set_cookie("rt", token, httponly=True, samesite=same_site)
        return answer

    @app.post("/login")
    def login():
        return pair() if request.get_json()["password"] == "correct horse" else (jsonify(), 401)

    @app.get("/csrf")
    def csrf():
        answer = jsonify()
        answer.set_cookie("proof", "a-proof-of-twenty-ch")
        return answer

    @app.post("/refresh")
    def refresh():
        proof, token = request.cookies.get("proof"), request.cookies.get("rt")
        if demands and (not proof or proof != request.headers.get("X-Proof")):
            live.difference_update({token} if ends else set())
            return jsonify(), status
        if token not in live or broken:
            return jsonify(), 401
        live.discard(token)
        return pair()

    return app


@pytest.fixture
def judge(check, account):
    """The check's conclusion, or what it ended in."""

    def run(app, **changes):
        auth = {name: one for name, one in {**AUTH, **changes}.items() if one is not None}
        with served(app) as url:
            try:
                return "satisfied", check(*CHECK, session=Views(url, auth=auth).session)
            except (NotApplicable, NotAssessed, Violation) as error:
                return type(error).__name__, str(error)

    return run


@pytest.mark.parametrize(
    ("flags", "word", "said"),
    [
        ({"same_site": "None"}, "satisfied", "answered 403, and with it a refresh token was exchanged"),
        ({"same_site": "None", "ends": True}, "satisfied", "with it a refresh token was exchanged"),
        ({"same_site": "None", "demands": False}, "Violation", "the cookie rt: HttpOnly, not Secure, SameSite=none"),
        ({"same_site": None, "demands": False}, "Violation", "no SameSite"),
        ({"same_site": "Strict", "demands": False}, "satisfied", "SameSite=strict"),
        ({"same_site": "None", "status": 500}, "NotAssessed", "neither accepted nor refused"),
        ({"same_site": "None", "broken": True}, "NotAssessed", "control failed"),
    ],
)
def test_what_is_accepted_without_the_proof(judge, flags, word, said):
    """Refused is right; accepted is wrong where another site's request carries the cookie."""
    found, told = judge(service(**flags))

    assert (found, said in told) == (word, True), told


def test_where_there_is_nothing_to_prove(judge):
    """No proof is described, or no cookie carries the token; a body of JSON asks browsers first."""
    assert judge(service(same_site="None"), csrf=None)[0] == "NotApplicable"
    in_body = judge(service(same_site="None"), refresh={"path": "/refresh", "token": "refresh"})
    assert in_body[0] == "NotApplicable"
    of_json = {**AUTH["refresh"], "extra": {"device": "x"}}
    assert "JSON" in judge(service(same_site="None", demands=False), refresh=of_json)[1]
