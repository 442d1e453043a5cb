"""The service's own interpreter is asked, bounded, and tells no secret."""

import json
import os
import shlex
import sys
import time
from pathlib import Path

import pytest

from stackproof.check import NotAssessed
from stackproof.target import programs
from stackproof.target import project as module
from stackproof.target.project import secrets_of

DJANGO = "SECRET_KEY = 'k' * 50\nINSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']\n"


def interpreter(folder, *lines):
    """A program that stands where the descriptor names the interpreter."""
    path = folder / "python"
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)
    return path


def python_on(folder, *site_packages):
    """An interpreter that sees nothing but these folders of packages."""
    path = os.pathsep.join(str(one) for one in site_packages)
    return interpreter(folder, f'PYTHONPATH={shlex.quote(path)} exec {shlex.quote(sys.executable)} -S "$@"')


def install(folder, name, version, *headers):
    """A dist-info folder, as an installer leaves it."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *headers]
    (info / "METADATA").write_text("\n".join([*lines, ""]), encoding="utf-8")


# -- what stands in the way -------------------------------------------------------------------------------------


def test_an_interpreter_that_is_none_is_not_assessed(view, tmp_path):
    """A file that cannot be executed, and one that says something else."""
    broken = tmp_path / "broken"
    broken.write_text("no program", encoding="utf-8")
    with pytest.raises(NotAssessed, match="cannot be run"):
        view(broken)[0].installed()
    with pytest.raises(NotAssessed, match="no usable answer"):
        view(interpreter(tmp_path, "echo '{\"distributions\": []}'"))[0].installed()


def test_the_interpreters_own_words_are_the_reason(view, tmp_path, settings):
    """Of a traceback the exception and not its last line, which may be a hint."""
    with pytest.raises(NotAssessed, match="No module named 'absent_settings'"):
        view(settings_module="absent_settings")[0].settings()
    name = settings("long_words", "raise ValueError('DATABASE_URL is missing\\nsee https://docs.example')")
    with pytest.raises(NotAssessed, match=r"ValueError: DATABASE_URL is missing see https"):
        view(settings_module=name)[0].settings()
    with pytest.raises(NotAssessed, match="out of order"):
        view(interpreter(tmp_path, "echo 'out of order' >&2", "exit 3"))[0].installed()


@pytest.mark.parametrize("folder", ["src", "backend"])
def test_settings_of_a_source_folder_are_found(view, tmp_path, folder):
    """The folder that `manage.py` or an entry point puts on the import path: `src/`, or the one with a `manage.py`."""
    package = tmp_path / folder / "config" / "settings"
    package.mkdir(parents=True)
    (tmp_path / folder / "manage.py").touch()
    (package / "production.py").write_text(DJANGO + "DEBUG = False\n", encoding="utf-8")
    info = tmp_path / folder / "stray-9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stray\nVersion: 9\n", encoding="utf-8")

    made = view(settings_module="config.settings.production")[0]

    assert made.settings()["DEBUG"] is False
    assert "stray" not in made.installed()


def test_own_import_path_stays_beside_a_source_folder(view, tmp_path):
    """What project.env_file puts on the import path is not lost."""
    shared, package = tmp_path / "shared", tmp_path / "src" / "service"
    shared.mkdir()
    package.mkdir(parents=True)
    (shared / "corporate.py").touch()
    (package / "settings.py").write_text(DJANGO + "import corporate\n", encoding="utf-8")
    (tmp_path / "own.env").write_text(f"PYTHONPATH={shared}\n", encoding="utf-8")

    assert view(settings_module="service.settings", env_file="own.env")[0].settings()


def test_modules_that_are_nowhere_name_the_cure(view):
    """The service's own module was not found: the reason says how its folder is named; a missing package does not."""
    with pytest.raises(NotAssessed, match=r"No module named 'config'; .*PYTHONPATH=/that/folder in project\.env_file"):
        view(settings_module="config.settings")[0].settings()


def test_a_missing_package_is_not_called_a_folder(view, settings):
    """Only the service's own modules can be put on the path."""
    name = settings("lacking", "import no_such_package\n")
    with pytest.raises(NotAssessed, match="No module named 'no_such_package'") as told:
        view(settings_module=name)[0].settings()
    assert "PYTHONPATH" not in str(told.value)


def test_no_settings_module_is_not_assessed(view, monkeypatch):
    """The key that is missing is named."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    with pytest.raises(NotAssessed, match=r"project\.settings_module"):
        view()[0].settings()
    with pytest.raises(NotAssessed, match=r"project\.settings_module"):
        view()[0].ask("first_hasher")


@pytest.mark.parametrize(("load", "times"), [(0.1, 1.0), (2.0, 1.0), (4.0, 2.0), (90.0, 3.0)])
def test_a_busy_machine_gives_an_interpreter_more_time(monkeypatch, load, times):
    """As many times as programs wait for a processor, within a bound."""
    monkeypatch.setattr("os.getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    assert module.busy() == times


def test_an_interpreter_that_hangs_is_ended_with_its_children(view, tmp_path, monkeypatch):
    """A wrapper's child would outlive it and hold the pipes open."""
    monkeypatch.setattr(module, "WITHIN", 0.5)
    monkeypatch.setattr(module, "busy", lambda: 1.0)
    child = tmp_path / "child"
    python = interpreter(tmp_path, "sleep 60 &", f"echo $! > {shlex.quote(str(child))}", "wait")
    started = time.monotonic()
    with pytest.raises(NotAssessed, match=r"did not answer within 0\.5 s"):
        view(python)[0].installed()
    assert time.monotonic() - started < 10
    assert gone(int(child.read_text()))


def gone(pid):
    """Whether a process has ended (one that nobody waited for counts), within two seconds."""
    for _ in range(40):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_output_without_end_is_bounded(view, tmp_path, monkeypatch):
    """What it prints is read and dropped; only the last bytes are kept."""
    monkeypatch.setattr(module, "WITHIN", 1.0)
    monkeypatch.setattr(programs, "OUTPUT_CAP", 100_000)
    kept = []
    finished = module.finished
    monkeypatch.setattr(module, "finished", lambda *arguments: kept.append(finished(*arguments)) or kept[0])
    with pytest.raises(NotAssessed):
        view(interpreter(tmp_path, "exec yes"))[0].installed()
    assert len(kept[0][1]) == 100_000


def test_an_env_file_that_cannot_be_read_is_not_assessed(view, tmp_path):
    """Missing, or no text."""
    with pytest.raises(NotAssessed, match="No such file"):
        view(env_file="absent.env")
    (tmp_path / "binary.env").write_bytes(b"\xff\xfe")
    with pytest.raises(NotAssessed, match="UTF-8"):
        view(env_file="binary.env")


# -- packages ---------------------------------------------------------------------------------------------------


def test_packages_are_read_by_the_interpreter_that_is_named(view, tmp_path):
    """Names are normalised; requirements and Requires-Python come along; what cannot be read has no version."""
    site = tmp_path / "site"
    install(site, "Django_REST.framework", "3.16.0", "Requires-Dist: Django>=4.2", "Requires-Python: >=3.9")
    (site / "broken-1.0.dist-info").mkdir()
    seen, recorder = view(python_on(tmp_path, site))
    found = seen.installed()

    assert list(found) == ["django-rest-framework", "broken"]
    assert found["broken"].version == ""
    one = found["django-rest-framework"]
    assert (one.version, one.requires, one.requires_python) == ("3.16.0", ("Django>=4.2",), ">=3.9")
    assert one.location == str(site)
    assert seen.python_version() == sys.version.split()[0]
    assert seen.markers()["python_version"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert [record.kind for record in recorder.records] == ["command", "command"]


def test_two_copies_are_told_apart_from_a_shadowed_one(view, tmp_path):
    """In one folder nobody can tell; in two, the first on the path is imported; the same version is no conflict."""
    first, second = tmp_path / "first", tmp_path / "second"
    for version in ("5.1", "5.2"):
        install(first, "django", version)
    install(first, "celery", "5.6.1")
    install(second, "celery", "5.4.0")
    install(first, "redis", "5.2.0")
    install(second, "redis", "5.2.0")
    found = view(python_on(tmp_path, first, second))[0].installed()

    assert {found["django"].version, *found["django"].twice} == {"5.1", "5.2"}
    assert (found["celery"].version, found["celery"].twice, found["celery"].shadowed) == ("5.6.1", (), ("5.4.0",))
    assert (found["redis"].twice, found["redis"].shadowed) == ((), ())


def test_the_interpreter_is_asked_once(view, tmp_path):
    """What does not change during a run is cached for all views of a process; another interpreter is another."""
    count = tmp_path / "count"
    line = f'echo x >> {shlex.quote(str(count))}; exec {shlex.quote(sys.executable)} -S "$@"'
    python = interpreter(tmp_path, line)
    for _ in range(3):
        view(python)[0].installed()
    assert count.read_text() == "x\n"


# -- settings ---------------------------------------------------------------------------------------------------

SECRETS = {
    "settings key": "settings-key-0123456789-0123456789-0123456789",
    "signing key": "signing-key-0123456789",
    "database password": "db-pass",
    "libpq file password": "ssl-key-pass",
    "cache password": "ca/ch@e-pass",
    "cache option": "option-pass",
    "broker password": "broker-pass",
    "query": "query-pass",
    "channel key": "channel-encryption",
    "channel host": "channel-host-pass",
    "api keys": "api-key-1",
    "dsn": "libpq pass",
    "environment": "from-env-file-pass",
}
WITH_SECRETS = """
import os
_s = {secrets!r}
SECRET_KEY = _s["settings key"]
SIMPLE_JWT = {{"SIGNING_KEY": _s["signing key"].encode(), "ROTATE_REFRESH_TOKENS": True, "AUDIENCE": SECRET_KEY,
               "ACCESS_TOKEN_LIFETIME": __import__("datetime").timedelta(minutes=15), "USER_ID_CLAIM": "user_id"}}
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "HOST": "db.example",
             "USER": "shop", "PASSWORD": _s["database password"],
             "OPTIONS": {{"sslmode": "verify-full", "sslpassword": _s["libpq file password"]}}}}}}
CACHES = {{"default": {{"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://:" + _s["cache password"] +
          "@cache.example:6379/0", "OPTIONS": {{"PASSWORD": _s["cache option"]}}, "KEY_PREFIX": "shop"}}}}
CELERY_BROKER_URL = ["rediss://worker:" + _s["broker password"] + "@broker.example/0",
                     "redis://h/0?password=" + _s["query"] + "&db=1"]
CELERY_RESULT_BACKEND = "host=h password='" + _s["dsn"] + "' sslmode=require"
CELERY_BROKER_TRANSPORT_OPTIONS = {{"visibility_timeout": 3600, "api_keys": {{"customer": _s["api keys"]}}}}
CHANNEL_LAYERS = {{"default": {{"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {{
    "hosts": [{{"host": "h", "password": _s["channel host"]}}], "symmetric_encryption_keys": [_s["channel key"]]}}}}}}
CORS_ALLOWED_ORIGINS = ["https://shop.example"]
REST_FRAMEWORK = {{"DEFAULT_PERMISSION_CLASSES": [os.environ["SHOP_PASSWORD"]]}}
"""


def test_no_secret_of_the_settings_leaves_the_interpreter(view, tmp_path, settings):
    """Keys, passwords and credentials in URLs are masked there; what checks ask about is kept."""
    (tmp_path / ".env").write_text(f"# shop\nexport SHOP_PASSWORD='{SECRETS['environment']}'\n", encoding="utf-8")
    name = settings("with_secrets", WITH_SECRETS.format(secrets=SECRETS))
    seen, recorder = view(settings_module=name, env_file=".env")
    found = seen.settings()

    known_to_the_file = {"environment"}  # it has no secret's name among the settings: only the recorder knows it
    for what, secret in SECRETS.items():
        told, evidence = json.dumps(found), json.dumps([dict(record.detail) for record in recorder.records])
        assert what in known_to_the_file or secret not in told, what
        assert secret not in evidence, what
    assert found["SIMPLE_JWT"]["ACCESS_TOKEN_LIFETIME"] == {"seconds": 900.0}
    assert found["SIMPLE_JWT"]["ROTATE_REFRESH_TOKENS"] is True
    assert found["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert found["DATABASES"]["default"]["OPTIONS"]["sslmode"] == "verify-full"
    assert found["CACHES"]["default"]["LOCATION"] == "redis://[redacted]@cache.example:6379/0"
    assert found["CACHES"]["default"]["KEY_PREFIX"] == "shop"
    assert found["CHANNEL_LAYERS"]["default"]["CONFIG"]["hosts"][0]["host"] == "h"
    assert found["CELERY_BROKER_TRANSPORT_OPTIONS"]["visibility_timeout"] == 3600
    assert found["CELERY_BROKER_URL"][1] == "redis://h/0?password=[redacted]&db=1"
    assert found["CORS_ALLOWED_ORIGINS"] == ["https://shop.example"]
    assert found["INSTALLED_APPS"] == ["django.contrib.contenttypes", "django.contrib.auth"]
    assert len(found["PASSWORD_HASHERS"]) > 1
    assert "SECRET_KEY" not in found


def test_no_secret_of_the_environment_reaches_a_reason(view, tmp_path, settings):
    """Settings that break on a value like to show it."""
    (tmp_path / ".env").write_text("SHOP_TOKEN=token-0123456\nSHOP_URL=redis://:ur/l-pass@h/0\n", encoding="utf-8")
    broken = "import os\nraise ValueError(os.environ['SHOP_TOKEN'] + ' and ' + os.environ['SHOP_URL'] + ' are bad')"
    name = settings("showing", broken)
    with pytest.raises(NotAssessed, match="are bad") as caught:
        view(settings_module=name, env_file=".env")[0].settings()
    assert "token-0123456" not in str(caught.value)
    assert "ur/l-pass" not in str(caught.value)


def test_secrets_of_an_environment_are_known_by_name_and_by_shape():
    """Folders that a name ends in "pwd" are none, nor are short words."""
    variables = {
        "PWD": "/srv/shop",
        "DB_PASSWORD": "secret-1",
        "A_TOKEN": "yes",
        "URL": "redis://u:p%40ss@h/0",
        "X": "plain",
    }

    assert set(secrets_of(variables)) == {"secret-1", "p%40ss", "p@ss"}


def test_lines_that_the_service_prints_itself_are_no_answer(view, settings):
    """Logs in JSON before and after the answer, on the same stream."""
    noise = "import atexit, json\nprint(json.dumps({'event': 'start'}), end='')\n"
    noise += "atexit.register(lambda: print(json.dumps({'event': 'stop'})))\n"
    name = settings("noisy", noise)

    assert view(settings_module=name)[0].settings()["INSTALLED_APPS"]
