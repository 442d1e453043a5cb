"""`stackproof init` and then `stackproof run`, as a team would use them on a service that nobody here described."""

import json
import os
import subprocess
import sys
import tomllib

import pytest

from stackproof.descriptor.reading import parse_descriptor, read_descriptor
from tests.foreign import fastapi_oauth, flask_shop
from tests.foreign.launch import start

pytestmark = pytest.mark.slow


def command(service, *words, cwd=None, env=None):
    """Run `stackproof …` in the service's folder; nothing that it prints is a traceback or a secret."""
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", *map(str, words)],
        cwd=cwd or service.folder,
        env=env or service.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    if service:
        assert service.password not in done.stdout + done.stderr
    return done


def written(service, path="new.toml", url=None):
    """Let init describe the service; the file holds no secret and is a descriptor."""
    done = command(service, "init", url or service.base_url, "--output", path, "--budget", "100s")
    assert done.returncode == 0, done.stderr
    text = (service.folder / path).read_text()
    assert service.password not in text
    assert "eyJ" not in text
    assert service.username not in text
    read_descriptor(service.folder / path)
    return tomllib.loads(text), done


def verdicts(service, path="new.toml", only="jwt.*"):
    """The verdicts of a run with the file as init wrote it."""
    done = command(service, "run", "--target", path, "--only", only, "--allow-writes", "--json")
    return {one["id"]: one["verdict"] for one in json.loads(done.stdout)["requirements"] if one["id"].startswith("jwt")}


@pytest.mark.parametrize(
    ("module", "flags", "expected"),
    [
        (flask_shop, (), flask_shop.EXPECTED[None]),
        pytest.param(
            flask_shop, ("--fault", "refresh-month"), flask_shop.EXPECTED["refresh-month"], marks=pytest.mark.exhaustive
        ),
        (fastapi_oauth, (), fastapi_oauth.EXPECTED[None]),
        (fastapi_oauth, ("--fault", "access-hour"), fastapi_oauth.EXPECTED["access-hour"]),
        pytest.param(
            fastapi_oauth,
            ("--fault", "reuse-forever"),
            fastapi_oauth.EXPECTED["reuse-forever"],
            marks=pytest.mark.exhaustive,
        ),
    ],
    ids=["shop", "shop-refresh-month", "notes", "notes-access-hour", "notes-reuse-forever"],
)
def test_what_init_writes_gives_right_verdicts_without_an_edit(module, flags, expected):
    """Nested tokens with another scheme word and no document; FastAPI's tutorial with one: right both ways."""
    with start(module.__name__.rpartition(".")[2], *flags) as service:
        written(service)
        assert verdicts(service) == expected


def equal_parts(found, described):
    """The parts of [auth] that decide how a session lives, defaults filled in."""
    wanted = ("carrier", "scheme", "cookie_prefix", "login", "refresh", "logout", "protected", "csrf")
    return [(name, getattr(found.auth, name), getattr(described.auth, name)) for name in wanted]


@pytest.mark.parametrize(
    ("module", "flags"),
    [
        ("fastapi_cookies", ()),
        ("flask_cookies", ()),
        pytest.param("flask_cookies", ("--worded",), marks=pytest.mark.exhaustive),
        pytest.param("flask_cookies", ("--blocklist-of-refresh",), marks=pytest.mark.exhaustive),
        ("throttled", ()),
        pytest.param("stdlib_opaque", (), marks=pytest.mark.exhaustive),
        ("django_stock", ()),
        pytest.param("flask_shop", ("--cookie-session",), marks=pytest.mark.exhaustive),
        pytest.param("fastapi_oauth", (), marks=pytest.mark.exhaustive),
    ],
)
def test_init_finds_what_a_person_would_have_written(module, flags):
    """Cookies with CSRF, OAuth forms, opaque tokens in own headers, Django's stock routes: each operation is found."""
    with start(module, *flags) as service:
        written(service)
        found, described = read_descriptor(service.folder / "new.toml"), read_descriptor(service.descriptor)

    for name, mine, theirs in equal_parts(found, described):
        if name == "csrf" and mine:
            assert (mine.path, mine.cookie, mine.refresh_cookie) == (theirs.path, theirs.cookie, theirs.refresh_cookie)
            assert mine.header.lower() == theirs.header.lower()
        elif name in {"login", "refresh", "logout", "protected"}:
            assert (mine.method, mine.path, mine.format) == (theirs.method, theirs.path, theirs.format), name
        else:
            assert mine == theirs, name
    assert (found.auth.login.access, found.auth.login.refresh) == (
        described.auth.login.access,
        described.auth.login.refresh,
    )
    assert found.auth.refresh.token == described.auth.refresh.token


@pytest.mark.exhaustive
def test_djoser_routes():
    """The scheme word JWT, and the account below /auth/users/me/."""
    with start("django_stock", "--djoser") as service:
        data, _ = written(service)

    assert data["auth"]["scheme"] == "JWT"
    assert data["auth"]["login"]["path"] == "/auth/jwt/create/"
    assert data["auth"]["protected"]["path"] == "/auth/users/me/"


def test_a_service_without_refresh_tokens_is_not_said_to_have_none_by_design():
    """What was not seen is a comment that says what to fill in; the doctor says the same."""
    with start("norefresh") as service:
        data, done = written(service)
        text = (service.folder / "new.toml").read_text()
        doctor = command(service, "doctor", "--target", "new.toml")

    assert "refresh" not in data["auth"]
    assert "refresh_tokens" not in data["auth"]
    assert "# [auth.refresh]" in text
    assert "refresh_tokens = false" in text
    assert "not complete yet" in done.stdout
    assert doctor.returncode == 4
    assert "refresh_tokens = false under [auth], if that is by design" in doctor.stdout


def test_a_logout_that_revokes_nothing_is_not_taken_for_one():
    """A route that answers 2xx and leaves the refresh token working is left out, undocumented as it is."""
    with start("flask_shop", "--fault", "logout-nothing") as service:
        data, _ = written(service)
        text = (service.folder / "new.toml").read_text()

    assert "logout" not in data["auth"]
    assert "refresh token still worked" in text


def test_output_and_refusals():
    """To a pipe alone with the table beside it; no overwriting; JSON; a service that is down; no account."""
    with start("fastapi_oauth") as service:
        piped = command(service, "init", service.base_url, "--output", "-")
        again = command(service, "init", service.base_url, "--output", "stackproof.toml")
        forced = command(service, "init", service.base_url, "--force", "--json")
        bare = {key: value for key, value in os.environ.items() if not key.startswith("STACKPROOF_")}
        anonymous = command(service, "init", service.base_url, "--output", "anonymous.toml", env=bare)
        documented = tomllib.loads((service.folder / "anonymous.toml").read_text())
        below = command(service, "init", service.base_url, "--output", "no/such/folder.toml")

    assert tomllib.loads(piped.stdout)["auth"]["login"]["path"] == "/token"
    assert "how sure" in piped.stderr
    assert (again.returncode, "exists already" in again.stderr, again.stdout) == (2, True, "")
    data = json.loads(forced.stdout)
    assert data["complete"] is True
    assert {"key": "auth.scheme", "value": "Bearer", "sure": "seen", "why": "/users/me took the token so"} in data[
        "facts"
    ]
    assert "STACKPROOF_USERNAME" in anonymous.stdout
    assert documented["auth"]["login"]["access"] == "access_token"
    assert documented["auth"]["scheme"] == "Bearer"
    assert below.returncode == 2
    down = subprocess.run(
        [sys.executable, "-m", "stackproof", "init", service.base_url, "--output", "down.toml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (down.returncode, "gave no answer" in down.stderr) == (2, True)


def test_the_reference_service_describes_itself(tmp_path):
    """OpenAPI 3.1 from drf-spectacular behind TLS with a private authority: the same operations as its own file."""
    from stackproof.accounts.credentials import Credentials
    from stackproof.check import View
    from stackproof.discovery.discover import discover
    from stackproof.discovery.prober import Options
    from stackproof.discovery.writing import as_toml
    from stackproof.reference import Bench

    views = (View.HTTP, View.ACCOUNTS)
    with Bench("embedded", lambda _line: None) as bench, bench.service(views=views) as target:
        described = read_descriptor(target.descriptor)
        account = Credentials(os.environ["STACKPROOF_USERNAME"], os.environ["STACKPROOF_PASSWORD"])
        options = Options(described.target.base_url, described.target.ca)
        findings = discover(options, account, lambda _line: None)
    path = tmp_path / "stackproof.toml"
    path.write_text(as_toml(findings))
    found = parse_descriptor(tomllib.loads(path.read_text()), path)  # the service and its authority are gone

    for name, mine, theirs in equal_parts(found, described):
        assert mine == theirs, name
    assert found.api.document == "/api/schema/"
