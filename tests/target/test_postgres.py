"""PostgreSQL's view on real servers: what it may do, and how it ends where it cannot look."""

import re
import shutil
import socket
import struct
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from fixtures.services import ServicePlan, provide
from stackproof.check import NotAssessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target import postgres
from stackproof.target.postgres import PostgresView

HERE = Path(__file__)


@contextmanager
def running(**settings):
    """The DSN of a throw-away server with these settings."""
    folder = Path(tempfile.mkdtemp(prefix="stackproof-test-"))
    folder.chmod(0o711)
    try:
        with provide("embedded", ServicePlan(postgres=settings), workdir=folder, progress=lambda _: None) as services:
            yield services.postgres.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def encrypted():
    """A server that admits TLS alone."""
    with running() as url:
        yield url


@pytest.fixture
def open_view():
    """A view of a DSN; closed at the end."""
    views = []

    def open_one(dsn, recorder=None):
        data = {"target": {"base_url": "http://127.0.0.1"}, "postgres": {"dsn": dsn}}
        redactor = Redactor()
        view = PostgresView(parse_descriptor(data, HERE), recorder or Recorder(redactor), redactor)
        views.append(view)
        return view

    yield open_one
    for view in views:
        view.close()


def test_without_a_dsn_nothing_is_assessed(monkeypatch):
    """The reason names both ways to give one."""
    monkeypatch.delenv("STACKPROOF_POSTGRES_DSN", raising=False)
    for table in ({}, {"postgres": {}}):
        descriptor = parse_descriptor({"target": {"base_url": "http://127.0.0.1"}, **table}, HERE)
        with pytest.raises(NotAssessed, match=r"postgres\.dsn.*dsn_env"):
            PostgresView(descriptor, Recorder(Redactor()), Redactor())


def test_a_text_that_is_no_dsn_is_not_assessed(open_view):
    """And not shown: it may be a secret in the wrong variable."""
    with pytest.raises(NotAssessed, match="no DSN") as caught:
        open_view("hunter2 is my password")

    assert "hunter2" not in str(caught.value)


def test_a_server_that_nobody_runs_is_not_assessed(open_view):
    """With the reason, and without the password."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotAssessed, match="refused") as caught:
        open_view(f"postgresql://dispatch:s3cretword@127.0.0.1:{port}/dispatch")

    assert "s3cretword" not in str(caught.value)


def test_a_server_that_never_answers_is_not_waited_for(open_view, monkeypatch):
    """The connection has a time limit."""
    monkeypatch.setattr(postgres, "CONNECT_WITHIN", 2)
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(NotAssessed, match=r"(?i)time"):
        open_view(f"postgresql://dispatch:s3cretword@127.0.0.1:{listener.getsockname()[1]}/dispatch")


@pytest.mark.slow
def test_a_wrong_password_is_not_assessed(open_view, encrypted):
    """The server's own words are the reason."""
    wrong = encrypted.replace(urlsplit(encrypted).password, "s3cretword")
    with pytest.raises(NotAssessed, match="password authentication failed") as caught:
        open_view(wrong)

    assert "s3cretword" not in str(caught.value)


@pytest.mark.slow
def test_an_authority_that_nobody_named_is_told_with_its_option(open_view, encrypted):
    """Neither with the machine's own authorities nor without any is the server's certificate good."""
    alone = encrypted.partition("?")[0]
    for asked in ("sslrootcert=system", "sslmode=verify-full&sslrootcert=/nonexistent/root.pem"):
        with pytest.raises(NotAssessed, match=r"named in the DSN: sslrootcert=authority\.pem"):
            open_view(f"{alone}?{asked}")


@pytest.mark.slow
def test_nothing_can_be_written(open_view, encrypted):
    """Every transaction is read-only, also where the account may write and after its session said otherwise."""
    view = open_view(encrypted)
    view.quiet_rows("SELECT set_config('default_transaction_read_only', 'off', false)")
    with pytest.raises(NotAssessed, match="read-only"):
        view.rows("CREATE TABLE written (id int)")


@pytest.mark.slow
def test_a_slow_query_is_not_waited_for(open_view, encrypted, monkeypatch):
    """The statement has a time limit; running into it says nothing of the target, also where failing would."""
    monkeypatch.setattr(postgres, "STATEMENT_WITHIN", 100)
    view = open_view(encrypted)
    for ask in (view.rows, view.attempt):
        with pytest.raises(NotAssessed, match="timeout"):
            ask("SELECT pg_sleep(20)")


@pytest.mark.slow
def test_a_query_that_fails_is_told_from_one_that_works(open_view, encrypted):
    """`attempt` gives the server's reason; `rows` ends the check with it; the connection lives on."""
    view = open_view(encrypted)
    assert view.attempt("SELECT nobody()") == (False, "function nobody() does not exist")
    with pytest.raises(NotAssessed, match="nobody"):
        view.rows("SELECT nobody()")
    assert view.attempt("SELECT 7 AS seven") == (True, "7")


@pytest.mark.slow
def test_a_lost_connection_is_not_assessed(open_view, encrypted):
    """A server that goes away in the middle is no finding."""
    view, other = open_view(encrypted), open_view(encrypted)
    [pid] = view.rows("SELECT pg_backend_pid() AS pid")[0].values()
    with psycopg.connect(encrypted, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with pytest.raises(NotAssessed):
        view.attempt("SELECT 1")
    assert other.attempt("SELECT 1 AS one") == (True, "1")


@pytest.mark.slow
def test_rows_are_evidence_capped_and_without_the_password(open_view, encrypted):
    """Two hundred rows are read of any number, and the DSN's password is hidden wherever it turns up."""
    redactor = Redactor()
    data = {"target": {"base_url": "http://127.0.0.1"}, "postgres": {"dsn": encrypted}}
    recorder = Recorder(redactor)
    view = PostgresView(parse_descriptor(data, HERE), recorder, redactor)
    password = urlsplit(encrypted).password
    assert len(view.rows("SELECT generate_series(1, 1000) AS n")) == 200
    view.rows("SELECT %s::text AS shown", (password,))
    view.quiet_rows("SELECT 'unseen' AS shown")
    view.close()

    told = str(recorder.records)
    assert len(recorder.records) == 2
    assert password not in told
    assert "unseen" not in told


@pytest.mark.slow
def test_what_the_server_is(open_view, encrypted):
    """Its version, where it is, and that the connection is encrypted."""
    view = open_view(encrypted)
    parts = urlsplit(encrypted)

    assert re.fullmatch(r"16\.\d+", view.version)
    assert view.host_and_port == (parts.hostname, parts.port)
    assert view.speaks_tls()
    assert Path(view.ca_file).is_file()
    with pytest.raises(NotAssessed, match="no_such_setting"):
        view.setting("no_such_setting")


@pytest.mark.slow
def test_the_server_that_answered_counts_where_a_dsn_names_several(open_view, encrypted):
    """The first of them is down."""
    port = urlsplit(encrypted).port
    with socket.create_server(("127.0.0.1", 0)) as listener:
        down = listener.getsockname()[1]
    view = open_view(encrypted.replace(f"127.0.0.1:{port}", f"127.0.0.1:{down},127.0.0.1:{port}"))

    assert view.host_and_port == ("127.0.0.1", port)
    assert view.plain_connection().startswith("refused")


@pytest.mark.slow
def test_a_plain_connection_is_refused_where_tls_alone_is_admitted(open_view, encrypted, monkeypatch):
    """Also with a password in the environment: none is sent."""
    monkeypatch.setenv("PGPASSWORD", urlsplit(encrypted).password)

    assert "pg_hba.conf" in open_view(encrypted).plain_connection()


@pytest.mark.slow
def test_a_plain_connection_is_accepted_where_it_is_admitted(open_view, monkeypatch):
    """The server asks for the password, and does not get it."""
    with running(ssl="off") as plain:
        monkeypatch.setenv("PGPASSWORD", urlsplit(plain).password)
        view = open_view(plain)

        assert not view.speaks_tls()
        assert view.plain_connection() == "accepted"


@pytest.mark.parametrize(
    ("words", "verdict"),
    [("SSL required", "refused"), ("kein pg_hba.conf-Eintrag für Host", "refused"), ("too many clients already", "")],
)
@pytest.mark.slow
def test_only_a_refusal_for_its_plainness_is_one(open_view, encrypted, monkeypatch, words, verdict):
    """A server without room says nothing of plain connections."""
    view = open_view(encrypted)
    fields = f"SFATAL\0VFATAL\0C28000\0M{words}\0\0".encode()
    message = b"E" + struct.pack("!I", len(fields) + 4) + fields
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(PostgresView, "host_and_port", listener.getsockname())
        worker = threading.Thread(target=_say, args=(listener, message), daemon=True)
        worker.start()
        if verdict:
            assert words in view.plain_connection()
        else:
            with pytest.raises(NotAssessed, match="too many"):
                view.plain_connection()
        worker.join(5)


def _say(listener, message):
    connection, _ = listener.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(message)


def test_the_form_of_sqlalchemy_is_read_as_libpq_reads_it(encrypted, open_view):
    """Its name of a driver is none of libpq's business."""
    assert open_view(encrypted.replace("postgresql://", "postgresql+psycopg://", 1)).version.startswith("16.")


def test_the_form_of_a_dsn_is_told_whole(open_view):
    """Nothing of the advice is taken for a secret."""
    with pytest.raises(NotAssessed) as told:
        open_view("postgresql://a:b@host/x?nothing=that-libpq-knows")
    assert "postgresql://USER@HOST/DATABASE" in Redactor().text(str(told.value))


def test_a_database_without_an_encoding_is_read_as_text(encrypted, open_view):
    """SQL_ASCII, as `initdb` makes it without a locale; bytes that are no text give a reason."""
    with psycopg.connect(encrypted, autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    view = open_view(urlsplit(encrypted)._replace(path="/plain").geturl())

    assert re.fullmatch(r"16\.\d+", view.version)
    assert view.setting("archive_mode")["setting"] in {"on", "off"}
    assert view.quiet_rows("SELECT 'café' AS text, ARRAY['a'::text] AS texts") == [{"text": "café", "texts": ["a"]}]
    with pytest.raises(NotAssessed, match="invalid byte sequence"):
        view.quiet_rows(r"SELECT convert_from('caf\351', 'SQL_ASCII') AS text")
