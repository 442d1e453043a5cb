"""A logout that answers 401, since nobody is signed in any more: what becomes of the refresh token tells."""

import secrets
from urllib.parse import unquote_plus

import pytest
from flask import Flask, jsonify, make_response, request

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.doctor.operations import examine
from stackproof.evidence import Redactor
from tests.suites.api_services import Views, served

CHECK = ("jwt/blacklist::refresh_token_is_refused_after_logout", "jwt.blacklist")
ALONE = ("jwt/blacklist::only_token_is_refused_after_logout", "jwt.blacklist")
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

    def run(app, auth=AUTH):
        with served(app) as url:
            views = Views(url, auth=auth)
            try:
                which = CHECK if auth.get("refresh_tokens", True) else ALONE
                word = check(*which, session=views.session, blacklist_cause=str)
            except (NotApplicable, NotAssessed, Violation) as error:
                word = error
            doctor = examine(views.descriptor, Redactor(), 30)
        return word, next((one for one in doctor if one.subject == "logout"), None)

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


@pytest.mark.parametrize("status", [302, 303])
def test_a_logout_that_leads_on_says_that_it_is_done(judge, status):
    """As those for browsers do, to a page of goodbye; one that revokes nothing is seen by its refresh token."""
    (word, _), (broken, _) = judge(service(status, revokes=True)), judge(service(status, revokes=False))

    assert "were refused" in word
    assert isinstance(broken, Violation)


def test_a_logout_that_has_moved_ends_nothing(judge):
    """301 and 308 say where the operation is, and nothing of a session."""
    error, _ = judge(service(308, revokes=False))

    assert isinstance(error, NotAssessed)
    assert "answered 308, so the session was not ended" in str(error)


def test_a_logout_that_says_yes_and_revokes_nothing(judge):
    """That is what the clause forbids."""
    word, doctor = judge(service(204, revokes=False))

    assert isinstance(word, Violation)
    assert doctor.state == "remark"


SESSION = {
    "carrier": "cookie:sessionid",
    "scheme": "",
    "refresh_tokens": False,
    "login": {"path": "/login", "access": "cookie:sessionid"},
    "logout": {"path": "/logout", "token": ""},
    "protected": {"path": "/me"},
}


def sessions(*, ends, signed=False):
    """A session in a cookie and no refresh tokens; signing out ends it on the server, or at the client alone."""
    app = Flask("desk")
    live = set()

    @app.post("/login")
    def login():
        if request.get_json()["password"] != "correct horse":
            return jsonify(), 401
        key = secrets.token_hex(16)
        live.add(f"{SIGNED}.{key}" if signed else key)
        answer = make_response(jsonify())
        answer.set_cookie("sessionid", f"{SIGNED}.{key}" if signed else key)
        return answer

    @app.post("/logout")
    def logout():
        if ends:
            live.discard(request.cookies.get("sessionid"))
        answer = make_response("", 204)
        answer.delete_cookie("sessionid")
        return answer

    @app.get("/me")
    def me():
        return jsonify(id=1) if request.cookies.get("sessionid") in live else (jsonify(detail="who?"), 401)

    return app


SIGNED = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30"


def test_an_opaque_session_that_ends_with_the_logout(judge):
    """Without refresh tokens it is the session itself that signing out has to end."""
    word, doctor = judge(sessions(ends=True), SESSION)

    assert "8 uses after logout were refused, while another session went on" in str(word)
    assert (doctor.state, "access token is refused afterwards" in doctor.text) == ("ok", True)


def test_an_opaque_session_that_outlives_the_logout(judge):
    """A cookie that is taken out of the browser alone: whoever copied it is signed in still."""
    word, doctor = judge(sessions(ends=False), SESSION)

    assert isinstance(word, Violation)
    assert "/me answered 200" in str(word)
    assert doctor.state == "remark"


def test_a_service_that_names_no_logout(judge):
    """Nothing is kept that anybody could end."""
    word, doctor = judge(sessions(ends=False), {**SESSION, "logout": None})

    assert isinstance(word, NotApplicable)
    assert doctor is None


def test_a_jwt_may_live_to_its_own_end(judge):
    """It is short, and the service keeps nothing of it: the doctor tells, and a run judges nothing."""
    word, doctor = judge(sessions(ends=False, signed=True), SESSION)

    assert isinstance(word, NotApplicable)
    assert (doctor.state, "by design" in doctor.cure) == ("remark", True)


GRAPH = {
    "refused_field": "errors",
    "login": {
        "path": "/graphql",
        "username_field": "variables.name",
        "password_field": "variables.password",
        "extra": {"query": "login"},
        "access": "data.access",
        "refresh": "data.refresh",
    },
    "refresh": {"path": "/graphql", "token": "variables.refresh", "extra": {"query": "refresh"}},
    "logout": {"path": "/graphql", "token": "variables.refresh", "extra": {"query": "logout"}},
    "protected": {"path": "/graphql", "method": "POST", "extra": {"query": "me"}},
}


def graph(*, revokes):
    """Every operation is a POST to one path, and every answer a 200; a refusal has errors in its body."""
    app = Flask("graph")
    live, access = set(), set()

    def pair():
        live.add(refresh := secrets.token_hex(16))
        access.add(token := secrets.token_hex(16))
        return {"access": token, "refresh": refresh}

    @app.post("/graphql")
    def answer():
        sent = request.get_json()
        given = sent.get("variables", {})
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        data = None
        if sent["query"] == "login" and given["password"] == "correct horse":
            data = pair()
        elif sent["query"] == "refresh" and given["refresh"] in live:
            live.discard(given["refresh"])
            data = pair()
        elif sent["query"] == "logout":
            data = {"logout": True}
            live.discard(given["refresh"] if revokes else "")
        elif sent["query"] == "me" and bearer in access:
            data = {"me": {"id": 1}}
        return jsonify(data=data, errors=[] if data else [{"message": "no"}])

    return app


@pytest.mark.parametrize("revokes", [True, False])
def test_refusals_with_the_status_of_a_success(judge, revokes):
    """Where the descriptor says how they are told, they are refusals like others."""
    word, doctor = judge(graph(revokes=revokes), GRAPH)

    assert isinstance(word, Violation) is not revokes
    assert doctor.state == ("ok" if revokes else "remark")


def test_refusals_that_nobody_described(judge):
    """Nothing is concluded from a 200, and the doctor shows the line to write."""
    with served(graph(revokes=True)) as url:
        findings = examine(Views(url, auth={**GRAPH, "refused_field": ""}).descriptor, Redactor(), 30)
    word, _ = judge(graph(revokes=True), {**GRAPH, "refused_field": ""})

    assert isinstance(word, NotAssessed)
    for subject in ("protected", "refresh"):
        one = next(one for one in findings if one.subject == subject)
        assert (one.state, 'refused_field = "errors"' in one.cure) == ("trouble", True)


@pytest.mark.parametrize("carried", ["basic", "body"])
def test_a_client_that_the_service_knows(judge, monkeypatch, carried):
    """Its secret stands in a variable: every operation of the tokens sends it, and nothing shows it."""
    app = service(204, revokes=True)
    seen = []

    @app.before_request
    def client():
        if request.path == "/me":
            return None
        sent = request.get_json(silent=True) or {}
        basic = request.authorization
        given = (sent.get("client_id"), sent.get("client_secret"))
        if basic is not None and basic.type == "basic":
            given = (unquote_plus(basic.username), unquote_plus(basic.password))  # RFC 6749, section 2.3.1
        seen.append(given)
        return None if given == ("web app", "s%3A/+ecret") else (jsonify(error="invalid_client"), 401)

    known = {**AUTH, "client": {"id": "web app", "carried": carried}}
    known["logout"] = {**known["logout"], "send_access": False}
    monkeypatch.delenv("STACKPROOF_CLIENT_SECRET", raising=False)
    with pytest.raises(NotAssessed, match="STACKPROOF_CLIENT_SECRET is not set"):
        judge(app, known)
    with served(app) as url:
        unknown = examine(Views(url, auth=AUTH).descriptor, Redactor(), 30)
    assert any("[auth.client]" in one.cure for one in unknown if one.subject == "login")
    monkeypatch.setenv("STACKPROOF_CLIENT_SECRET", "s%3A/+ecret")
    word, doctor = judge(app, known)

    assert "8 uses after logout were refused" in str(word)
    assert doctor.state == "ok"
    assert len(seen) > 10
