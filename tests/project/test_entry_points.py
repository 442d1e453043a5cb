"""What a command line starts: through shells, runners and scripts."""

import time

import pytest

from stackproof.project.dockerfile import Command
from stackproof.project.programs_started import started_by

SCRIPTS = {
    "/entrypoint.sh": '#!/bin/sh\nset -e\npython manage.py migrate --noinput\nexec "$@"\n',
    "/as-user.sh": 'exec gosu app "$@"',
    "/either.sh": 'if [ "$DEBUG" = 1 ]; then\n  python manage.py runserver\nelse\n  exec gunicorn \\\n  app.wsgi\nfi\n',
    "/serve": "#!/usr/bin/env python\nimport x\n",
    "/again.sh": "sh /again.sh",
    "/odd.sh": "echo 'daphne\n",
}


def words(*given):
    """The exec form."""
    return Command(given, for_shell=False, line=1)


def shell(text):
    """The shell form."""
    return Command((text,), for_shell=True, line=1)


@pytest.mark.parametrize(
    ("entrypoint", "command", "programs"),
    [
        (None, words("daphne", "x"), ["daphne"]),
        (None, shell("exec daphne -b 0.0.0.0 app"), ["daphne"]),
        (None, shell("python manage.py migrate && python -m daphne x"), ["manage.py migrate", "daphne"]),
        (words("/entrypoint.sh"), words("daphne", "x"), ["set", "manage.py migrate", "daphne"]),
        (words("/entrypoint.sh"), shell("daphne x"), ["set", "manage.py migrate", "daphne"]),
        (words("sh", "/entrypoint.sh", "daphne"), None, ["set", "manage.py migrate", "daphne"]),
        (words("/as-user.sh"), words("uvicorn", "x"), ["uvicorn"]),
        (words("/either.sh"), None, ["[", "runserver", "gunicorn"]),
        (words("tini", "--"), words("uv", "run", "--frozen", "--no-dev", "daphne"), ["daphne"]),
        (words("uv", "run", "--group", "prod", "python", "-m", "gunicorn"), None, ["gunicorn"]),
        (None, words("/opt/venv/bin/daphne", "x"), ["daphne"]),
        (None, words("/opt/venv/bin/python", "/opt/venv/bin/daphne"), ["daphne"]),
        (None, words("sh", "-c", "poetry run python manage.py runserver 0:8000"), ["runserver"]),
        (None, words("python", "-u", "manage.py", "runserver"), ["runserver"]),
        (None, words("./manage.py", "runserver_plus"), ["runserver_plus"]),
        (None, words("django-admin", "runserver"), ["runserver"]),
        (None, words("python", "-m", "django", "runserver"), ["runserver"]),
        (words("python", "manage.py"), words("runserver"), ["runserver"]),
        (words("gunicorn"), words("-b", "x"), ["gunicorn"]),
        (shell("daphne x"), words("not", "looked", "at"), ["daphne"]),
        (None, words("wait-for-it.sh", "db:5432", "--", "gunicorn"), ["gunicorn"]),
        (None, words("timeout", "5", "daphne"), ["daphne"]),
        (None, words("gosu", "app", "daphne"), ["daphne"]),
        (None, shell("A=1 B=2 env C=3 gunicorn a > /dev/stdout 2>&1"), ["gunicorn"]),
        (None, words("opentelemetry-instrument", "daphne", "x"), ["daphne"]),
        (None, words("newrelic-admin", "run-program", "gunicorn"), ["gunicorn"]),
        (None, shell("echo daphne ; celery -A x worker"), ["echo", "celery"]),
        (None, words("conda", "run", "--no-capture-output", "-n", "env", "daphne", "x"), ["daphne"]),
        (None, words("micromamba", "run", "-p", "/opt/env", "python", "manage.py", "runserver"), ["runserver"]),
        (None, words("pixi", "run", "-e", "prod", "gunicorn"), ["gunicorn"]),
        (None, shell("$SERVER x"), ["daphne"]),
        (None, None, []),
        (None, words(), []),
    ],
)
def test_programs_are_told(entrypoint, command, programs):
    """The server, and what is started beside it."""
    found = started_by(entrypoint, command, {"SERVER": "daphne"}, SCRIPTS.get)
    assert [one.program for one in found] == programs


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        (words("supervisord", "-n"), "a file of its own"),
        (words("/nowhere.sh"), "not found in the project"),
        (words("/serve"), "is Python"),
        (words("python", "main.py"), "is Python"),
        (words("python", "-c", "x"), "a piece of Python"),
        (words("/again.sh"), "called by another one"),
        (words("/odd.sh"), "not understood"),
        (shell("${UNKNOWN} x"), "is not known"),
        (words(*["env"] * 3_000), "too many"),
    ],
)
def test_what_cannot_be_told_says_why(command, trouble):
    """Nothing is guessed."""
    found = started_by(None, command, {}, SCRIPTS.get)
    assert any(trouble in one.trouble for one in found), found
    assert not any(one.serves for one in found)


@pytest.mark.parametrize(
    "text",
    ["sh -c '" * 5_000, "a;" * 30_000, "a;" * 200_000, "'" * 60_001, "$" * 60_000, "x " * 30_000],
    ids=["shells", "commands", "too many commands", "quotes", "dollars", "words"],
)
def test_hostile_commands_take_no_time(text):
    """Deep, long and unclosed."""
    began = time.process_time()
    started_by(None, shell(text), {}, lambda _: text)
    assert time.process_time() - began < 10
