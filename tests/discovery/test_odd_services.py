"""Services that tell nothing apart, lie, or attack: nothing is invented, nothing is harmed, nothing gets out."""

import json
import time
import tomllib
import zlib

import pytest
import trustme
import yaml

from stackproof.discovery.writing import as_toml
from stackproof.errors import UsageError

PAGE = b"<!doctype html><div id=app></div><script src=/main.js></script>"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwidG9rZW5fdHlwZSI6ImFjY2VzcyJ9.c2lnbmF0dXJlc2lnbmF0dXJl"


def auth_of(findings):
    """The [auth] table of the file that would be written."""
    return tomllib.loads(as_toml(findings)).get("auth")


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Type": "text/html"}, PAGE),
        (401, {"WWW-Authenticate": "Bearer"}, {"detail": "who are you?"}),
        (403, {}, {}),
        (400, {}, {"username": ["This field is required."]}),
        (200, {}, {"access": TOKEN, "refresh": TOKEN}),
        (500, {}, {}),
        (302, {"Location": "/login"}, b""),
        (302, {"Location": "/"}, b""),
        (429, {}, {}),
    ],
    ids=["page", "401", "403", "400", "tokens", "500", "to-login", "circle", "429"],
)
def test_the_same_answer_to_everything_tells_nothing(serve, find, answer):
    """No login is written, no password is sent, and the file is a stackproof.toml all the same."""
    url, seen = serve(lambda *_: answer)

    findings = find(url)

    assert auth_of(findings) is None
    assert not any(b"canary" in body for *_, body in seen)
    assert len(seen) <= 120


def test_only_harmless_requests_are_sent_without_an_account(serve, find):
    """GET, OPTIONS and a POST of an empty object; no credentials."""
    url, seen = serve(lambda method, *_: (404 if method == "GET" else 405, {}, {}))

    find(url, signed_in=False)

    assert {method for method, *_ in seen} <= {"GET", "POST", "OPTIONS"}
    assert {body for *_, body in seen} <= {b"", b"{}"}
    assert not any("Authorization" in headers or "Cookie" in headers for _, _, headers, _ in seen)


def hostile(name):
    """A document that would like to write the descriptor itself."""
    operation = {
        "operationId": 'login"\n[target]\nbase_url = "http://evil.example"',
        "summary": "\x1b[2J\u202e<script>",
        "requestBody": {
            "content": {
                "application/json": {
                    "schema": {"properties": {name: {}, "username": {}, "password": {}}, "required": [name]}
                }
            }
        },
        "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"access": {}}}}}}},
    }
    me = {"security": [{'b"\n': []}]}
    return {
        "openapi": "3.1.0",
        "servers": [{"url": "http://127.0.0.2:9/steal"}],
        "paths": {"/login": {"post": operation}, '/me"\n[x]': {"get": me}, "/me": {"get": me}, "/\ud800": {"get": me}},
        "components": {"securitySchemes": {'b"\n': {"type": "http", "scheme": "bearer"}}},
    }


def test_a_hostile_document_writes_nothing_of_its_own(serve, find):
    """Line ends, quotes, brackets, colours and lone surrogates stay inside; the other host is not contacted."""
    document = json.dumps(hostile('email"\n[evil]\nx = "')).encode()
    url, _ = serve(lambda _m, path, *_: (200, {}, document) if path == "/openapi.json" else (404, {}, {}))

    findings = find(url)
    text = as_toml(findings)
    read = tomllib.loads(text)

    assert set(read) == {"target", "auth", "api"}
    assert read["target"]["base_url"] == url
    assert read["auth"]["login"]["path"] == "/login"
    assert "\x1b" not in text + "".join(findings.notes)
    assert any("127.0.0.2" in note for note in findings.notes)


def test_a_yaml_document_with_swagger_ui_in_front(serve, find):
    """An OpenAPI 3.0 document in YAML at a place that nobody guesses, which the page names; it is all documented."""
    document = {
        "openapi": "3.0.2",
        "paths": {
            "/v7/enter": {
                "post": {
                    "operationId": "sign_in",
                    "requestBody": {
                        "content": {
                            "application/x-www-form-urlencoded": {
                                "schema": {"$ref": "#/components/schemas/Credentials"},
                            }
                        }
                    },
                    "responses": {
                        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pair"}}}}
                    },
                }
            },
            "/v7/again": {
                "post": {
                    "operationId": "refresh",
                    "requestBody": {"content": {"application/json": {"schema": {"properties": {"refreshToken": {}}}}}},
                }
            },
            "/v7/mine": {"get": {"operationId": "mine", "security": [{"key": []}]}},
        },
        "components": {
            "schemas": {
                "Credentials": {"properties": {"email": {}, "password": {}}, "required": ["email", "password"]},
                "Pair": {"properties": {"data": {"properties": {"accessToken": {}, "refreshToken": {}}}}},
            },
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Auth"}},
        },
    }
    content = yaml.safe_dump(document).encode()

    def handle(_method, path, *_):
        if path == "/docs":
            page = b"<html><script>SwaggerUIBundle({url: '/hidden/api.yaml', dom_id: '#x'})</script></html>"
            return 200, {"Content-Type": "text/html"}, page
        return (200, {"Content-Type": "application/yaml"}, content) if path == "/hidden/api.yaml" else (404, {}, {})

    url, _ = serve(handle)
    auth = auth_of(find(url, signed_in=False))

    assert auth["login"] == {
        "path": "/v7/enter",
        "format": "form",
        "username_field": "email",
        "password_field": "password",
        "access": "data.accessToken",
        "refresh": "data.refreshToken",
    }
    assert auth["refresh"] == {"path": "/v7/again", "token": "refreshToken"}
    assert auth["protected"] == {"path": "/v7/mine"}
    assert (auth["carrier"], auth["scheme"]) == ("header:X-Auth", "")


@pytest.mark.parametrize("parameters", [[], [{"name": "authorization", "in": "header"}]], ids=["silent", "header"])
def test_a_document_that_says_nothing_of_security_is_tried(serve, find, parameters):
    """A service that looks at the header by hand documents no scheme; what refuses without the token is found."""
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/healthz": {"get": {}},
            "/news": {"get": {}},
            "/sessions": {
                "post": {
                    "requestBody": {
                        "content": {"application/json": {"schema": {"properties": {"email": {}, "secret": {}}}}}
                    }
                }
            },
            "/books": {"get": {"parameters": parameters}},
            "/export": {"get": {}},
        },
    }

    def handle(method, path, headers, body):
        if path == "/openapi.json":
            return 200, {}, document
        if path == "/sessions" and method == "POST":
            return (200, {}, {"ticket": TOKEN}) if b"canary" in body else (422, {}, {})
        if path in {"/news", "/healthz"}:
            return 200, {}, {}
        if path in {"/books", "/export"} and method == "GET":
            return (200 if headers.get("Authorization") == f"Bearer {TOKEN}" else 401), {}, {}
        return 404, {}, {}

    url, seen = serve(handle)
    auth = auth_of(find(url))

    assert auth["protected"] == {"path": "/books"}
    assert (auth["carrier"], auth["scheme"]) == ("header:Authorization", "Bearer")
    assert not any(path == "/export" for _, path, *_ in seen)


def test_wrong_logins_are_few_and_end_at_a_lock(serve, find):
    """A login that refuses everything sees at most six attempts with the one password; 423 ends it at once."""

    def service(status):
        def handle(method, path, _headers, body):
            there = method == "POST" and path == "/auth/login"
            return (status if body != b"{}" else 400, {}, {"detail": "no"}) if there else (404, {}, {})

        return handle

    for status, most in ((401, 6), (423, 1), (429, 1)):
        url, seen = serve(service(status))
        findings = find(url)
        attempts = [body for *_, body in seen if b"canary" in body]
        assert 1 <= len(attempts) <= most
        assert any("sign" in note.lower() for note in findings.notes)
        assert "canary" not in as_toml(findings) + " ".join(findings.notes)


def test_a_login_that_echoes_the_password_does_not_get_it_into_the_file(serve, find):
    """What the service says about the login is not repeated."""

    def handle(method, path, _headers, body):
        if method == "POST" and path == "/auth/login":
            return (400, {}, {"detail": body.decode(), "access_token": "x"}) if body != b"{}" else (422, {}, {})
        return 404, {}, {}

    findings = find(serve(handle)[0])

    assert "canary" not in as_toml(findings) + " ".join(findings.notes) + repr(findings)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b'{"openapi":"3.1.0","paths":{' + b'"/a":{},' * 200_000),
        (200, {"Content-Encoding": "gzip"}, zlib.compress(b"0" * 50_000_000, wbits=31)),
        (200, {"Content-Type": "text/html"}, b"<link rel=service-desc href=http://127.0.0.2:9/x>" * 2_000),
        (200, {"Content-Type": "text/html"}, b"url: '/" * 40_000),
        (200, {"Link": "<//127.0.0.2:9/x>; rel=service-desc"}, b"\xff" * 1000),
    ],
    ids=["large", "bomb", "links", "unfinished", "link-header"],
)
def test_attacks_end_within_the_budget(serve, find, answer):
    """Large, packed, endless or misleading: an end, a file, and no other host."""
    started = time.monotonic()

    findings = find(serve(lambda *_: answer)[0], budget=6)

    assert auth_of(findings) is None
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(("size", "read"), [(3_000_000, True), (9_000_000, False)])
def test_documents_of_some_megabytes_are_read(serve, find, size, read):
    """Like the checks, discovery reads a document up to 8 MiB, and says of a larger one that it was not used."""
    operation = {"get": {"responses": {"200": {"description": "fine"}}}}
    document = {"openapi": "3.1.0", "info": {"description": "x" * size}, "paths": {"/a": operation}}

    def handle(_method, path, *_):
        return (200, {}, document) if path == "/openapi.json" else (404, {}, {})

    findings = find(serve(handle)[0])

    assert (findings.get("api", "document") == "/openapi.json") is read
    assert any("larger than 8 MiB" in note for note in findings.notes) is not read


def test_a_service_that_hangs_is_given_up_within_the_budget(serve, find):
    """The base URL answers, everything else is silent."""

    def handle(_method, path, *_):
        if path != "/":
            time.sleep(3)
        return 200, {}, {}

    started = time.monotonic()
    findings = find(serve(handle)[0], budget=4)

    assert any("Stopped early" in note for note in findings.notes)
    assert time.monotonic() - started < 45
    as_toml(findings)


def test_certificates_are_verified(serve, find, tmp_path):
    """A private authority needs --ca; the right one is written down, a wrong one does not help."""
    authority, other = trustme.CA(), trustme.CA()
    for name, one in (("right.pem", authority), ("wrong.pem", other)):
        one.cert_pem.write_to_path(str(tmp_path / name))
    url, _ = serve(lambda *_: (404, {}, {}), certificate=authority.issue_cert("127.0.0.1"))

    for options in ({}, {"ca": tmp_path / "wrong.pem"}):
        with pytest.raises(UsageError, match="not trusted") as caught:
            find(url, **options)
        assert "--ca" in caught.value.hint
    findings = find(url, ca=tmp_path / "right.pem")

    assert tomllib.loads(as_toml(findings))["target"]["ca"] == str(tmp_path / "right.pem")


@pytest.mark.parametrize(
    "url",
    ["nonsense", "ftp://a.example", "http://", "http://u:p@a.example", "http://a:99999", "http://a b/", "http://[x"],
)
def test_what_is_no_url_is_told(find, url):
    """One line, before anything is sent."""
    with pytest.raises(UsageError):
        find(url)


def test_where_plain_http_leads_to_https_is_written(serve, find, tmp_path):
    """The URL that was given answered by a redirect: both are known from then on."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    secure, _ = serve(lambda *_: (404, {}, {}), certificate=authority.issue_cert("127.0.0.1"))
    plain, _ = serve(lambda _method, path, *_: (301, {"Location": f"{secure}{path}"}, {}))

    written = find(plain, ca=tmp_path / "ca.pem").tables["target"]

    assert (written["base_url"].value, written["plain_url"].value) == (secure, plain)


def test_rails_with_devise_is_known_by_its_routes(serve, find):
    """The account stands in an object, and the token in a header of the answer; there is no refresh token."""
    given = {}

    def handle(method, path, headers, body):
        here = headers.get("Authorization", "").removeprefix("Bearer ")
        if (method, path) == ("POST", "/users/sign_in"):
            user = json.loads(body).get("user") if body.startswith(b"{") else None
            if not isinstance(user, dict) or not user.get("email") or not user.get("password"):
                return 401, {}, {"error": "Invalid Email or password."}
            given.update(user)
            return 200, {"Authorization": f"Bearer {TOKEN}"}, {"id": 7}
        if (method, path) == ("GET", "/users/me"):
            return (200, {}, {"id": 7}) if here == TOKEN else (401, {}, {"error": "sign in"})
        return 404, {}, {"error": "Not Found"}

    url, _ = serve(handle)
    auth = auth_of(find(url))

    assert set(given) == {"email", "password"}
    assert auth["login"]["path"] == "/users/sign_in"
    assert (auth["login"]["username_field"], auth["login"]["password_field"]) == ("user.email", "user.password")
    assert auth["login"]["access"] == "header:authorization"
    assert "logout" not in auth, "what a sign-out ends is not seen where there is no refresh token"
    assert auth["protected"]["path"] == "/users/me"
