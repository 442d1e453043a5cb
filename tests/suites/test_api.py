"""The checks of the API on services that are not ours: right verdicts, and none where nothing can be said."""

import copy
import json
import socket

import pytest
import yaml
from flask import Flask, jsonify, request

from stackproof.check import NotAssessed, Violation
from tests.suites.api_services import (
    DOCUMENT,
    TOKEN,
    Views,
    fastapi_shop,
    flask_shop,
    notes_in_cookies,
    served,
    served_async,
)

PASSWORD = "correct horse"
VERSION = ("api/document::document_is_of_the_promised_version", "api.openapi-version")
VALID = ("api/document::document_is_valid", "api.document-valid")
WRITES = ("api/conformance::writing_keeps_to_the_document", "api.keeps-to-document")
KEEPS = ("api/conformance::reading_keeps_to_the_document", "api.keeps-to-document")
ANONYMOUS = ("api/anonymous::protected_operations_refuse_anonymous_reading", "api.anonymous-refused")
LEAKS = ("api/errors::malformed_requests_leak_nothing", "api.errors-leak-nothing")
DEBUG = ("api/errors::debug_pages_are_off", "api.debug-off")


pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def verdict(check):
    """The verdict of a check on a service, and its words."""

    def judge(which, views):
        try:
            return "satisfied", check(*which, api=views.api, http=views.http)
        except Violation as violation:
            return "violated", violation.seen
        except NotAssessed as reason:
            return "not-assessed", str(reason)

    return judge


def changed(**paths):
    """The shop's document with operations added or replaced."""
    document = copy.deepcopy(DOCUMENT)
    document["paths"].update(paths)
    return document


@pytest.mark.slow
def test_fastapi_that_keeps_its_word(verdict):
    """Each requirement is satisfied on evidence, and no evidence shows the token."""
    with served_async(fastapi_shop()) as url:
        views = Views(url)
        seen = {which[0]: verdict(which, views) for which in (VERSION, VALID, KEEPS, ANONYMOUS, LEAKS, DEBUG)}

    assert {one for one, _ in seen.values()} == {"satisfied"}, seen
    assert TOKEN not in views.evidence()
    assert PASSWORD not in views.evidence()


@pytest.mark.slow
def test_writing_brings_the_proof_that_a_cookie_needs(verdict):
    """What is made up is written, and what it makes is taken away again, by requests that a browser could send."""
    notes = {}
    cookies = {"carrier": "cookie:access", "scheme": "", "csrf": {"cookie": "proof", "header": "X-Proof"}}
    auth = {"login": {"path": "/login", "access": "cookie:access"}, "protected": {"path": "/me"}, **cookies}
    with served_async(notes_in_cookies(notes)) as url:
        views = Views(url, auth=auth)
        word, said = verdict(WRITES, views)

    assert word == "satisfied", said
    assert "2 of them with a success" in said
    assert notes == {}


@pytest.mark.slow
@pytest.mark.parametrize(("detail", "word"), [(7, "satisfied"), ("seven", "violated")])
def test_what_was_made_is_read(verdict, detail, word):
    """A single note is there between its creation and its removal alone."""
    notes = {}
    cookies = {"carrier": "cookie:access", "scheme": "", "csrf": {"cookie": "proof", "header": "X-Proof"}}
    auth = {"login": {"path": "/login", "access": "cookie:access"}, "protected": {"path": "/me"}, **cookies}
    with served_async(notes_in_cookies(notes, detail=detail)) as url:
        found, said = verdict(WRITES, Views(url, auth=auth))

    assert found == word, said
    assert ("GET " in said) is (word == "violated")
    assert notes == {}


@pytest.mark.slow
def test_fastapi_that_does_not(verdict):
    """What breaks is named: the field of the answer, and the operation that is open."""
    with served_async(fastapi_shop(document_lies=True)) as url:
        kept = verdict(KEEPS, Views(url))
    with served_async(fastapi_shop(opened=True)) as url:
        refused = verdict(ANONYMOUS, Views(url))

    assert kept[0] == "violated"
    assert "/items" in kept[1]
    assert refused == ("violated", "without a token GET /items answered 200, as with one")


def test_what_is_hidden_from_strangers_is_refused(verdict):
    """404 without a token and 200 with one; what is not there for anybody refuses nobody."""
    app = Flask("hides")

    @app.post("/login")
    def login():
        return jsonify(access=TOKEN)

    def hidden():
        return jsonify([]) if request.headers.get("Authorization") == f"Bearer {TOKEN}" else (jsonify(), 404)

    for path in ("/me", "/absences"):
        app.add_url_rule(path, path, hidden)
    operation = {"get": {"security": [{"jwt": []}], "responses": {"200": {"description": "fine"}}}}
    paths = dict.fromkeys(("/me", "/absences", "/gone"), operation)
    schemes = {"securitySchemes": {"jwt": {"type": "http", "scheme": "bearer"}}}
    document = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths, "components": schemes}
    app.add_url_rule("/openapi.json", "document", lambda: jsonify(document))
    auth = {"login": {"path": "/login", "access": "access"}, "protected": {"path": "/me"}}
    with served(app) as url:
        word, said = verdict(ANONYMOUS, Views(url, auth=auth))

    assert word == "satisfied", said
    assert said.startswith("2 of 3 protected operations refuse reading without a token; the others")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("listed", "title", "word"), [(False, 7, "satisfied"), (True, "one", "satisfied"), (True, 7, "violated")]
)
def test_what_a_list_names_is_read(verdict, listed, title, word):
    """Made-up ids lead to 404 alone: the resource that the list names is read, and told by its own address."""
    app = Flask("detail")
    app.add_url_rule("/login", "login", lambda: jsonify(access=TOKEN), methods=["POST"])
    app.add_url_rule("/me", "me", lambda: jsonify(name="x") if request.headers.get("Authorization") else ("", 401))
    app.add_url_rule("/notes", "notes", lambda: jsonify(items=[{"id": "n-41"}] if listed else []))
    app.add_url_rule("/notes/<one>", "note", lambda one: jsonify(title=title) if one == "n-41" else (jsonify(), 404))
    text = {"type": "object", "properties": {"title": {"type": "string"}}}
    good = {"responses": {"200": {"description": "fine", "content": {"application/json": {"schema": text}}}}}
    parameter = {"name": "noteId", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {
        "/notes": {"get": {"responses": {"200": {"description": "all"}}}},
        "/notes/{noteId}": {"get": {**good, "parameters": [parameter]}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths}
    app.add_url_rule("/openapi.json", "document", lambda: jsonify(document))
    with served(app) as url:
        auth = {"login": {"path": "/login", "access": "access"}, "protected": {"path": "/me"}}
        found, said = verdict(KEEPS, Views(url, auth=auth))

    assert found == word, said
    assert ("GET " in said and "/notes/n-41 answered 200" in said) is (word == "violated")


def test_without_a_document(verdict):
    """The reason says where it was looked for and how to name it; what needs none is judged."""
    with served(flask_shop()) as url:
        views = Views(url)
        for which in (VERSION, VALID, KEEPS, ANONYMOUS):
            word, reason = verdict(which, views)
            assert word == "not-assessed"
            assert "[api] document" in reason
        assert verdict(LEAKS, views)[0] == "satisfied"
        assert verdict(DEBUG, views)[0] == "satisfied"


@pytest.mark.slow
def test_under_a_path_prefix(verdict):
    """Paths of the document stand behind the prefix, whatever host its servers name."""
    document = {**DOCUMENT, "servers": [{"url": "https://elsewhere.example/shop"}]}
    with served(flask_shop(prefix="/shop", document=json.dumps(document).encode())) as url:
        views = Views(f"{url}/shop")
        assert verdict(VERSION, views)[0] == "satisfied"
        assert verdict(ANONYMOUS, views)[0] == "satisfied"
        assert verdict(KEEPS, views)[0] == "satisfied"


def test_yaml_alone(verdict):
    """YAML is read as well, where only the descriptor knows its place."""
    document = yaml.safe_dump({**DOCUMENT, "openapi": "3.0.3"}).encode()
    with served(flask_shop(document=document, where="/about.yml", kind="text/plain")) as url:
        views = Views(url, api={"document": "/about.yml"})
        assert verdict(VERSION, views) == ("violated", f"{url}/about.yml is of version 3.0.3")
        assert verdict(VALID, views)[0] == "satisfied"


@pytest.mark.parametrize("status", [200, 401])
def test_one_answer_to_everything(verdict, status):
    """A service that says yes or no to everything satisfies and violates nothing by it."""
    document = json.dumps(DOCUMENT).encode()
    with served(flask_shop(document=document)) as described:
        data = Views(described).api.document
    with served(flask_shop(status=status)) as url:
        views = Views(url)
        views.api.document = data
        if status == 401:
            with pytest.raises(NotAssessed):
                _ = views.api.carried
        views.api.carried = {"headers": {"Authorization": f"Bearer {TOKEN}"}}
        assert verdict(ANONYMOUS, views)[0] == "not-assessed"
        if status == 401:
            assert verdict(KEEPS, views)[0] == "not-assessed"
        else:
            assert verdict(LEAKS, views)[0] == "not-assessed"
            assert verdict(DEBUG, views)[0] == "not-assessed"


def test_an_error_with_status_200_is_no_access(verdict):
    """A refusal in other words is not called access."""
    app = flask_shop(document=json.dumps(changed(**{"/list": DOCUMENT["paths"]["/me"]})).encode())

    @app.get("/list")
    def answer():
        from flask import jsonify, request

        good = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return jsonify(id=1) if good else jsonify(error="sign in first")

    with served(app) as url:
        word, reason = verdict(ANONYMOUS, Views(url))

    assert word == "not-assessed"
    assert "cannot be told" in reason


INVALID = changed(**{"/broken": {"get": {"responses": "none"}}})
LAUGHS = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\na0: &a0 [x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
MERGES = "openapi: 3.1.0\na0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 12)
)
CIRCLE = "openapi: 3.1.0\ninfo: &i {title: t, version: '1', again: *i}\npaths: {}\n"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (LAUGHS.encode(), "aliases"),
        (MERGES.encode(), "aliases"),
        (CIRCLE.encode(), "back to itself"),
        (b'{"openapi": "3.1.0", "a": ' + b"[" * 100_000, "no JSON|too deeply"),
        (b"openapi: 3.1.0\na: " + b"[" * 50_000, "too deeply"),
        (b'{"openapi": "3.1.0", "a": "' + b"x" * 20_000_000 + b'"}', "more than 8 MiB"),
        (b"<html><body>sign in</body></html>", "a page"),
        (b'{"openapi": "3.1.0", "x": "\xff"}', "UTF-8"),
        (b"!!python/object/apply:os.system ['true']", "YAML"),
        (b'{"hello": "world"}', "no field"),
    ],
    ids=["laughs", "merges", "circle", "deep-json", "deep-yaml", "20-mb", "page", "utf-8", "python", "other"],
)
def test_hostile_documents_are_read_as_none(verdict, document, words):
    """A bomb, a circle, a depth, a page: no verdict, and the reason says which."""
    import re

    with served(flask_shop(document=document)) as url:
        word, reason = verdict(VERSION, Views(url, api={"document": "/openapi.json"}))

    assert word == "not-assessed"
    assert re.search(words, reason), reason


@pytest.mark.slow
def test_nothing_that_a_document_refers_to_is_fetched(verdict):
    """Neither a URL nor a file; the operation is left out, and validity is not judged."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        remote = f"http://127.0.0.1:{trap.getsockname()[1]}/schema.json"
        for reference in (remote, "file:///etc/passwd"):
            schema = {"application/json": {"schema": {"$ref": reference}}}
            answer = {"responses": {"200": {"description": "x", "content": schema}}}
            document = json.dumps(changed(**{"/far": {"get": answer}})).encode()
            with served(flask_shop(document=document)) as url:
                views = Views(url)
                assert verdict(VALID, views)[0] == "not-assessed"
                assert verdict(KEEPS, views)[0] == "satisfied"
                assert "/far" not in "".join(one.title for one in views.recorder.records)
        with pytest.raises(TimeoutError):
            trap.accept()


@pytest.mark.slow
def test_cyclic_and_invalid_documents(verdict):
    """A schema may refer to itself; what is invalid is named with its place."""
    tree = {"type": "object", "properties": {"id": {"type": "integer"}, "child": {"$ref": "#/components/schemas/Tree"}}}
    document = copy.deepcopy(DOCUMENT)
    document["components"]["schemas"] = {"Tree": tree}
    content = document["paths"]["/me"]["get"]["responses"]["200"]["content"]
    content["application/json"]["schema"] = {"$ref": "#/components/schemas/Tree"}
    with served(flask_shop(document=json.dumps(document).encode())) as url:
        assert verdict(VALID, Views(url))[0] == "satisfied"
        assert verdict(KEEPS, Views(url))[0] == "satisfied"
    with served(flask_shop(document=json.dumps(INVALID).encode())) as url:
        word, seen = verdict(VALID, Views(url))
    assert word == "violated", seen
    assert "broken" in seen


EXPRESS = (
    "<!DOCTYPE html><title>Error</title><pre>SyntaxError: Unexpected end of JSON input<br> &nbsp; &nbsp;at JSON.parse "
    "(&lt;anonymous&gt;)<br> &nbsp; &nbsp;at parse (/srv/shop/node_modules/body-parser/lib/types/json.js:92:19)</pre>"
)
KOA = '{"stack": "Error: none\\n    at async /srv/shop/src/orders.ts:3:7\\n    at async next (node:internal/x:1:2)"}'
TOMCAT = "<p><b>Exception</b></p><pre>java.lang.Error&#13;\n&#9;at com.shop.Orders.&lt;init&gt;(Orders.java:17)</pre>"
GO = '{"error": "goroutine 18 [running]:\\nruntime/debug.Stack()\\n\\t/usr/lib/go/src/runtime/debug/stack.go:24 +0x65"}'
GO_FRAMES = '{"stack": "main.find(0xc0000b2000)\\n\\t/srv/shop/orders.go:217 +0x1d"}'
PHP = "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/srv/shop/index.php</b> on line <b>3</b><br />"
PHP_TEXT = "Fatal error: Uncaught RuntimeException: no such order in /srv/shop/index.php:2"
RAILS = (
    '{"status":500,"error":"Internal Server Error","exception":"#<RuntimeError: none>","traces":{"Application Trace":'
    '[{"exception_object_id":1,"id":0,"trace":"app/controllers/orders_controller.rb:5:in `index\'"}]}}'
)
SINATRA = "<p>You're seeing this error because you have enabled the <code>show_exceptions</code> setting.</p>"
DJANGO = "<p>You're seeing this error because you have <code>DEBUG = True</code> in your Django settings file.</p>"


@pytest.mark.parametrize(
    ("body", "leak"),
    [
        ('Traceback (most recent call last):\n  File "/srv/shop/views.py", line 3, in get', "a Python stack trace"),
        ('{"detail": "psycopg.errors.UndefinedColumn: column x does not exist"}', "an exception of the database"),
        ('{"sql": "SELECT \\"shop\\".\\"id\\" FROM \\"shop\\""}', "SQL"),
        ('{"debug": {"SECRET_KEY": "x"}}', "settings"),
        ('{"trace": "  at com.shop.Orders.find(Orders.java:17)"}', "a stack trace of Java"),
        ('{"stack": "Error\\n    at find (/srv/shop/orders.js:3:7)"}', "a stack trace of Node.js"),
        (EXPRESS, "a stack trace of Node.js"),
        (KOA, "a stack trace of Node.js"),
        (TOMCAT, "a stack trace of Java"),
        (GO, "a stack trace of Go"),
        (GO_FRAMES, "a stack trace of Go"),
        (PHP, "a message of PHP's own"),
        ("<pre>#0 /srv/shop/index.php(12): find()\n#1 {main}</pre>", "a stack trace of PHP"),
        (PHP_TEXT, "a message of PHP's own"),
        (RAILS, "Rails' debug page"),
        ('{"trace": "app/models/order.rb:7:in `find\'"}', "a stack trace of Ruby"),
        ('{"error": "PG::UndefinedColumn: ERROR:  column x does not exist"}', "an exception of the database"),
        ('{"error": "ERROR: relation \\"x\\" does not exist (SQLSTATE 42P01)"}', "an exception of the database"),
        ('{"error": "pq: relation \\"x\\" does not exist"}', "an exception of the database"),
        (SINATRA, "Sinatra's debug page"),
        ("<h1 class='logo'><svg></svg> Symfony Exception</h1>", "Symfony's debug page"),
        ('<body><div class="Whoops container"><div class="stack-container">', "Whoops' debug page"),
        (DJANGO, "Django's debug page"),
        ("<head><title>Litestar exception page</title></head>", "Litestar's debug page"),
    ],
)
def test_leaks(verdict, body, leak):
    """What is leaked is named."""
    with served(flask_shop(bodies=body)) as url:
        word, seen = verdict(LEAKS, Views(url))

    assert word == "violated", seen
    assert leak in seen


@pytest.mark.parametrize(
    "body",
    [
        '{"detail": "Please select a value from the list; the database is busy. File \\"a.txt\\" was not found."}',
        '{"errors": [{"message": "invalid input syntax", "trace_id": "4bf92f3577b34da6"}]}',
        '{"detail": "The file config/orders.rb was not found, nor is there a line 3 in /orders.php"}',
        '{"detail": "state: goroutine; whoops, this is the exception summary of your order"}',
        "<h1>Error</h1><p>Update your settings and try again. SELECT a plan.</p>",
    ],
)
def test_words_that_are_no_leak(verdict, body):
    """A message for people may use the words of the trade."""
    with served(flask_shop(bodies=body)) as url:
        views = Views(url)
        assert verdict(LEAKS, views)[0] == "satisfied"
        assert verdict(DEBUG, views)[0] == "satisfied"


@pytest.mark.parametrize(("page", "word"), [(DJANGO, "violated"), ("<h1>Not Found</h1>", "satisfied")])
def test_a_debug_page_of_the_authorization_server(verdict, page, word):
    """Tokens may come from another host, and its debug page tells as much."""
    login = Flask("login")
    login.register_error_handler(404, lambda _error: (page, 404))
    login.add_url_rule("/o/token/", "token", lambda: jsonify(access=TOKEN, refresh="r" * 32), methods=["POST"])
    with served(flask_shop()) as url, served(login) as other:
        auth = {"login": {"path": f"{other}/o/token/"}, "protected": {"path": "/me"}}
        found, words = verdict(DEBUG, Views(url, auth=auth))

    assert found == word, words
    assert ("on another host" in words) is (word == "violated")


def test_an_error_may_repeat_what_was_asked_for(verdict):
    """NestJS and Fastify name the path that does not exist with its query, which is ours."""
    service = flask_shop()
    service.register_error_handler(404, lambda _error: (jsonify(message=f"Cannot GET {request.full_path}"), 404))
    with served(service) as url:
        assert verdict(DEBUG, Views(url))[0] == "satisfied"


def test_werkzeug_debugger(verdict):
    """Its console's script gives it away before anything has broken."""
    from werkzeug.debug import DebuggedApplication

    with served(DebuggedApplication(flask_shop(), evalex=True)) as url:
        assert verdict(DEBUG, Views(url))[0] == "violated"
