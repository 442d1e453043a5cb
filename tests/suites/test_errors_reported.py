"""The checks of reported errors on small Django projects: with Sentry's SDK well and badly started, and without it."""

import sys

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.observability.raising import Raising
from stackproof.target.project import ProjectView

REPORTED = ("observability/errors::unhandled_error_is_reported", "observability.errors-reported")
SCRUBBED = ("observability/errors::report_of_an_error_holds_no_secret", "observability.errors-scrubbed")
INSIDE = ("observability/errors::nothing_leaves_without_a_dsn", "observability.errors-stay-inside")
UNSAID = "observability/errors::unhandled_error_is_logged_without_tokens_and_cookies"
TOKENS = (UNSAID, "observability.no-tokens-in-logs")
COOKIES = (UNSAID, "observability.no-cookies-in-logs")
LOGGED = ("observability/errors::unhandled_error_is_logged_without_secrets", "observability.no-passwords-in-logs")

SETTINGS = """
import os
SECRET_KEY = "k" * 50
ALLOWED_HOSTS = ["notes.example"]
ROOT_URLCONF = "notes"
WSGI_APPLICATION = "notes.application"
MIDDLEWARE = [{middleware}]
"""
NOTES = """
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
urlpatterns = []
def closed(get_response):
    return lambda request: HttpResponse("maintenance", status=503)
def telling(get_response):
    def each(request):
        print("incoming", dict(request.headers), flush=True)
        return get_response(request)
    return each
application = get_wsgi_application()
"""
START = """
import sentry_sdk
DSN = os.environ.get("NOTES_DSN"{default})
if DSN:
    sentry_sdk.init(dsn=DSN, before_send={before}, {options})
"""
DROPS_QUERY = 'lambda event, hint: (event["request"].pop("query_string", None), event)[1]'


@pytest.fixture
def verdict(check, tmp_path):
    """The verdict of a check on a project, its words, and everything that became evidence."""

    def judge(which, start="", *, middleware="", errors=True, unused=()):
        (tmp_path / "settings.py").write_text(SETTINGS.format(middleware=middleware) + start, encoding="utf-8")
        (tmp_path / "notes.py").write_text(NOTES, encoding="utf-8")
        project = {"path": str(tmp_path), "python": sys.executable, "settings_module": "settings", "unused": unused}
        tables = {"target": {"base_url": "https://notes.example"}, "project": project}
        tables |= {"errors": {"dsn_env": "NOTES_DSN"}} if errors else {}
        descriptor, redactor = Descriptor.model_validate(tables), Redactor()
        recorder = Recorder(redactor)
        raising = Raising(descriptor, ProjectView(descriptor, recorder, redactor), recorder, redactor)
        try:
            return "satisfied", check(*which, raising=raising)
        except Violation as violation:
            return "violated", violation.seen
        except NotAssessed as reason:
            return "not-assessed", str(reason)
        except NotApplicable as reason:
            return "not-applicable", str(reason)

    return judge


def start(options="", *, before=DROPS_QUERY, default=""):
    """Settings that start the SDK."""
    return START.format(options=options, before=before, default=default)


@pytest.mark.slow
def test_a_project_that_reports_and_scrubs(verdict):
    """The SDK's defaults, without the query string, which stands in the text of a request too."""
    seen = {one[0]: verdict(one, start("include_local_variables=False")) for one in (REPORTED, SCRUBBED, INSIDE)}

    assert {word for word, _ in seen.values()} == {"satisfied"}, seen


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "text", "words"),
    [
        pytest.param(REPORTED, "", "nothing has imported the SDK", id="no SDK"),
        pytest.param(
            REPORTED,
            start(before="lambda event, hint: None"),
            "none is about it; the SDK was started with it",
            marks=pytest.mark.exhaustive,
            id="a filter",
        ),
        pytest.param(SCRUBBED, start(before="None"), "the token in the query string", id="defaults"),
        pytest.param(
            SCRUBBED,
            start("send_default_pii=True, include_local_variables=False"),
            "send_default_pii is True",
            marks=pytest.mark.exhaustive,
            id="personal data",
        ),
        pytest.param(
            INSIDE,
            start(default=', "http://c0ffee00c0ffee00c0ffee00c0ffee00@127.0.0.1:9/1"'),
            "sends to 127.0.0.1:9",
            id="a DSN in the code",
        ),
        pytest.param(
            INSIDE,
            "import socket\nsocket.socket().connect_ex(('127.0.0.1', 9))",
            "127.0.0.1:9, which no setting names",
            id="a connection",
        ),
    ],
)
def test_a_project_that_does_not(verdict, which, text, words):
    """Each flaw is named."""
    word, said = verdict(which, text)

    assert word == "violated", said
    assert words in said


@pytest.mark.slow
def test_headers_on_standard_output(verdict):
    """What is printed when an error is raised is searched, too."""
    word, said = verdict(TOKENS, middleware='"notes.telling"')

    assert word == "violated"
    assert "the token of the Authorization header" in said
    assert "cookie" not in said
    assert "aA7" not in said


@pytest.mark.slow
def test_a_kind_of_secret_is_held_against_its_own_clause(verdict):
    """Headers that are printed hold a token and a cookie: the clause on passwords is kept."""
    told = {which: verdict(which, middleware='"notes.telling"') for which in (LOGGED, COOKIES)}

    assert told[LOGGED][0] == "satisfied"
    assert told[COOKIES][0] == "violated"
    assert "the session's cookie" in told[COOKIES][1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "text", "options", "word", "words"),
    [
        pytest.param(
            REPORTED, start(), {"middleware": '"notes.closed"'}, "not-assessed", "WSGI answered 503", id="closed"
        ),
        pytest.param(
            REPORTED,
            start("sample_rate=0.0"),
            {},
            "not-assessed",
            "sample_rate is 0.0",
            marks=pytest.mark.exhaustive,
            id="sampled",
        ),
        pytest.param(REPORTED, start(), {"errors": False}, "not-assessed", "no [errors] table", id="no table"),
        pytest.param(LOGGED, "", {}, "not-assessed", "wrote nothing", marks=pytest.mark.exhaustive, id="silent"),
        pytest.param(
            REPORTED, "", {"unused": ("version.sentry-sdk",)}, "not-applicable", "project.unused", id="unused"
        ),
        pytest.param(SCRUBBED, "", {}, "not-assessed", "", marks=pytest.mark.exhaustive, id="no report"),
        pytest.param(
            INSIDE, "raise RuntimeError('no settings')", {}, "not-assessed", "no settings", id="broken settings"
        ),
    ],
)
def test_nothing_can_be_said(verdict, which, text, options, word, words):
    """A request that never comes to its view, sampling, and a descriptor that does not say how."""
    seen = verdict(which, text, **options)

    assert seen[0] == word, seen
    assert words in seen[1]
