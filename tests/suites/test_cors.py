"""The checks of CORS on services that are not ours."""

import pytest
from flask import Flask, Response, jsonify, request

from stackproof.api.crossorigin import look_alikes
from stackproof.check import NotApplicable, NotAssessed, Violation
from tests.suites.api_services import CLIENT, TOKEN, Views, fastapi_shop, served, served_async

FOREIGN = ("cors/origins::foreign_origin_is_not_allowed", "cors.foreign-origin-refused")
NULL = ("cors/origins::null_origin_is_not_allowed", "cors.null-origin-refused")
ALIKE = ("cors/origins::look_alikes_of_allowed_origins_are_not_allowed", "cors.look-alike-refused")
CREDENTIALS = ("cors/credentials::credentials_are_for_allowed_origins_alone", "cors.credentials-guarded")
PREFLIGHT = ("cors/client::preflights_of_an_allowed_origin_are_answered", "cors.preflight-answered")
READABLE = ("cors/client::answers_to_an_allowed_origin_can_be_read", "cors.answers-readable")
VARY = ("cors/client::answers_that_name_an_origin_vary_by_it", "cors.vary-origin")
ALL = (FOREIGN, NULL, ALIKE, CREDENTIALS, PREFLIGHT, READABLE, VARY)
NAMED = {"allowed_origins": [CLIENT]}
ENDS = {NotApplicable: "not-applicable", NotAssessed: "not-assessed", Violation: "violated"}


pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def verdicts(check):
    """{requirement: verdict} of the checks on a service; words of its [cors] table by name."""

    def judge(app, *, serve=served, checks=ALL, account=True, **cors):
        with serve(app) as url:
            return {which[1]: verdict(check, which, Views(url, account=account, cors=cors)) for which in checks}

    return judge


def verdict(check, which, views):
    """One check's verdict."""
    try:
        check(*which, cross_origin=views.cross_origin)
    except tuple(ENDS) as end:
        return ENDS[type(end)]
    finally:
        assert TOKEN not in views.evidence()
    return "satisfied"


def shop(headers_for, *, preflight=None, status=None):
    """A Flask service whose CORS headers are what a function of the origin says.

    Args:
        preflight: a further function of the origin for OPTIONS.
        status: every answer has this one.
    """
    app = Flask("shop")

    @app.before_request
    def options():
        if status:
            return jsonify(access=TOKEN), status
        return Response(status=204) if request.method == "OPTIONS" else None

    @app.after_request
    def cors(answer):
        origin = request.headers.get("Origin", "")
        answer.headers.update(headers_for(origin))
        if request.method == "OPTIONS" and preflight:
            answer.headers.update(preflight(origin))
        return answer

    @app.post("/login")
    def login():
        return jsonify(access=TOKEN)

    @app.get("/me")
    def me():
        good = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return jsonify(id=1) if good else (jsonify(detail="who?"), 401)

    return app


def nothing(origin):
    """No CORS at all."""
    return {}


def named(origin):
    """The allowed origin by its name."""
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin == CLIENT else {}


def reflected(origin):
    """Whoever asks."""
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else {}


def permits(origin):
    """What a web client asks for."""
    return {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Authorization, Content-Type"}


def test_a_service_that_lets_its_client_in(verdicts):
    """Everything is satisfied where the described origin is allowed and no other."""
    assert set(verdicts(shop(named, preflight=permits), **NAMED).values()) == {"satisfied"}


def test_no_cors_and_no_description(verdicts):
    """Nothing is allowed, which is seen; what the client needs cannot be told."""
    seen = verdicts(shop(nothing))

    assert [seen[one[1]] for one in (FOREIGN, NULL, ALIKE, CREDENTIALS)] == ["satisfied"] * 4
    assert [seen[one[1]] for one in (PREFLIGHT, READABLE, VARY)] == ["not-assessed"] * 3


def test_no_cors_although_an_origin_is_described(verdicts):
    """The client is locked out; that nobody else gets in is then no merit."""
    seen = verdicts(shop(nothing), **NAMED)

    assert [seen[one[1]] for one in (PREFLIGHT, READABLE)] == ["violated"] * 2
    assert [seen[one[1]] for one in (FOREIGN, NULL, ALIKE, VARY)] == ["not-assessed"] * 4


def test_reflection(verdicts):
    """An echo is a violation, described or not; with credentials twice."""
    with_cookies = shop(lambda origin: {**reflected(origin), "Access-Control-Allow-Credentials": "true"})

    assert set(verdicts(shop(reflected), checks=(FOREIGN, NULL, ALIKE)).values()) == {"violated"}
    assert verdicts(shop(reflected), checks=(CREDENTIALS,))[CREDENTIALS[1]] == "satisfied"
    assert verdicts(with_cookies, checks=(CREDENTIALS,))[CREDENTIALS[1]] == "violated"


@pytest.mark.parametrize(
    ("cors", "expected"),
    [({}, "not-assessed"), (NAMED, "violated"), ({"public": True}, "not-applicable")],
    ids=["nothing-described", "origins-described", "public"],
)
def test_wildcard_without_credentials(verdicts, cors, expected):
    """It is judged by what is meant: only the descriptor knows."""
    app = shop(lambda origin: {"Access-Control-Allow-Origin": "*"})

    assert set(verdicts(app, checks=(FOREIGN, NULL, ALIKE), **cors).values()) == {expected}
    assert verdicts(app, checks=(CREDENTIALS,), **cors)[CREDENTIALS[1]] == "satisfied"


@pytest.mark.parametrize("number", range(len(look_alikes(CLIENT))), ids=[how for _, how in look_alikes(CLIENT)])
def test_each_look_alike_is_noticed(verdicts, number):
    """One more origin is let in, and it is one that resembles the allowed one."""
    extra = look_alikes(CLIENT)[number][0]
    app = shop(lambda origin: {"Access-Control-Allow-Origin": origin} if origin in {CLIENT, extra} else {})

    seen = verdicts(app, checks=(FOREIGN, ALIKE), **NAMED)
    assert seen == {FOREIGN[1]: "satisfied", ALIKE[1]: "violated"}


def test_missing_vary(verdicts):
    """Only where the answer names the origin and may be kept."""

    def without(origin):
        return {"Access-Control-Allow-Origin": origin} if origin == CLIENT else {}

    assert verdicts(shop(without), checks=(VARY,), **NAMED)[VARY[1]] == "violated"
    kept_by_nobody = shop(lambda origin: {**without(origin), "Cache-Control": "no-store"})
    assert verdicts(kept_by_nobody, checks=(VARY,), **NAMED)[VARY[1]] == "satisfied"
    always = shop(lambda origin: {"Access-Control-Allow-Origin": CLIENT})
    assert verdicts(always, checks=(VARY, FOREIGN), **NAMED) == {VARY[1]: "satisfied", FOREIGN[1]: "satisfied"}


@pytest.mark.parametrize("status", [200, 401])
def test_one_answer_to_everything(verdicts, status):
    """Without an allowed origin it proves nothing; 401 to everything is not even read."""
    seen = verdicts(shop(nothing, status=status), account=False, checks=(FOREIGN, PREFLIGHT, READABLE, VARY))

    assert seen[FOREIGN[1]] == ("satisfied" if status == 200 else "not-assessed")
    assert {seen[one[1]] for one in (PREFLIGHT, READABLE, VARY)} == {"not-assessed"}


@pytest.mark.slow
def test_starlette(verdicts):
    """Its middleware, as it should be and with a wildcard beside credentials."""
    good = {"allow_origins": [CLIENT], "allow_methods": ["GET", "POST"], "allow_headers": ["Authorization"]}
    loose = {"allow_origins": ["*"], "allow_credentials": True}

    assert set(verdicts(fastapi_shop(cors=good), serve=served_async, **NAMED).values()) == {"satisfied"}
    seen = verdicts(fastapi_shop(cors=loose), serve=served_async, checks=(FOREIGN, CREDENTIALS))
    assert set(seen.values()) == {"violated"}


def turning_away(status, *, allowed=("", CLIENT)):
    """A service that answers requests of other origins with an error, as Express' cors package is used to do."""
    app = shop(named, preflight=permits)

    @app.before_request
    def decide():
        if request.headers.get("Origin", "") in allowed or request.path == "/login":
            return None
        return jsonify(detail="not allowed by CORS"), status

    app.before_request_funcs[None].reverse()
    return app


@pytest.mark.parametrize("cors", [NAMED, {}], ids=["described", "undescribed"])
@pytest.mark.parametrize("status", [500, 403])
def test_an_origin_that_is_turned_away_is_allowed_nothing(verdicts, status, cors):
    """The same request of another origin is answered: it is the origin that is refused."""
    found = verdicts(turning_away(status), checks=(FOREIGN, NULL, ALIKE, CREDENTIALS), **cors)

    assert set(found.values()) == {"satisfied"}


@pytest.mark.parametrize("app", [turning_away(503), turning_away(500, allowed=())])
def test_trouble_is_no_turning_away(verdicts, app):
    """An outage meets whoever asks."""
    assert set(verdicts(app, checks=(FOREIGN, NULL)).values()) == {"not-assessed"}
