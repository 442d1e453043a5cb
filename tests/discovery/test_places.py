"""Where a document is served, and what its paths are written behind."""

import json
from urllib.parse import urljoin

import pytest

from stackproof.commands.init import _next
from stackproof.discovery.operations import read_api
from stackproof.errors import UsageError

LOGIN = {
    "requestBody": {"content": {"application/json": {"schema": {"properties": {"email": {}, "password": {}}}}}},
    "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"access": {}}}}}}},
}


def document(prefix=""):
    """A login and the account's own data, below a prefix."""
    paths = {f"{prefix}/auth/pair": {"post": LOGIN}, f"{prefix}/me": {"get": {"security": [{"bearer": []}]}}}
    return {"openapi": "3.1.0", "paths": paths}


def at(place, content):
    """A service that serves one document and nothing else."""
    return lambda _method, path, *_: (200, {}, content) if path == place else (404, {}, {})


@pytest.mark.parametrize("place", ["/api/v2/openapi.json", "/v1/openapi.json", "/api/v2/schema/", "/docs/openapi.json"])
def test_folders_of_versions_are_well_known(serve, find, place):
    """Frameworks serve the document beside the routes that it is about."""
    findings = find(serve(at(place, document("/api/v2")))[0], signed_in=False)

    assert findings.get("api", "document") == place
    assert findings.get("auth.login", "path") == "/api/v2/auth/pair"


@pytest.mark.parametrize("path", ["/hidden/contract.json", "hidden/contract.json"])
def test_a_place_that_nobody_guesses_can_be_named(serve, find, path):
    """It is asked for first."""
    url, seen = serve(at("/hidden/contract.json", document()))

    findings = find(url, signed_in=False, document=path)

    assert findings.get("api", "document") == "/hidden/contract.json"
    assert findings.get("auth.login", "path") == "/auth/pair"
    assert [path for _, path, *_ in seen][:2] == ["/", "/hidden/contract.json"]


@pytest.mark.parametrize(
    ("place", "content", "told"),
    [
        ("/elsewhere.json", {}, "answered 404"),
        ("/contract.json", {"info": {}}, "no field `openapi`"),
        ("/contract.json", {"openapi": "3.1.0"}, "without paths"),
    ],
)
def test_a_named_place_without_a_document_is_told(serve, find, place, content, told):
    """One line with what was there instead, and nothing is guessed."""
    url, _ = serve(at(place, content))

    with pytest.raises(UsageError, match=told) as caught:
        find(url, document="/contract.json")

    assert "/contract.json" in str(caught.value)
    assert "--document" in caught.value.hint


@pytest.mark.parametrize("place", ["http://elsewhere.example/openapi.json", "/a b", "/a#b", "//evil.example/x", ""])
def test_what_names_no_place_of_the_service_is_told(serve, find, place):
    """Another host is not contacted."""
    url, _ = serve(lambda *_: (404, {}, {}))

    with pytest.raises(UsageError, match="--document"):
        find(url, document=place)


def test_a_document_that_was_not_found_is_missing_with_its_cure(serve, find):
    """The table says how to name it."""
    findings = find(serve(lambda *_: (404, {}, {}))[0])

    gap = next(one for one in findings.gaps if one.table == "api")
    assert "--document" in gap.why
    assert gap.lines == ('document = "…"',)


@pytest.mark.parametrize("servers", [None, [], 7, [{"url": "/"}], [{"url": "https://service.example"}]])
def test_paths_that_repeat_the_base_urls_own_are_not_doubled(servers):
    """`init https://host/api/v2` on a document whose paths begin with /api/v2, as django-ninja writes them."""
    data = document("/api/v2") if servers is None else {**document("/api/v2"), "servers": servers}

    api = read_api(data, "https://service.example/api/v2")

    assert [one.path for one in api.operations] == ["/auth/pair", "/me"]
    assert api.elsewhere == ()
    elsewhere = read_api({**data, "servers": [{"url": "https://other.example"}]}, "https://service.example/api/v2")
    assert elsewhere.elsewhere == ("https://other.example",)
    assert elsewhere.operations == api.operations


def test_paths_below_the_base_url_stay(serve, find):
    """A document behind a proxy that strips the prefix, and one that only seems to repeat it."""
    for paths in (("/a", "/b"), ("/api/v2", "/api/v2x/b"), ("/api/v2/a", "/b")):
        data = {"openapi": "3.1.0", "paths": {path: {"get": {}} for path in paths}}
        api = read_api(data, "https://service.example/api/v2")
        assert tuple(one.path for one in api.operations) == paths


def test_a_description_that_nobody_could_sign_in_with_is_not_called_ready(serve, find):
    """Everything is documented, and the login says 401: the next step is the doctor, not a run."""
    paths = {
        **document()["paths"],
        "/auth/refresh": {"post": {"operationId": "refresh"}},
        "/auth/logout": {"post": {}},
    }

    def handle(_method, path, *_):
        return (200, {}, {"openapi": "3.1.0", "paths": paths}) if path == "/openapi.json" else (401, {}, {})

    findings = find(serve(handle)[0])

    assert findings.complete
    assert any("could not sign in" in note for note in findings.notes)
    assert _next(findings, "stackproof.toml").startswith("stackproof doctor")


@pytest.mark.parametrize(
    ("login", "own"),
    [("/v3/auth/enter", "/v3/me"), ("/_allauth/app/v1/auth/login", "/_allauth/app/v1/auth/session")],
    ids=["convention", "package"],
)
def test_a_document_that_protects_nothing_leaves_the_usual_places(serve, find, login, own):
    """Allauth's own document has no security: what is refused without credentials around the login is tried."""
    content = {"openapi": "3.0.3", "paths": {login: {"post": LOGIN | {"operationId": "login"}}}}
    token = "opaque-token-of-the-only-account"

    def handle(method, path, headers, body):
        if path == "/openapi.json":
            return 200, {}, content
        if (method, path) == ("POST", login):
            return (200, {}, {"access": token}) if b"canary" in body else (400, {}, {})
        if (method, path) == ("GET", own):
            return (200 if headers.get("Authorization") == f"Bearer {token}" else 401), {}, {}
        return 404, {}, {}

    findings = find(serve(handle)[0])
    anonymous = find(serve(handle)[0], signed_in=False)

    assert findings.get("auth.protected", "path") == own
    assert findings.tables["auth.protected"]["path"].sure == "seen"
    assert anonymous.tables["auth.protected"]["path"].sure == "guessed"


@pytest.mark.parametrize(
    ("login", "refresh"),
    [
        ("/api/token", "/api/token/refresh"),
        ("/auth/jwt/create", "/auth/jwt/refresh"),
        ("/dj-rest-auth/login", "/dj-rest-auth/token/refresh"),
    ],
)
def test_routes_of_packages_without_slashes_at_their_ends(serve, find, login, refresh):
    """Django projects with APPEND_SLASH = False have the packages' routes, less the slash."""

    def handle(method, path, *_):
        return (400, {}, {}) if method == "POST" and path in {login, refresh} else (404, {}, {})

    findings = find(serve(handle)[0], signed_in=False)

    assert findings.get("auth.login", "path") == login
    told = " ".join(line for gap in findings.gaps for line in gap.lines)
    assert findings.get("auth.refresh", "path") == refresh or f'"{refresh}"' in told


@pytest.mark.parametrize("hostile", [False, True])
def test_an_authorization_server_on_another_host_is_told_and_not_asked(serve, find, hostile):
    """Its lines are there to be filled in; what is no URL stays out of the file."""
    other, asked = serve(lambda *_: (404, {}, {}))
    flow = {"tokenUrl": f"{other}/o/token/{chr(10) + 'evil = 1' if hostile else ''}", "scopes": {}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "notes", "version": "1"},
        "paths": {"/me": {"get": {"security": [{"oauth": []}], "responses": {"200": {"description": "it"}}}}},
        "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": {"password": flow}}}},
    }

    def handle(_method, path, *_):
        return (200, {}, document) if path == "/openapi.json" else (401 if path == "/me" else 404, {}, {})

    findings = find(serve(handle)[0])
    lines = {one.table: one.lines for one in findings.gaps}

    assert not asked
    assert "evil" not in str(lines)
    assert (f'path = "{other}/o/token/"' in lines["auth.login"]) is not hostile
    assert ('extra = { grant_type = "refresh_token" }' in lines["auth.refresh"]) is not hostile


def test_a_login_that_asks_for_its_fields_by_name_is_no_grant(serve, find):
    """`/api/token` without a slash looks like OAuth's; what asks for `username` and `password` itself is none."""
    token = "opaque-token-of-the-only-account"
    required = {"username": ["This field is required."], "password": ["This field is required."]}

    def handle(method, path, headers, body):
        if (method, path) == ("POST", "/api/token"):
            return (200, {}, {"access": token}) if b"canary" in body else (400, {}, required)
        if (method, path) == ("GET", "/api/me"):
            return (200 if headers.get("Authorization") == f"Bearer {token}" else 401), {}, {}
        return 404, {}, {}

    findings = find(serve(handle)[0])

    assert findings.get("auth.login", "path") == "/api/token"
    assert findings.get("auth.login", "format") == "json"
    assert findings.get("auth.login", "extra", None) is None


def test_without_a_refresh_token_the_reason_is_that(serve, find):
    """Sliding tokens: there is an operation to refresh, and nothing to send it but the token itself."""
    token = "opaque-token-of-the-only-account"

    def handle(method, path, headers, body):
        if method == "POST" and path == "/api/token/":
            return (200, {}, {"token": token}) if b"canary" in body else (400, {}, {"username": [], "password": []})
        if method == "POST" and path == "/api/token/refresh/":
            return 400, {}, {"token": ["This field is required."]}
        if (method, path) == ("GET", "/api/me/"):
            return (200 if headers.get("Authorization") == f"Bearer {token}" else 401), {}, {}
        return 404, {}, {}

    findings = find(serve(handle)[0])

    why = next(gap.why for gap in findings.gaps if gap.table == "auth.refresh")
    assert "the login handed out no refresh token" in why
    assert "sliding" in why


def beside_a_page(page, script):
    """A service that shows its document on a page of swagger-ui, inside of a script and nowhere else."""
    options = f'{{\n  "swaggerDoc": {json.dumps(document(), indent=2)},\n  "customOptions": {{}}\n}}'
    init = f"\nwindow.onload = function() {{\n  var options = {options};\n}}"
    shown = {
        page: ("text/html", f'<!DOCTYPE html><script src="{script}"> </script>'),
        urljoin(page, script): ("application/javascript", init),
    }

    def answer(_method, path, *_):
        kind, text = shown.get(path, ("application/json", "{}"))
        return 200 if path in shown else 404, {"Content-Type": kind}, text.encode()

    return answer


@pytest.mark.parametrize(
    ("page", "script", "place"),
    [
        ("/api-docs/", "./swagger-ui-init.js", "/api-docs/swagger-ui-init.js"),  # swagger-ui-express
        ("/api", "./api/swagger-ui-init.js", "/api/swagger-ui-init.js"),  # NestJS
    ],
)
def test_a_document_inside_of_a_pages_script_is_found(serve, find, page, script, place):
    """Node's swagger-ui packages write it into the script that starts the page."""
    findings = find(serve(beside_a_page(page, script))[0], signed_in=False)

    assert findings.get("api", "document") == place
    assert findings.get("auth.login", "path") == "/auth/pair"


def test_a_page_may_be_named_for_the_document_that_it_shows(serve, find):
    """People know the page, not the script beside it."""
    url, _ = serve(beside_a_page("/manual", "./swagger-ui-init.js"))

    findings = find(url, signed_in=False, document="/manual")

    assert findings.get("api", "document") == "/swagger-ui-init.js"


@pytest.mark.parametrize("place", ["/api-docs.json", "/api-json", "/documentation/json", "/docs/json"])
def test_places_of_nodes_packages_are_well_known(serve, find, place):
    """swagger-jsdoc, NestJS and @fastify/swagger-ui serve it there."""
    findings = find(serve(at(place, document()))[0], signed_in=False)

    assert findings.get("api", "document") == place
