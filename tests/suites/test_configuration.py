"""The checks of the configuration on small projects that are not ours, both ways."""

import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.harness import reference_specification
from stackproof.spec import read
from stackproof.target.http import NoAnswer
from stackproof.target.project import ProjectView

DEPLOY = "configuration/deploy::deployment_checks_are_content"
OTHERS = "configuration/deploy::no_other_message_is_left"
HOSTS = "configuration/deploy::allowed_hosts_are_the_services_own"
EMPTY = "configuration/environment::empty_environment_is_refused"
MISSING = "configuration/environment::missing_variable_is_refused"
MALFORMED = "configuration/environment::malformed_variable_is_refused"
SCAN = "configuration/repository::tracked_files_hold_no_secret"
RUNNING = "configuration/repository::running_secrets_stand_in_no_tracked_file"

KEY = (
    "".join(chr(33 + (number * 37) % 80) for number in range(60)).replace("'", "x").replace('"', "y").replace("\\", "z")
)
HARDENED = """
DEBUG = False
ALLOWED_HOSTS = ["shop.example.com"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
CSRF_COOKIE_SECURE = True
"""
TYPED = """
from pydantic_settings import BaseSettings, SettingsConfigDict
class Environment(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    secret_key: str
    port: int = 5432
    debug: bool = False
"""


class Silent:
    """A client that nobody answers."""

    def send(self, request, **_):
        raise NoAnswer("nobody is there")


class Answering:
    """A client that is answered with these headers, and refused where the name is a strange one."""

    def __init__(self, *, refuses=False, **headers):
        self.headers, self.refuses = headers, refuses

    def send(self, request, **_):
        strange = self.refuses and "Host" in request.headers
        return SimpleNamespace(
            status=421 if strange else 200,
            headers={name.replace("_", "-"): value for name, value in self.headers.items()},
            describe=lambda: "GET / answered",
            as_evidence=dict,
        )


@pytest.fixture
def judged(check, tmp_path):
    """Run a check on the project in `tmp_path`."""
    seen = []

    def run(name, requirement, *, http=None, settings_module="shop_settings", **project):
        given = {"path": str(tmp_path), "python": sys.executable, "settings_module": settings_module, **project}
        data = {"target": {"base_url": "http://127.0.0.1"}, "project": given}
        descriptor = parse_descriptor(data, tmp_path / "stackproof.toml")
        redactor = Redactor()
        recorder = Recorder(redactor)
        seen.append(recorder)
        view = ProjectView(descriptor, recorder, redactor)
        views = {"project": view, "descriptor": descriptor, "http": http or Silent()}
        return check(name, requirement, specification=DERIVED, **views)

    run.recorders = seen
    return run


DERIVED = read(reference_specification())


@pytest.fixture
def project(tmp_path):
    """Write the project: its settings, its variables, and further files."""

    def write(text, variables=None, **files):
        (tmp_path / "shop_settings.py").write_text(text, encoding="utf-8")
        if variables is not None:
            lines = "".join(f"{name}={value}\n" for name, value in variables.items())
            (tmp_path / "shop.env").write_text(lines, encoding="utf-8")
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(content, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def repository(tmp_path):
    """Make the folder a Git repository that tracks these files, and those that are there."""

    def make(**files):
        for name, content in files.items():
            path = tmp_path / name.replace("___", "/").replace("__", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        for words in (["init", "-q"], ["add", "--all"]):
            subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    return make


def with_key(text):
    """Settings with a strong key."""
    return f"SECRET_KEY = {KEY!r}\n{text}"


POINTS = {
    "configuration.security-middleware": 'MIDDLEWARE.remove("django.middleware.security.SecurityMiddleware")',
    "configuration.hsts-setting": "SECURE_HSTS_SECONDS = 0",
    "configuration.nosniff": "SECURE_CONTENT_TYPE_NOSNIFF = False",
    "configuration.referrer-policy": "SECURE_REFERRER_POLICY = 'whatever'",
    "configuration.frame-options": 'MIDDLEWARE.remove("django.middleware.clickjacking.XFrameOptionsMiddleware")',
    "configuration.csrf-cookie": "CSRF_COOKIE_SECURE = False",
    "configuration.session-cookie": 'INSTALLED_APPS.append("django.contrib.sessions")\nSESSION_COOKIE_HTTPONLY = True',
    "configuration.secret-key": "SECRET_KEY = 'django-insecure-' + SECRET_KEY",
    "configuration.debug-off": "DEBUG = True",
}


def test_each_point_of_the_deployment_checks_is_violated(judged, project):
    """All of them broken at once, each is told by its own requirement."""
    others = "\n".join(text for point, text in POINTS.items() if point != "configuration.security-middleware")
    project(with_key(HARDENED + others + "\n"))
    for point in POINTS:
        if point != "configuration.security-middleware":
            with pytest.raises(Violation, match="security"):
                judged(DEPLOY, point)


def test_settings_without_their_middleware_are_void(judged, project):
    """The settings are there, and nothing reads them."""
    project(with_key(HARDENED + POINTS["configuration.security-middleware"] + "\n"))
    for point in ("security-middleware", "hsts-setting", "nosniff", "referrer-policy"):
        with pytest.raises(Violation, match=r"security\.W001"):
            judged(DEPLOY, f"configuration.{point}")


def test_a_hardened_project_is_content(judged, project):
    """Every point holds, and what is not installed is not applicable."""
    project(with_key(HARDENED))
    for point in POINTS:
        if point == "configuration.session-cookie":
            with pytest.raises(NotApplicable, match="no sessions"):
                judged(DEPLOY, point)
        else:
            assert "raises none" in judged(DEPLOY, point)
    assert "no further message" in judged(OTHERS, "configuration.deploy-checks")
    assert "names 1 hosts" in judged(HOSTS, "configuration.allowed-hosts")


def test_what_the_project_silences_is_not_assessed_and_told(judged, project):
    """Somebody had a reason; the report says so, and no verdict is made of it. DEBUG is no matter of opinion."""
    silenced = "SECURE_HSTS_SECONDS = 0\nDEBUG = True\nSILENCED_SYSTEM_CHECKS = ['security.W004', 'security.W018']\n"
    project(with_key(HARDENED + silenced))
    with pytest.raises(NotAssessed, match=r"silences security\.W004"):
        judged(DEPLOY, "configuration.hsts-setting")
    with pytest.raises(Violation, match="DEBUG"):
        judged(DEPLOY, "configuration.debug-off")
    assert "security.W004" in judged(OTHERS, "configuration.deploy-checks")


def test_a_header_on_the_wire_decides(judged, project):
    """A proxy may set what the settings leave out."""
    project(with_key(HARDENED + "SECURE_HSTS_SECONDS = 0\nMIDDLEWARE.clear()\n"))
    front = Answering(strict_transport_security="max-age=63072000", content_security_policy="frame-ancestors 'none'")
    assert "carry it" in judged(DEPLOY, "configuration.hsts-setting", http=front)
    assert "carry it" in judged(DEPLOY, "configuration.frame-options", http=front)
    with pytest.raises(Violation):
        judged(DEPLOY, "configuration.nosniff", http=front)
    with pytest.raises(Violation):
        judged(DEPLOY, "configuration.hsts-setting", http=Answering(server="nginx"))


def test_every_host_is_admitted(judged, project):
    """'*' is a violation, except where something before the service refuses strange names."""
    project(with_key(HARDENED + "ALLOWED_HOSTS = ['*']\n"))
    with pytest.raises(Violation, match=r"'\*'"):
        judged(HOSTS, "configuration.allowed-hosts")
    with pytest.raises(Violation, match=r"'\*'"):
        judged(HOSTS, "configuration.allowed-hosts", http=Answering())
    assert "refused" in judged(HOSTS, "configuration.allowed-hosts", http=Answering(refuses=True))


def test_a_project_without_django_is_not_assessed(judged, check):
    """A Flask service has none of these checks; the descriptor can say that it has no Django."""
    with pytest.raises(NotAssessed, match=r"settings_module"):
        judged(DEPLOY, "configuration.debug-off", settings_module="")
    with pytest.raises(NotAssessed, match=r"settings_module"):
        judged(EMPTY, "configuration.no-start-without-environment", settings_module="")
    flask = SimpleNamespace(installed=lambda: {"flask": None}, unused=())
    views = {"http": Silent(), "specification": DERIVED}
    with pytest.raises(NotAssessed, match="Django is not installed"):
        check(DEPLOY, "configuration.debug-off", project=flask, **views)
    flask.unused = ("version.django",)
    with pytest.raises(NotApplicable, match=r"version\.django"):
        check(DEPLOY, "configuration.debug-off", project=flask, **views)


GOOD = {"SHOP_SECRET_KEY": KEY, "SHOP_PORT": "5433"}


def test_typed_settings_that_fail_fast(judged, project):
    """Nothing, a variable less, and a word for a number: each ends the start."""
    project(TYPED + "SECRET_KEY = Environment().secret_key\n", GOOD)
    assert "SHOP_SECRET_KEY" in judged(MISSING, "configuration.required-variables", env_file="shop.env")
    assert "SHOP_PORT" in judged(MALFORMED, "configuration.typed-variables", env_file="shop.env")
    seen = judged(EMPTY, "configuration.no-start-without-environment", env_file="shop.env")
    assert "is named" in seen
    for recorder in judged.recorders:
        assert KEY not in repr(recorder.records)


def test_settings_that_pass_over_what_is_missing(judged, project):
    """The error of pydantic is caught, and defaults take over."""
    lenient = f"try:\n    SECRET_KEY = Environment().secret_key\nexcept ValueError:\n    SECRET_KEY = {'d' * 50!r}\n"
    project(TYPED + lenient, GOOD)
    with pytest.raises(Violation, match="SHOP_SECRET_KEY is missing"):
        judged(MISSING, "configuration.required-variables", env_file="shop.env")
    with pytest.raises(Violation, match="SHOP_PORT is malformed"):
        judged(MALFORMED, "configuration.typed-variables", env_file="shop.env")
    with pytest.raises(Violation, match="stands in the code"):
        judged(EMPTY, "configuration.no-start-without-environment", env_file="shop.env")


def test_plain_variables_with_and_without_a_default(judged, project):
    """os.environ[…] ends the start; a default starts with a key that everybody knows; both are untyped."""
    project("import os\nSECRET_KEY = os.environ['SHOP_SECRET_KEY']\n", GOOD)
    seen = judged(EMPTY, "configuration.no-start-without-environment", env_file="shop.env")
    assert "SHOP_SECRET_KEY is named" in seen
    with pytest.raises(NotAssessed, match="no pydantic-settings class"):
        judged(MALFORMED, "configuration.typed-variables", env_file="shop.env")
    project("import os\nSECRET_KEY = os.environ.get('SHOP_SECRET_KEY', 'only-for-development')\n", GOOD)
    with pytest.raises(Violation, match="stands in the code"):
        judged(EMPTY, "configuration.no-start-without-environment", env_file="shop.env")


def test_variables_from_elsewhere_say_nothing(judged, project):
    """A .env file of the project's own fills what is taken out: the start succeeds, rightly."""
    own = TYPED.replace('env_prefix="SHOP_"', 'env_prefix="SHOP_", env_file="own.env"')
    lines = "".join(f"{name}={value}\n" for name, value in GOOD.items())
    project(own + "SECRET_KEY = Environment().secret_key\n", GOOD, own__env=lines)
    with pytest.raises(NotAssessed, match="elsewhere"):
        judged(EMPTY, "configuration.no-start-without-environment", env_file="shop.env")
    with pytest.raises(NotAssessed, match="other sources"):
        judged(MISSING, "configuration.required-variables", env_file="shop.env")


def test_settings_that_do_not_load_at_all_are_not_assessed(judged, project):
    """The control: with everything in place the start succeeds."""
    project("raise RuntimeError('no')\n", GOOD)
    for name, requirement in ((EMPTY, "no-start-without-environment"), (MISSING, "required-variables")):
        with pytest.raises(NotAssessed, match="as it is"):
            judged(name, f"configuration.{requirement}", env_file="shop.env")


PEM = "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n" * 3
SECRETS = {
    "a Django key": {
        "shop___settings__py": f"SECRET_KEY = {'django-' + 'insecure-' + 'q1w2e3r4t5y6u7i8o9p0azsxdcfvgb'!r}\n"
    },
    "a key in a .env": {"deploy__env": "SECRET_KEY=" + "q1w2e3r4t5y6u7i8o9p0azsxdcfvgb" + "\n"},
    "a private key": {"tls___server__key": PEM},
    "a private key in code": {"keys__py": f'KEY = """{PEM}"""\n'},
    "an AWS key": {"deploy__sh": "export AWS=" + "AKIA" + "Q3EG4UXNFB7YTRZL" + "\n"},
    "a GitHub token": {"ci__yml": "token: " + "ghp_" + "a8Fk2LmN4pQr6StU8vWx0YzB1cDe3FgH5iJk" + "\n"},
    "a password in a URL": {"settings__yml": "db: postgres://shop:" + "Tr0ub4dor-x7" + "@db.shop.com/shop\n"},
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_in_a_tracked_file_is_found_and_not_shown(judged, repository, kind):
    """File, line and kind are told, and never the secret."""
    repository(**SECRETS[kind])
    with pytest.raises(Violation, match=r":1 \(") as caught:
        judged(SCAN, "configuration.no-secret-in-repository", settings_module="")
    words = re.findall(r"[A-Za-z0-9-]{12,}", next(iter(SECRETS[kind].values())))
    assert [one for one in words if one in str(caught.value)] == []


HARMLESS = {
    "a lookup": {
        "settings__py": "import os\nSECRET_KEY = os.environ['SECRET_KEY']\nK = os.getenv('SECRET_KEY', 'x' * 40)\n"
    },
    "a placeholder": {"app__env__example": "SECRET_KEY=change-me-to-a-long-random-value\n"},
    "a template": {"compose__yml": "url: postgres://shop:${DB_PASSWORD}@db.shop.com/shop\n"},
    "a machine of one's own": {"compose__yml": "url: postgres://shop:s3cr3t-pass@localhost/shop\n"},
    "a service of compose": {"compose__yml": "url: postgres://shop:s3cr3t-pass@db/shop\n"},
    "a test's password": {
        "tests___test_login__py": "PASSWORD = 'correct horse battery'\nURL = 'https://a:longpass1@shop.com'\n"
    },
    "a test's key": {"tests___key__pem": PEM},
    "the words alone": {"keys__py": "if '-----BEGIN " + "PRIVATE KEY-----' in text:\n    pass\n"},
    "AWS's example": {"aws__md": "AKIA" + "IOSFODNN7EXAMPLE\n"},
    "development settings": {"settings___local__py": "SECRET_KEY = 'q1w2e3r4t5y6u7i8o9p0azsxdcfvgb'\n"},
    "a comment accepts it": {"a__py": "SECRET_KEY = 'q1w2e3r4t5y6u7i8o9p0azsxdcfvgb'  # pragma: allowlist secret\n"},
    "hashes and ids": {
        "a__json": '{"sha": "' + "0a1b2c3d4e5f" * 5 + '", "id": "550e8400-e29b-41d4-a716-446655440000"}\n'
    },
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_is_no_secret_is_left_alone(judged, repository, kind):
    """Lookups, placeholders, templates and what tests make up."""
    repository(**HARMLESS[kind])
    assert "no secret in" in judged(SCAN, "configuration.no-secret-in-repository", settings_module="")


def test_a_baseline_accepts_what_was_audited(judged, repository, tmp_path):
    """Its hashes are those of detect-secrets; what was audited as a real secret is one."""
    import hashlib
    import json

    value = "q1w2e3r4t5y6u7i8o9p0azsxdcfvgb"
    found = {"hashed_secret": hashlib.sha1(value.encode()).hexdigest(), "type": "SECRET_KEY", "line_number": 1}
    for audited, accepted in (({}, True), ({"is_secret": False}, True), ({"is_secret": True}, False)):
        baseline = {"results": {"settings.py": [found | audited]}}
        repository(settings__py=f"SECRET_KEY = {value!r}\n")
        (tmp_path / ".secrets.baseline").write_text(json.dumps(baseline), encoding="utf-8")
        if accepted:
            assert "accepted" in judged(SCAN, "configuration.no-secret-in-repository", settings_module="")
        else:
            with pytest.raises(Violation):
                judged(SCAN, "configuration.no-secret-in-repository", settings_module="")


def test_what_git_does_not_track_is_not_looked_at(judged, repository, tmp_path):
    """A .env file beside the code is where secrets belong; without Git nothing is said."""
    with pytest.raises(NotAssessed, match="no Git repository"):
        judged(SCAN, "configuration.no-secret-in-repository", settings_module="")
    repository(a__py="pass\n")
    (tmp_path / "server.key").write_text(PEM, encoding="utf-8")
    assert "no secret in 1" in judged(SCAN, "configuration.no-secret-in-repository", settings_module="")


def test_a_scanner_that_is_missing_is_named(judged, repository, monkeypatch):
    """The extra that brings it."""
    repository(a__py="pass\n")
    monkeypatch.setitem(sys.modules, "detect_secrets", None)
    with pytest.raises(NotAssessed, match=r"stackproof\[secrets\]"):
        judged(SCAN, "configuration.no-secret-in-repository", settings_module="")


def test_a_running_secret_in_a_tracked_file(judged, project, repository):
    """The key that the service runs with, wherever it stands; a short password is an ordinary word."""
    settings = "import os\nSECRET_KEY = os.environ['SHOP_SECRET_KEY']\n"
    settings += (
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'x', 'PASSWORD': 'postgres'}}\n"
    )
    project(settings, GOOD)
    repository(notes__md="the database is called postgres\n", __gitignore="shop.env\n")
    seen = judged(RUNNING, "configuration.running-secrets-not-tracked", env_file="shop.env")
    assert "SECRET_KEY" in seen
    repository(notes__md=f"line\nkey: {KEY}\n")
    with pytest.raises(Violation, match=r"SECRET_KEY in notes\.md:2") as caught:
        judged(RUNNING, "configuration.running-secrets-not-tracked", env_file="shop.env")
    assert KEY not in str(caught.value)
    for recorder in judged.recorders:
        assert KEY not in repr(recorder.records)
