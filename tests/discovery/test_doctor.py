"""`stackproof doctor`: what is closed, what it would decide, and in plain words why an operation does not work."""

import json
import re
import sys
import tomllib

import pytest

from stackproof.absent import with_what_follows
from stackproof.check import View
from stackproof.commands.doctor import _decides
from stackproof.descriptor.model import Project
from stackproof.descriptor.reading import parse_descriptor, read_descriptor
from stackproof.doctor.behind import look_behind
from stackproof.doctor.operations import examine
from stackproof.doctor.sight import LINES, sights
from stackproof.evidence import Redactor
from stackproof.harness import reference_specification
from stackproof.registry import load_checks
from stackproof.spec import read
from stackproof.target.views import open_views
from tests.discovery.test_init import command
from tests.foreign.launch import start


@pytest.fixture(scope="module")
def views():
    """The views of a target of which nothing is known but its URL."""
    descriptor = parse_descriptor({"target": {"base_url": "http://127.0.0.1:9"}}, reference_specification())
    specification = read(reference_specification())

    def seen(profile, unused=()):
        project = Project(path=".", unused=unused) if unused else None
        return {one.view: one for one in sights(specification, load_checks(), open_views(descriptor), profile, project)}

    return seen


def test_every_view_says_what_it_would_decide(views):
    """Each view has lines to add; what the profile needs is marked."""
    full, remote = views("full"), views("remote")

    assert set(LINES) == set(View)
    assert "version.postgresql" in full[View.POSTGRES].document
    assert full[View.POSTGRES].required
    assert not remote[View.POSTGRES].required
    assert remote[View.ACCOUNTS].required
    assert all(one.reason for one in full.values() if not one.open)


def test_what_the_service_does_not_use_needs_no_view(views):
    """A service without containers has no engine; one that does not say so needs the view."""
    assert views("full")[View.ENGINE].required
    assert not views("full", ("version.docker", "version.docker-compose"))[View.ENGINE].required


def test_a_service_without_python_is_told_no_lines_of_pythons(tmp_path):
    """Its table has a path; a second [project] would be no TOML, and an interpreter there is none."""

    def seen(**project):
        data = {"target": {"name": "x"}, "project": {"path": ".", **project}}
        descriptor = with_what_follows(parse_descriptor(data, tmp_path / "stackproof.toml"), specification)
        views = sights(specification, load_checks(), open_views(descriptor), "full", descriptor.project)
        return {one.view: one for one in views}

    specification = read(reference_specification())
    undecided = seen()[View.PROJECT]
    assert not any(one.startswith(("[project]", "python")) for one in undecided.lines)
    assert '# into [project]: python = ".venv/bin/python"' in undecided.lines
    assert '# or, where there is no Python: unused = ["version.python"]' in undecided.lines
    assert not any("env_file" in one for one in seen(env_file="x.env")[View.PROJECT].lines)
    without = seen(unused=["version.python", "version.django", "version.celery"])
    assert "[[attestations]]" in str(without[View.PROJECT].lines)
    assert "inside of Python alone" in without[View.PROJECT].reason
    assert not {one for one in without[View.PROJECT].document if one.startswith(("version.", "compatibility."))}
    assert "redis.purpose.cache" in without[View.PROJECT].document
    assert not without[View.IMAGE].document
    assert _decides(without[View.IMAGE]).endswith("of things that project.unused lists")


def test_lines_to_add_are_lines_of_a_descriptor(tmp_path):
    """Put together they are a valid stackproof.toml."""
    shown = [line for view, lines in LINES.items() for line in lines if not line.startswith("export ")]
    path = tmp_path / "stackproof.toml"
    path.write_text("\n".join(shown))

    assert parse_descriptor(tomllib.loads(path.read_text()), path).project is not None


CHANGES = [
    ("fastapi_oauth", 'path = "/token"', 'path = "/tokens"', "login", "correct auth.login.path"),
    ("fastapi_oauth", 'access = "access_token"', 'access = "jwt"', "login", 'auth.login.access = "access_token"'),
    ("fastapi_oauth", 'path = "/token/refresh"\ntoken = "refresh_token"', 'path = "/token/refresh"\ntoken = "refresh"',
     "refresh", 'auth.refresh.token = "refresh_token"'),
    ("fastapi_oauth", 'path = "/users/me"', 'path = "/openapi.json"', "protected", "name another auth.protected.path"),
    ("fastapi_oauth", 'format = "form"', 'format = "form"\nusername_field = "email"', "login",
     'auth.login.username_field = "username"'),
    ("flask_cookies", 'header = "X-CSRF-TOKEN"', 'header = "X-Proof"', "refresh", "[auth.csrf] with cookie and header"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("module", ["fastapi_oauth", "flask_cookies"])
def test_troubles_are_named_with_the_line_that_cures_them(module, monkeypatch):
    """Wrong path, wrong field, wrong place, nothing protected: each gets its own sentence."""
    with start(module) as service:
        monkeypatch.setenv("STACKPROOF_USERNAME", service.username)
        monkeypatch.setenv("STACKPROOF_PASSWORD", service.password)
        original = service.descriptor.read_text()
        for _, old, new, subject, cure in (one for one in CHANGES if one[0] == module):
            assert old in original
            service.descriptor.write_text(original.replace(old, new, 1))
            found = examine(read_descriptor(service.descriptor), Redactor(), 30)
            troubles = [one for one in found if one.state == "trouble"]
            assert [one.subject for one in troubles] == [subject], (new, found)
            assert cure in troubles[0].cure
            assert service.password not in repr(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "flags", "code", "said"),
    [
        ("fastapi_oauth", (), 0, "many_sessions = true under [accounts]"),
        ("flask_shop", ("--one-session",), 0, "ready: stackproof run"),
        (
            "flask_shop",
            ("--misdescribed",),
            4,
            "refresh: with a fresh refresh token POST /v2/session/renew answered 403",
        ),
        ("flask_shop", ("--fault", "logout-nothing"), 0, "but the refresh token still works"),
        ("throttled", ("--window", "3600", "--allowed", "0", "--no-retry-after"), 4, "auth.logins_per_minute"),
    ],
    ids=["notes", "one-session", "misdescribed", "logout-nothing", "throttled"],
)
def test_the_doctor_says_whether_a_run_would_see_everything(module, flags, code, said):
    """0 where the profile's views are open and work, else 4."""
    with start(module, *flags) as service:
        done = command(service, "doctor", "--target", service.descriptor)

    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout
    assert not re.search(r"eyJ[\w-]{8}", done.stdout)
    if "--one-session" in flags:
        assert "many_sessions = true" not in done.stdout


@pytest.mark.slow
def test_the_same_for_programs():
    """JSON, with every view and every finding."""
    with start("fastapi_oauth") as service:
        data = json.loads(command(service, "doctor", "--target", service.descriptor, "--json").stdout)

    assert data["ready"] is True
    assert {one["view"] for one in data["views"]} == {view.value for view in View}
    assert {one["subject"] for one in data["operations"]} >= {"reach", "login", "protected", "refresh", "logout"}


def test_of_alternatives_one_is_enough(tmp_path):
    """What is installed in the project's interpreter decides the rows; an image need not be named beside it."""
    specification, checks = read(reference_specification()), load_checks()
    alone = {"target": {"name": "x"}, "project": {"path": "."}}
    closed = {}
    for name, python in (("files", {}), ("installed", {"python": sys.executable, "settings_module": "x"})):
        described = {**alone, "project": {**alone["project"], **python}}
        openings = open_views(parse_descriptor(described, tmp_path / "stackproof.toml"))
        found = sights(specification, checks, openings, "full")
        closed[name] = {one.view for one in found if one.required and not one.open}

    assert View.PROJECT in closed["files"]
    assert View.PROJECT not in closed["installed"]
    assert not any(View.IMAGE in views for views in closed.values())


def test_a_line_for_a_person_has_a_few_ids(views):
    """A view that decides a hundred requirements is told by their number and the first of them."""
    for one in views("full").values():
        assert len(_decides(one)) < 600, one.view
        assert str(len(one.derived) or "") in _decides(one)


def test_what_cannot_be_reached_or_read_is_told(tmp_path, monkeypatch):
    """A service that is down, and a file that is none."""
    monkeypatch.setenv("STACKPROOF_USERNAME", "a")
    monkeypatch.setenv("STACKPROOF_PASSWORD", "b")
    descriptor = parse_descriptor({"target": {"base_url": "http://127.0.0.1:9"}}, tmp_path / "x")

    found = examine(descriptor, Redactor(), 10)

    assert found[0].subject == "reach"
    assert found[0].state == "trouble"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"success": False, "error": {"message": "emailAddress is required"}}, "and says 'emailAddress is required'"),
        ({"code": "E_INPUT", "hint": "send a passphrase"}, "and says 'send a passphrase'"),
        ({"message": "no\x1b[2J " + "x" * 500}, "and says 'no"),
        ({"message": {"error": {"detail": {"message": "too deep"}}}}, "answered 400"),
        ([], "answered 400"),
    ],
)
def test_a_refused_login_is_told_in_the_services_own_words(serve, tmp_path, monkeypatch, body, said):
    """Whatever its fields are called, the service's message names them; it stays one short line."""
    monkeypatch.setenv("STACKPROOF_USERNAME", "reader@example.com")
    monkeypatch.setenv("STACKPROOF_PASSWORD", "a-long-password")
    url, _ = serve(lambda *_: (400, {}, body))
    data = {"target": {"base_url": url}, "auth": {"login": {"path": "/in"}, "protected": {"path": "/me"}}}

    found = examine(parse_descriptor(data, tmp_path / "stackproof.toml"), Redactor(), 20)

    told = next(one for one in found if one.subject == "login").text
    assert said in told
    assert "\x1b" not in told
    assert len(told) < 300


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"error": "invalid_request", "error_description": "no client authentication mechanism provided"}, True),
        ({"error": "unauthorized_client", "error_description": "the client is unknown"}, True),
        ({"error": "invalid_request", "error_description": "username is missing"}, False),
        ({"error": "invalid_grant", "error_description": "wrong password of the client's user"}, False),
    ],
)
def test_an_authorization_server_asks_which_client_it_is(serve, tmp_path, monkeypatch, body, missing):
    """Some say so by another code than invalid_client; their description tells."""
    monkeypatch.setenv("STACKPROOF_USERNAME", "reader@example.com")
    monkeypatch.setenv("STACKPROOF_PASSWORD", "a-long-password")
    url, _ = serve(lambda *_: (400, {}, body))
    data = {"target": {"base_url": url}, "auth": {"login": {"path": "/token"}, "protected": {"path": "/me"}}}

    found = examine(parse_descriptor(data, tmp_path / "stackproof.toml"), Redactor(), 20)

    told = next(one for one in found if one.subject == "login")
    assert body["error_description"] in told.text
    assert ("[auth.client]" in told.cure) is missing


def behind(tables, tmp_path, *required):
    """What the doctor says of the parts behind a service."""
    data = {"target": {"base_url": "http://127.0.0.1:9"}, **tables}
    descriptor = parse_descriptor(data, tmp_path / "stackproof.toml")
    found = look_behind(descriptor, Redactor(), open_views(descriptor), required)
    return {one.subject: one for one in found}


def test_what_stands_behind_is_tried(tmp_path):
    """A view that is described and does not open is no "open" to rely on: its own words are told before a run."""
    (tmp_path / "good.py").write_text("SECRET_KEY = 'k' * 50\n")
    project = {"path": str(tmp_path), "python": sys.executable, "settings_module": "good"}
    tables = {
        "postgres": {"dsn": "postgresql://reader:hidden-word@127.0.0.1:9/none"},
        "redis": {"cache": {"url": "redis://:hidden-word@127.0.0.1:9/0"}},
        "project": project,
    }
    found = behind(tables, tmp_path, View.POSTGRES, View.PROJECT)

    assert [found[one].state for one in ("postgres", "redis.cache", "project", "settings")] == [
        "trouble",
        "remark",  # the profile needs no Redis
        "ok",
        "ok",
    ]
    assert "redis.broker" not in found
    assert "hidden-word" not in repr(found)


def test_a_long_path_does_not_push_the_cure_out(tmp_path):
    """An interpreter deep below the root: what to do stands last in the reason."""
    deep = tmp_path / "a-folder-of-some-length" / ("x" * 120)
    deep.mkdir(parents=True)
    python = deep / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    project = {"path": str(tmp_path), "python": str(python), "settings_module": "absent"}
    found = behind({"project": project}, tmp_path, View.PROJECT)
    assert found["settings"].state == "trouble"
    assert found["settings"].text.endswith("PYTHONPATH=/that/folder in project.env_file leads there")


def test_nothing_is_tried_that_is_not_described(tmp_path):
    """A service of which only the URL is known."""
    assert behind({}, tmp_path, View.POSTGRES) == {}
