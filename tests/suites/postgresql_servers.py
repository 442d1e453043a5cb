"""PostgreSQL in the company that a check may meet it in: a pooler before it, a standby beside it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from fixtures.processes import free_port
from fixtures.services.programs import find_programs

REQUIRED = os.environ.get("STACKPROOF_REQUIRE_CONTAINERS") == "1" or os.environ.get("CI", "") not in {"", "0"}
READY_WITHIN = 30  # seconds


def at_port(url, port):
    """The same DSN at another port."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()


def answers(url, process=None):
    """Wait until a server takes connections."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            return psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline or (process is not None and process.poll() is not None):
                raise
            time.sleep(0.05)


def as_nobody():
    """What makes a child run as another user, where this process is root: these servers refuse root."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def pooler(services):
    """PgBouncer before the database, in transaction mode; gives the DSN that leads through it."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    if not Path(program).exists():
        told = "PgBouncer is not installed: apt-get install pgbouncer"
        pytest.fail(told) if REQUIRED else pytest.skip(told)
    own, port = urlsplit(services.postgres.url), free_port()
    folder = Path(tempfile.mkdtemp(prefix="stackproof-pooler-"))
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        f"[databases]\n{own.path[1:]} = host=127.0.0.1 port={own.port} user={own.username} password={own.password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = transaction\n"
        f"unix_socket_dir =\nlogfile = {folder}/log\npidfile = {folder}/pid\nserver_tls_sslmode = require\n",
        encoding="ascii",
    )
    for one in (folder, configuration):
        os.chown(one, as_nobody().get("user", -1), as_nobody().get("group", -1))
    process = subprocess.Popen(
        [program, "-q", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_nobody()
    )
    url = f"postgresql://{own.username}@127.0.0.1:{port}{own.path}?sslmode=disable"
    try:
        answers(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def standby(services):
    """A streaming standby of the database; gives its DSN."""
    programs = find_programs(lambda _: None)
    admin = psycopg.conninfo.conninfo_to_dict(services.postgres.admin)
    data, port = services.folder / "postgresql" / "standby", free_port()
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "LD_LIBRARY_PATH": str(programs.postgres / "lib")}
    place = ["-h", admin["host"], "-p", str(admin["port"]), "-U", "postgres"]
    copy = [str(programs.postgres / "bin" / "pg_basebackup"), *place, "-D", str(data), "-R", "-c", "fast", "--no-sync"]
    subprocess.run(copy, check=True, capture_output=True, env=environment, cwd="/", **as_nobody())
    process = subprocess.Popen(
        [str(programs.postgres / "bin" / "postgres"), "-D", str(data), "-p", str(port), "-c", "archive_mode=off"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        **as_nobody(),
    )
    url = at_port(services.postgres.url, port)
    try:
        answers(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(10)
