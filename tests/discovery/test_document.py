"""Documents are read, whatever they are written in; what is none is told, and a bomb is not followed."""

import json
import time

import pytest
import yaml

from stackproof.api.openapi import DocumentError, parse
from stackproof.discovery.operations import read_api
from stackproof.discovery.roles import password_fields, roles_of

SMALL = {"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": {"200": {"description": "fine"}}}}}}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(SMALL).encode(),
        yaml.safe_dump(SMALL).encode(),
        b"\xef\xbb\xbf" + json.dumps({**SMALL, "openapi": "3.1.0"}).encode(),
        b"swagger: '2.0'\npaths: {}\n",
        b"{openapi: 3.1.0, paths: {}}",
    ],
)
def test_json_and_yaml_are_read(content):
    """Both notations, versions 2, 3.0 and 3.1, with a byte-order mark."""
    assert isinstance(parse(content)["paths"], dict)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!doctype html><p>hello", "a page"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[1, 2]", "no object"),
        (b"{", "no JSON"),
        (b"", "no object"),
        (b"a: !!python/object/apply:os.system ['true']", "no YAML"),
        (b'{"paths": {}}', "openapi"),
        (b"[" * 100_000, "deep"),
        (b'{"a":' * 100_000, "deep"),
        (b"a: &x [*x]", "leads back"),
        (b"a: " + b"[" * 500 + b"]" * 500, "deep"),
        (b"\x00\x01 garbage", "no YAML"),
    ],
    ids=range(12),
)
def test_what_is_no_document_is_told(content, said):
    """One reason, no exception of a parser, and quickly."""
    started = time.monotonic()
    with pytest.raises(DocumentError, match=said):
        parse(content)
    assert time.monotonic() - started < 5


def test_an_alias_bomb_is_not_followed():
    """Nine levels of nine aliases stand for hundreds of millions of nodes."""
    lines = ["openapi: 3.0.0", "paths: {}", "a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]

    with pytest.raises(DocumentError, match="grows without bound"):
        parse("\n".join(lines).encode())


def test_harmless_aliases_are_followed():
    """An anchor that is used twice is ordinary YAML."""
    data = parse(b"openapi: 3.0.0\npaths: {}\na: &a {b: 1}\nc: *a\nd: *a\n")

    assert data["c"] == data["d"] == {"b": 1}


def api(paths, **more):
    """A document's operations as the service at https://service.example/base serves them."""
    return read_api({"openapi": "3.1.0", "paths": paths, **more}, "https://service.example/base")


def body(fields, *, kind="application/json", required=()):
    """A request body."""
    properties = {name: {"type": "string"} for name in fields}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"requestBody": {"content": {kind: {"schema": schema}}}, "responses": {"200": {}}}


def test_roles_by_fields_and_names():
    """The login is not the registration, nor the reset; each part gets its operation."""
    found = roles_of(
        api(
            {
                "/accounts/register": {"post": body(["email", "password", "password2"])},
                "/accounts/reset-password": {"post": body(["email", "password", "token"])},
                "/accounts/change": {"post": body(["current_password", "new_password", "confirm_password"])},
                "/accounts/enter": {"post": {**body(["email", "password"]), "operationId": "login"}},
                "/accounts/renewal": {"post": {**body(["refreshToken"]), "operationId": "renew_token"}},
                "/accounts/leave": {"post": {**body(["refreshToken"]), "operationId": "logout"}},
                "/accounts/leave-all": {"post": {**body(["refreshToken"]), "operationId": "logout_all"}},
                "/token/verify": {"post": body(["token"])},
                "/email/verify": {"post": body(["token"])},
                "/profile": {"get": {"security": [{"bearer": []}]}},
                "/things": {"get": {"security": [{"bearer": []}]}},
                "/things/{id}": {"get": {"security": [{"bearer": []}]}},
            }
        )
    )

    assert {table: role.operation.path for table, role in found.items()} == {
        "auth.login": "/accounts/enter",
        "auth.refresh": "/accounts/renewal",
        "auth.logout": "/accounts/leave",
        "auth.verify": "/token/verify",
        "auth.protected": "/profile",
        "auth.password_change": "/accounts/change",
    }
    assert password_fields(found["auth.password_change"].operation) == (
        "current_password",
        "new_password",
        "confirm_password",
    )


def test_one_resource_with_a_method_for_each_part():
    """POST makes a session, PATCH prolongs it, DELETE ends it; a PATCH of something else is no refresh."""
    patch = body(["renewal"])
    found = roles_of(api({"/v1/session": {"post": body(["login", "secret"]), "patch": patch, "delete": {}}}))

    assert {table: role.operation.method for table, role in found.items()} == {
        "auth.login": "POST",
        "auth.refresh": "PATCH",
        "auth.logout": "DELETE",
    }
    assert "auth.refresh" not in roles_of(api({"/subscription": {"patch": patch}, "/sessions": {"patch": body(["x"])}}))


def test_no_role_without_a_reason():
    """A document of other things has none of them."""
    assert roles_of(api({"/things": {"get": {}, "post": body(["name"])}, "/token": {"get": {}}})) == {}


def test_servers_add_their_path_and_never_another_host():
    """The prefix of a server on the same host counts; another host is only noted."""
    servers = [{"url": "https://elsewhere.example/v9"}, {"url": "https://service.example/base/v2"}]
    found = api({"/a": {"get": {}}}, servers=servers)

    assert [one.path for one in found.operations] == ["/v2/a"]
    assert found.elsewhere == ("https://elsewhere.example/v9",)


def test_references_that_lead_in_circles_end():
    """A schema that contains itself, and a reference to itself."""
    schemas = {
        "Node": {"properties": {"next": {"$ref": "#/components/schemas/Node"}, "password": {}}},
        "Self": {"$ref": "#/components/schemas/Self"},
        "Wide": {"anyOf": [{"$ref": "#/components/schemas/Wide"}] * 50},
    }
    paths = {
        f"/{name}": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
            }
        }
        for name in schemas
    }

    found = {one.path: one.fields for one in api(paths, components={"schemas": schemas}).operations}

    assert "password" in found["/Node"]
    assert found["/Self"] == ()


def test_what_only_the_answer_has_is_not_sent():
    """One schema for request and answer, as drf-spectacular has it of simplejwt: `required` means one of the two."""
    only = {"readOnly": True}, {"writeOnly": True}
    pair = {
        "properties": {"email": only[1], "password": only[1], "access": only[0], "refresh": {"$ref": "#/x-token"}},
        "required": ["access", "email", "password", "refresh"],
    }
    content = {"content": {"application/json": {"schema": pair}}}
    paths = {"/session": {"post": {"requestBody": content, "responses": {"200": content}}}}

    [login] = api(paths, **{"x-token": only[0]}).operations

    assert login.fields == login.required == ("email", "password")
    assert login.answers == ("access", "refresh")


def test_swagger_2_bodies_and_forms():
    """Parameters in the body and in a form, with the base path."""
    data = {
        "swagger": "2.0",
        "basePath": "/v1",
        "paths": {
            "/login": {
                "post": {
                    "parameters": [
                        {"in": "formData", "name": "username", "required": True},
                        {"in": "formData", "name": "password", "required": True},
                    ]
                }
            },
            "/renew": {
                "post": {"parameters": [{"in": "body", "name": "b", "schema": {"properties": {"refresh": {}}}}]}
            },
        },
    }

    login, renew = read_api(data, "http://service.example").operations

    assert (login.path, login.format, login.required) == ("/v1/login", "form", ("username", "password"))
    assert renew.fields == ("refresh",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("window.onload = () => {}", "a script"),
        ('var options = {"swaggerDoc": undefined}', "no JSON"),
        ('var options = {"swaggerDoc": [1]}', "no object"),
        ('var options = {"swaggerDoc": ' + '{"a":' * 100_000, "deep"),
    ],
    ids=range(4),
)
def test_a_script_without_a_document_is_told(content, said):
    """What a page's script shows is as hostile as a document."""
    with pytest.raises(DocumentError, match=said):
        parse(content.encode(), "application/javascript; charset=utf-8")
