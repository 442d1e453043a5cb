"""Logins that take more than a name and a password: what nobody can know is asked for, and never invented."""

import tomllib

from stackproof.discovery.writing import as_toml

TOKENS = {"200": {"content": {"application/json": {"schema": {"properties": {"jwt": {}, "renewal": {}}}}}}}


def document(fields, required):
    """A login with these fields, a way out, and something protected."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}, "required": required}
    login = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": TOKENS}
    renewal = {"properties": {"renewal": {"type": "string"}}}
    out = {"requestBody": {"content": {"application/json": {"schema": renewal}}}, "responses": {"204": {}}}
    paths = {"/session": {"post": login}, "/session/end": {"post": out}}
    paths |= {"/staff/me": {"get": {"security": [{"jwt": []}], "responses": {"200": {}}}}}
    schemes = {"jwt": {"type": "http", "scheme": "bearer"}}
    return {"openapi": "3.1.0", "paths": paths, "components": {"securitySchemes": schemes}}


def service(fields, required):
    """A service that serves that document, and refuses everything else."""

    def answer(_, path, *__):
        return (200, {}, document(fields, required)) if path == "/openapi.json" else (401, {}, {})

    return answer


def test_one_field_beside_the_password_is_the_account(serve, find):
    """Whatever it is called."""
    url, _ = serve(service(["number", "password"], ["number", "password"]))

    login = tomllib.loads(as_toml(find(url)))["auth"]["login"]

    assert (login["username_field"], login["password_field"]) == ("number", "password")


def test_of_two_fields_nobody_knows(serve, find):
    """No field is invented, no login is tried with a wrong one, and the file asks."""
    url, seen = serve(service(["number", "tenant", "password"], ["number", "tenant", "password"]))

    findings = find(url)
    text = as_toml(findings)

    assert not findings.complete
    assert "username" not in tomllib.loads(text)["auth"]["login"]
    assert "'number', 'tenant': which is the account's name?" in text
    assert not any(b"canary" in body for *_, body in seen)


def test_a_field_that_the_login_needs_beside(serve, find):
    """The name is known; what the tenant is stands with its team."""
    url, _ = serve(service(["username", "tenant", "password", "device"], ["username", "tenant", "password"]))

    text = as_toml(find(url))

    assert tomllib.loads(text)["auth"]["login"]["username_field"] == "username"
    assert '# extra = { tenant = "…" }' in text


def test_a_session_that_is_ended(serve, find):
    """`/session/end` signs out."""
    url, _ = serve(service(["number", "password"], ["number", "password"]))

    logout = tomllib.loads(as_toml(find(url)))["auth"]["logout"]

    assert logout == {"path": "/session/end", "token": "renewal"}


def test_what_an_empty_object_is_told(serve, find):
    """Without a document, the fields that the service itself asks for are in the file's comment."""
    asked = {name: ["This field is required."] for name in ("number", "password", "tenant")}

    def answer(method, path, *_):
        return (400, {}, asked) if (method, path) == ("POST", "/session") else (404, {}, {})

    url, _ = serve(answer)

    assert "an empty object is answered with 'number', 'password', 'tenant'" in as_toml(find(url, signed_in=False))
