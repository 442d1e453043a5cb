"""Operations that write, on a service with tokens in cookies: the proof against forgery goes along with each."""

import secrets

import pytest
from flask import Flask, jsonify, request

from stackproof.check import NotAssessed, Violation
from tests.suites.api_services import TOKEN, Views, served

PASSWORD = "correct horse"
AUTH = {
    "carrier": "cookie:token",
    "scheme": "",
    "login": {"path": "/login", "access": "cookie:token"},
    "protected": {"path": "/me"},
}
CSRF = {"path": "/csrf", "cookie": "proof", "header": "X-Proof"}
WRITING = ("api/conformance::writing_keeps_to_the_document", "api.keeps-to-document")
ANONYMOUS = ("api/anonymous::protected_operations_refuse_anonymous_writing", "api.anonymous-refused")
THING = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}


def answer(schema):
    """A documented answer."""
    return {"description": "so", "content": {"application/json": {"schema": schema}}}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "shop", "version": "1"},
    "paths": {
        "/me": {"get": {"security": [{"token": []}], "responses": {"200": answer(THING)}}},
        "/things": {
            "post": {
                "security": [{"token": []}],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"201": answer(THING), "400": answer({}), "401": answer({}), "403": answer({})},
            }
        },
    },
    "components": {"securitySchemes": {"token": {"type": "apiKey", "in": "cookie", "name": "token"}}},
}


def shop(*, opened=False):  # noqa: C901 - a whole service
    """Cookies, and a proof that is good once; `opened`: writing asks for the proof alone."""
    app = Flask("shop")
    proofs = set()

    def proven():
        proof = request.headers.get("X-Proof", "")
        good = proof == request.cookies.get("proof") and proof in proofs
        proofs.discard(proof)
        return good

    def member():
        return request.cookies.get("token") == TOKEN

    @app.get("/csrf")
    def csrf():
        made = jsonify()
        proofs.add(proof := secrets.token_hex(8))
        made.set_cookie("proof", proof)
        return made

    @app.post("/login")
    def login():
        if not proven() or request.get_json()["password"] != PASSWORD:
            return jsonify(detail="no"), 403
        made = jsonify(id=1)
        made.set_cookie("token", TOKEN, httponly=True)
        return made

    @app.get("/me")
    def me():
        return jsonify(id=1) if member() else (jsonify(detail="who?"), 401)

    @app.post("/things")
    def things():
        if not proven():
            return jsonify(detail="CSRF Failed"), 403
        if not (opened or member()):
            return jsonify(detail="who?"), 401
        return jsonify(id=2), 201

    @app.get("/openapi.json")
    def described():
        return jsonify(DOCUMENT)

    return app


@pytest.fixture
def judge(check, account):
    """A check's conclusion on the shop."""

    def run(which, *, csrf=CSRF, **options):
        with served(shop(**options)) as url:
            views = Views(url, auth=AUTH | ({"csrf": csrf} if csrf else {}))
            return check(*which, api=views.api, http=views.http)

    return run


@pytest.mark.slow
def test_writing_brings_the_proof_along(judge):
    """A proof that is good once is fetched for each request, and so a thing can be made."""
    assert "with a success" in judge(WRITING)


def test_nobody_with_a_proof_is_still_nobody(judge):
    """Without the token a good proof opens nothing: that is what refuses, not the missing proof."""
    assert "1 of 1 protected operations refuse" in judge(ANONYMOUS)


def test_a_proof_is_no_account(judge):
    """Who asks for the proof alone lets everybody write."""
    with pytest.raises(Violation, match="201"):
        judge(ANONYMOUS, opened=True)


def test_a_proof_that_cannot_be_had_is_told(judge):
    """The operation that [auth.csrf] names gives none."""
    with pytest.raises(NotAssessed, match=r"\[auth.csrf\] names"):
        judge(ANONYMOUS, csrf={**CSRF, "cookie": "other"})
