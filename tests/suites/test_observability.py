"""The checks of logs on a service that is not ours: right verdicts, and none where nothing can be said."""

import re
import sys

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.observability import view as view_module
from tests.suites.api_services import served_async
from tests.suites.log_services import PASSWORD, USERNAME, Views, behind_a_proxy, notes

JSON = ("observability/lines::every_line_is_json", "observability.json-lines")
FIELDS = ("observability/lines::lines_tell_time_level_and_event", "observability.line-fields")
BROUGHT = ("observability/correlation::line_carries_the_id_of_its_request", "observability.request-id")
GIVEN = ("observability/correlation::request_without_an_id_is_given_one", "observability.request-id")
USER = ("observability/correlation::line_of_a_signed_in_request_names_the_account", "observability.user-id")
FORGED = ("observability/injection::texts_of_clients_forge_no_line", "observability.no-forged-lines")
PASSWORDS = ("observability/secrets::passwords_stay_out_of_the_log", "observability.no-passwords-in-logs")
TOKENS = ("observability/secrets::tokens_stay_out_of_the_log", "observability.no-tokens-in-logs")
COOKIES = ("observability/secrets::cookies_stay_out_of_the_log", "observability.no-cookies-in-logs")
ADDRESSES = ("observability/secrets::addresses_with_passwords_stay_out_of_the_log", "observability.no-dsns-in-logs")
EVERY = (JSON, FIELDS, BROUGHT, GIVEN, USER, FORGED, PASSWORDS, TOKENS, COOKIES)


@pytest.fixture(autouse=True)
def _account(monkeypatch):
    monkeypatch.setenv("STACKPROOF_USERNAME", USERNAME)
    monkeypatch.setenv("STACKPROOF_PASSWORD", PASSWORD)
    monkeypatch.setattr(view_module, "APPEARS_WITHIN", 1.0)
    monkeypatch.setattr(view_module, "STRAGGLERS", 0.05)


@pytest.fixture
def verdicts(check, tmp_path):
    """{id of a check: (verdict, words)} on the service with one flaw, and everything that became evidence."""

    def judge(flaw, *which, prefix="", firewall="", **logs):
        log = tmp_path / "notes.log"
        log.touch()
        app = notes(log, flaw=flaw)
        with served_async(behind_a_proxy(app, prefix, firewall) if prefix else app) as url:
            views = Views(url, log, prefix=prefix, **logs)
            return {one: verdict(check, one, views) for one in which or EVERY}, views.evidence(), log

    return judge


def verdict(check, which, views):
    try:
        return "satisfied", check(*which, **views.given())
    except Violation as violation:
        return "violated", violation.seen
    except NotAssessed as reason:
        return "not-assessed", str(reason)
    except NotApplicable as reason:
        return "not-applicable", str(reason)


@pytest.mark.slow
def test_a_service_that_logs_well_under_other_names(verdicts):
    """Each requirement is satisfied, and no evidence shows the account's password."""
    seen, evidence, _ = verdicts("")

    assert {one: word for one, (word, _) in seen.items()} == dict.fromkeys(EVERY, "satisfied"), seen
    assert PASSWORD not in evidence


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flaw", "which", "words"),
    [
        ("plain", JSON, r"\d+ of \d+ lines are none: \d+ in notes.log"),
        ("no zone", FIELDS, "'ts' has no time zone"),
        ("no level", FIELDS, "'severity' is empty"),
        ("no id", BROUGHT, "has no 'trace.id'"),
        ("no id", GIVEN, "does not carry it"),
        ("one id", GIVEN, "is the same as that of the first"),
        ("not answered", GIVEN, "without X-Correlation-ID"),
        ("no user", USER, "under 0 values of 'account'"),
        ("user stays", USER, "an anonymous request is logged under the account"),
        ("by hand", FORGED, "of the client's making"),
        ("body", PASSWORDS, "the account's password .*notes.log, field body"),
        ("token", TOKENS, r"an access token \(as it is, notes.log, field made"),
        ("query", TOKENS, r"a token in the query string \(\?token=\)"),
        ("cookies", COOKIES, "a cookie named sessionid"),
    ],
)
def test_each_flaw_is_seen(verdicts, flaw, which, words):
    """It is named with its place, and what leaked is in no evidence."""
    seen, evidence, log = verdicts(flaw, which)

    word, said = seen[which]
    assert word == "violated", seen
    assert re.search(words, said), said
    leaked = set(re.findall(r"aA7[0-9a-f]{24}", log.read_text())) | {PASSWORD}
    assert not [one for one in leaked if one in evidence + said]


@pytest.mark.slow
def test_nothing_follows_from_a_silent_log(verdicts):
    """Where no request of ours shows, what is missing says nothing; the reason says what to do."""
    seen, _, _ = verdicts("silent")

    assert {word for word, _ in seen.values()} <= {"not-assessed"}, seen
    assert all("nothing was written to notes.log" in said for word, said in seen.values()), seen


@pytest.mark.slow
def test_a_log_of_somebody_else(verdicts):
    """Lines come, and none is about us."""
    command = [sys.executable, "-c", "import time; print(f'{time.time_ns()} something else')"]
    seen, _, _ = verdicts("", PASSWORDS, JSON, files=[], command=command)

    assert {word for word, _ in seen.values()} == {"not-assessed"}, seen
    assert all("none shows the path, the id or the User-Agent" in said for _, said in seen.values()), seen


@pytest.mark.slow
def test_a_proxy_that_hands_on_one_prefix_alone(verdicts):
    """What is not there is asked for where the service itself answers."""
    good, _, _ = verdicts("", BROUGHT, GIVEN, FORGED, prefix="/svc/notes")
    forging, _, _ = verdicts("by hand", FORGED, prefix="/svc/notes")

    assert {word for word, _ in good.values()} == {"satisfied"}, good
    assert forging[FORGED][0] == "violated", forging


@pytest.mark.slow
def test_a_firewall_that_answers_what_is_odd(verdicts):
    """A service that never saw the hostile requests has not been seen to stand them."""
    seen, _, _ = verdicts("by hand", FORGED, prefix="/svc", firewall="forged")

    assert seen[FORGED][0] == "not-assessed"
    assert "a firewall in front" in seen[FORGED][1]


@pytest.mark.slow
def test_fields_of_another_name_are_found(verdicts):
    """A descriptor that names the wrong field is told the right one; that is no violation."""
    names = {"time": "timestamp", "level": "level", "event": "event", "request_id": "request_id"}
    seen, _, _ = verdicts("", FIELDS, BROUGHT, GIVEN, **names)

    assert {word for word, _ in seen.values()} == {"not-assessed"}, seen
    assert 'write logs.time = "ts"' in seen[FIELDS][1]
    assert 'write logs.request_id = "trace.id"' in seen[BROUGHT][1]


@pytest.mark.slow
def test_what_the_descriptor_rules_out(verdicts):
    """No header of ids, no field of accounts, no DSN."""
    seen, _, _ = verdicts("", GIVEN, USER, ADDRESSES, request_id_header="", user_id="")

    assert [word for word, _ in seen.values()] == ["not-applicable", "not-assessed", "not-assessed"], seen


@pytest.mark.slow
def test_passwords_of_addresses(verdicts, monkeypatch, tmp_path):
    """Those in the log from before the run count; one that is the user's name too counts in its address alone."""
    monkeypatch.setenv("STACKPROOF_POSTGRES_DSN", "postgresql://reader:notes-reader-42@db/notes")
    early = tmp_path / "start.log"
    early.write_text('{"message": "connecting to postgresql://reader:notes-reader-42@db/notes"}\n')
    files = [str(early), str(tmp_path / "notes.log")]
    leaked, evidence, _ = verdicts("", ADDRESSES, postgres={}, files=files)
    monkeypatch.setenv("STACKPROOF_POSTGRES_DSN", "postgresql://notes-reader-42:notes-reader-42@db/notes")
    early.write_text('{"message": "connecting as notes-reader-42"}\n')
    named, _, _ = verdicts("", ADDRESSES, postgres={}, files=files)

    assert leaked[ADDRESSES][0] == "violated"
    assert "the password in the DSN of PostgreSQL (as it is, start.log, field message)" in leaked[ADDRESSES][1]
    assert "notes-reader-42" not in evidence
    assert named[ADDRESSES][0] == "satisfied", named


@pytest.mark.slow
def test_passwords_of_the_service_itself(verdicts, tmp_path):
    """Those in its environment's file, in whatever form a DSN has; of a user that the harness does not share."""
    (tmp_path / "app.env").write_text(
        "# none\nNOTES_DB=postgresql+psycopg://app:a%2Fvery%40long-one@db/notes\nDEBUG=0\n"
    )
    early = tmp_path / "start.log"
    early.write_text('{"message": "settings", "password": "a/very@long-one"}\n')
    project = {"path": tmp_path, "env_file": tmp_path / "app.env"}
    files = [str(early), str(tmp_path / "notes.log")]
    leaked, evidence, _ = verdicts("", ADDRESSES, project=project, files=files)

    assert leaked[ADDRESSES][0] == "violated", leaked
    assert "the password in NOTES_DB of app.env" in leaked[ADDRESSES][1]
    assert "long-one" not in evidence
