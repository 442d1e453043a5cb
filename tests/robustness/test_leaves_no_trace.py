"""What a run leaves behind: no secret anywhere, and nothing in the target but what ordinary use leaves."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import jwt
import psycopg
import pytest
from psycopg import sql

from stackproof.descriptor.reading import read_descriptor
from stackproof.drill.renewal import presented
from stackproof.reference import Bench
from tests.foreign.launch import start

# What the service's own beat does meanwhile: its schedule's counters, and the results of its own tasks
BEAT = {"django_celery_results_taskresult": "periodic_task_name IS NULL"}
TOKENS = {"token_blacklist_outstandingtoken", "token_blacklist_blacklistedtoken"}
TASKS = {"background_taskrequest", "django_celery_results_taskresult"}  # nobody can take back a task that was asked for
COLUMNS = {
    "accounts_user": {"last_login"},
    "django_celery_beat_periodictask": {"last_run_at", "total_run_count", "date_changed"},
}
JWT_SHAPE = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
SHORTEST = 8  # characters of a secret that can be told from a word


@dataclass(frozen=True)
class Left:
    """What a run left.

    Attributes:
        texts: everything that it printed or wrote, by name; bytes are read as Latin-1.
        before: rows of every table, as texts; `after` likewise.
        secrets: what must stand nowhere, by what it is.
    """

    code: int
    texts: dict[str, str]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    secrets: dict[str, str]


def rows(dsn):
    """Every row of every table of the service, but those tables and columns that ordinary use changes."""
    found = {}
    with psycopg.connect(dsn) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name"
            " IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public') ORDER BY 1, ordinal_position"
        ).fetchall()
        for table in sorted({one for one, _ in columns} - TOKENS):
            kept = [name for of, name in columns if of == table and name not in COLUMNS.get(table, ())]
            query = sql.SQL("SELECT ROW({})::text FROM {} WHERE {} ORDER BY 1").format(
                sql.SQL(", ").join(map(sql.Identifier, kept)), sql.Identifier(table), sql.SQL(BEAT.get(table, "true"))
            )
            found[table] = [text for (text,) in connection.execute(query)]
    return found


def issued(dsn):
    """Every refresh token that the service has handed out."""
    with psycopg.connect(dsn) as connection:
        return [token for (token,) in connection.execute("SELECT token FROM token_blacklist_outstandingtoken")]


def run(descriptor, folder, environment, *options):
    """The command with a folder of its own for what is temporary; gives its code and everything that it left."""
    temporary, home = folder / "tmp", folder / "work"
    temporary.mkdir()
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", "run", "--target", str(descriptor), "--output", "out", *options],
        cwd=home,
        env={**environment, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    files = [path for path in folder.rglob("*") if path.is_file()]
    texts = {str(path.relative_to(folder)): path.read_bytes().decode("latin-1") for path in files}
    return done.returncode, {"stdout": done.stdout, "stderr": done.stderr, **texts}


def secrets_of(environment, service_env):
    """What the run and the service keep to themselves, by its name."""
    found = {name: environment[name] for name in ("STACKPROOF_PASSWORD", "STACKPROOF_SIGNING_KEY")}
    for name in ("STACKPROOF_POSTGRES_DSN", "STACKPROOF_CACHE_URL", "STACKPROOF_BROKER_URL"):
        password = urlsplit(environment[name]).password
        found |= {name: password, f"{name} decoded": unquote(password)} if password else {}
    variables = dict(line.partition("=")[::2] for line in service_env.splitlines())
    found |= {name: value for name, value in variables.items() if re.search(r"SECRET|KEY|PASSWORD", name)}
    return {name: value for name, value in found.items() if len(value) >= SHORTEST}


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """The reference service with every view open, judged like anybody's service: without --allow-writes."""
    folder = tmp_path_factory.mktemp("trace")
    with Bench("embedded", lambda _: None) as bench, bench.service() as target:
        environment = dict(os.environ)
        dsn = environment["STACKPROOF_POSTGRES_DSN"]
        before = rows(dsn)
        code, texts = run(target.descriptor, folder, environment, "--strict")
        after = rows(dsn)
        secrets = secrets_of(environment, (target.descriptor.parent / "service.env").read_text())
        secrets |= {f"refresh token {number}": token for number, token in enumerate(issued(dsn))}
    return Left(code, texts, before, after, secrets)


@pytest.mark.slow
def test_nothing_in_the_target_changes_but_tokens_and_last_logins(left):
    """Row by row, over every table: what is not in the two tables of tokens is as it was."""
    assert left.before["accounts_user"], "the comparison has nothing to compare"
    changed = {
        table for table in left.before.keys() | left.after.keys() if left.before.get(table) != left.after.get(table)
    }

    assert not changed, {one: (left.before.get(one), left.after.get(one)) for one in changed}


@pytest.mark.slow
def test_the_run_has_looked_through_every_view(left):
    """The control of the tests beside this one: a run that saw nothing would leave no trace, either."""
    report = json.loads(left.texts["work/out/report.json"])
    verdicts = {one["id"]: one["verdict"] for one in report["requirements"]}

    assert left.code in {0, 1, 4}
    assert verdicts["jwt.access-token-lifetime"] == verdicts["jwt.rotation"] == "satisfied"
    assert sum(name.startswith("refresh token") for name in left.secrets) >= 3
    assert list(verdicts.values()).count("satisfied") >= 15


@pytest.mark.slow
def test_no_secret_of_the_run_is_in_any_output(left):
    """Passwords, keys, DSNs' passwords, refresh tokens; no text that is signed with the service's key at all."""
    assert {"stdout", "work/out/report.json", "work/out/junit.xml"} <= left.texts.keys()
    shown = {(where, what) for where, text in left.texts.items() for what, one in left.secrets.items() if one in text}

    assert not shown
    key = left.secrets["STACKPROOF_SIGNING_KEY"]
    for where, text in left.texts.items():
        for found in JWT_SHAPE.findall(text):
            with pytest.raises(jwt.InvalidTokenError):
                jwt.decode(found, key, algorithms=["HS256"], options={"verify_exp": False, "verify_aud": False})
                pytest.fail(f"{where} shows a token that the service's key has signed")


@pytest.mark.slow
def test_no_temporary_file_is_left(left):
    """Whatever a run keeps for itself goes with it."""
    assert not [name for name in left.texts if name.startswith("tmp/")]


ROLES = "SELECT rolname, rolconnlimit, rolcanlogin FROM pg_roles ORDER BY 1"


@pytest.mark.slow
@pytest.mark.exhaustive
def test_drills_leave_the_target_as_it_was(tmp_path):
    """Every part is up again, every row and every right is what it was, and the first certificate is presented."""
    with Bench("embedded", lambda _: None) as bench, bench.service() as target:
        environment = dict(os.environ)
        dsn = environment["STACKPROOF_POSTGRES_DSN"]
        described = read_descriptor(target.descriptor)
        places = (described.target.base_url, *described.target.also)

        def state():
            with psycopg.connect(dsn) as connection:
                roles = connection.execute(ROLES).fetchall()
            kept = {table: found for table, found in rows(dsn).items() if table not in TASKS}
            return kept, roles, [presented(described, url) for url in places]

        before = state()
        options = ("--drill", "--allow-writes", "--only", "resilience.*", "--workers", "0")
        _, texts = run(target.descriptor, tmp_path, environment, *options)
        after = state()

    report = json.loads(texts["work/out/report.json"])
    held = {check["id"]: check["verdict"] for one in report["derived"] for check in one["checks"]}
    assert not {"violated", "error"} & set(held.values()), held
    assert list(held.values()).count("satisfied") >= 7, held
    assert before == after
    assert all(one.sha256 and not one.trouble for one in before[2])


@pytest.mark.slow
def test_no_secret_of_a_foreign_service_is_in_any_output(tmp_path):
    """Tokens and CSRF proofs in cookies, too; the service wrote down what it has issued."""
    with start("fastapi_cookies") as service:
        _, texts = run(service.descriptor, tmp_path, service.environment, "--allow-writes", "--json")
        ledger = [*service.folder.glob("ledger*")]
        secrets = [service.password, *(word for path in ledger for word in path.read_text().split())]

    assert len(secrets) > 3, "the service has issued nothing, so nothing was looked for"
    assert not {where for where, text in texts.items() for one in secrets if one in text}
