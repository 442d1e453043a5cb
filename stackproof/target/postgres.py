"""PostgreSQL as a reader sees it: read-only transactions, bounded in time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from stackproof.check import not_assessed
from stackproof.descriptor.model import NO_DSN, Descriptor, from_environment
from stackproof.evidence import Recorder, Redactor

CONNECT_WITHIN = 5  # seconds
STATEMENT_WITHIN = 5_000  # milliseconds
ROWS_CAP = 200
NO_FILE = "/nonexistent/stackproof"  # libpq passes over a password file that is not there

# What a server says that admits no plain connection; "pg_hba.conf" stands in every translation of the message
REFUSES_PLAIN = ("pg_hba.conf", "ssl", "tls", "encrypt")

# What libpq says where nobody told it which authority to trust
UNKNOWN_AUTHORITY = re.compile(r"(?i)root certificate file .* does not exist|certificate verify failed")

# These tell something of the harness's account or of the moment, and nothing of what was asked for
NOT_THE_TARGETS = (errors.InsufficientPrivilege, errors.QueryCanceled, errors.OutOfMemory, errors.DiskFull)

_ASKED: dict[str, str | int] = {
    "connect_timeout": CONNECT_WITHIN,
    "application_name": "stackproof",
    "client_encoding": "utf8",
}

type Query = str | sql.SQL | sql.Composed


class PostgresView:
    """One connection to the database that the descriptor names.

    Nothing is asked of the server at connecting (no `options`), so that a pooler in between does not refuse it:
    each transaction sets its own bounds. The encoding is: a database that has none (SQL_ASCII) gives bytes otherwise.

    Raises:
        NotAssessed: where there is no DSN, the server cannot be reached or refuses the account.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> None:
        given = descriptor.postgres
        self._dsn = given.own_dsn if given else ""
        if not self._dsn:
            not_assessed("stackproof.toml gives no DSN of PostgreSQL: it is postgres.dsn, or in what dsn_env names")
        self._recorder = recorder
        self._redactor = redactor
        self._parameters = _parameters(self._dsn)
        redactor.learn(*_secrets(self._dsn, self._parameters))
        self._connection = self._connect()

    def _connect(self) -> psycopg.Connection[dict[str, Any]]:
        try:
            connection = psycopg.connect(
                make_conninfo(self._dsn, **_ASKED),
                row_factory=dict_row,
                prepare_threshold=None,  # behind a pooler the next transaction may meet another session
            )
        except psycopg.Error as error:
            said = self._said(error)
            cure = (
                " (a private authority is named in the DSN: sslrootcert=authority.pem)"
                if UNKNOWN_AUTHORITY.search(said)
                else ""
            )
            not_assessed(f"PostgreSQL: {said}{cure}")
        connection.read_only = True
        return connection

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def version(self) -> str:
        """The server's version: "16.15"."""
        return str(self.rows("SHOW server_version")[0]["server_version"]).split()[0]

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Where the server is that this connection reached, for a look at its TLS."""
        return self._connection.info.host or "localhost", self._connection.info.port

    @property
    def over_network(self) -> bool:
        """Whether the connection goes over TCP, and not through a socket of the machine."""
        return not self._connection.info.host.startswith(("/", "@"))

    @property
    def ca_file(self) -> str | None:
        """The trust anchors that the DSN names, or None; libpq itself passes over a file that is not there."""
        named = str(self._parameters.get("sslrootcert") or "")
        return named if Path(named).is_file() else None

    def speaks_tls(self) -> bool:
        """Whether this connection is encrypted."""
        return bool(self._connection.pgconn.ssl_in_use)

    def pooled(self) -> bool:
        """Whether a pooler stands in between: it hands out process ids of its own, which the server does not know."""
        return bool(self.quiet_rows("SELECT pg_backend_pid() AS pid")[0]["pid"] != self._connection.info.backend_pid)

    def needs_primary(self) -> None:
        """End the check where the DSN leads to a standby: what it has of this is not the primary's, or lags behind.

        Raises:
            NotAssessed: it does.
        """
        if self.rows("SELECT pg_is_in_recovery() AS standby")[0]["standby"]:
            not_assessed("the DSN leads to a standby, and the primary decides this: give the primary's DSN")

    def sees_sessions(self) -> bool:
        """Whether the account may see sessions of other roles."""
        return bool(self.quiet_rows("SELECT pg_has_role('pg_read_all_stats', 'usage') AS may")[0]["may"])

    def setting(self, name: str) -> dict[str, Any]:
        """A row of pg_settings: setting, unit, source. Unknown ones are not assessed."""
        found = self.rows("SELECT name, setting, unit, source FROM pg_settings WHERE name = %s", (name,))
        if not found:
            not_assessed(f"the server knows no setting {name}")
        return found[0]

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query, at most `ROWS_CAP`, recorded as evidence.

        Raises:
            NotAssessed: the query fails; a check for which that is a finding asks `attempt`.
        """
        found = self.quiet_rows(query, values)
        self._recorder.add("query", query, values=list(values), rows=found)
        return found

    def quiet_rows(self, query: Query, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Like `rows`, for what must not become evidence; the caller records what may be told."""
        try:
            return self._run(query, values)
        except psycopg.Error as error:
            self._give_up(error)

    def attempt(self, query: Query) -> tuple[bool, str]:
        """Whether a query works, and what it gave or the server's reason, recorded as evidence.

        Raises:
            NotAssessed: the connection broke, the account may not ask, or the server had no time or room for it.
        """
        text = query if isinstance(query, str) else query.as_string(self._connection)
        try:
            rows = self._run(query, ())
        except psycopg.Error as error:
            if self._connection.closed or isinstance(error, NOT_THE_TARGETS):
                self._give_up(error)
            reason = self._said(error)
            self._recorder.add("query", text, failed=reason)
            return False, reason
        self._recorder.add("query", text, rows=rows)
        return True, self._redactor.text(str(next(iter(rows[0].values()))) if rows else "")

    def plain_connection(self) -> str:
        """What the server makes of an unencrypted connection: "accepted" or "refused: …" with its words.

        No password travels: a server that refuses plain connections says so before it asks for one.

        Raises:
            NotAssessed: neither was seen (a time-out, no network in between, another refusal).
        """
        if not self.over_network:
            not_assessed("PostgreSQL is reached through a socket of the machine, not over a network")
        try:
            psycopg.connect(make_conninfo("", **self._plainly())).close()
        except psycopg.Error as error:
            said = self._said(error)
            if error.pgconn is not None and error.pgconn.needs_password:
                said, outcome = "it asks for the password over it", "accepted"
            elif "FATAL" in str(error) and any(word in said.lower() for word in REFUSES_PLAIN):
                outcome = f"refused: {said}"
            else:
                not_assessed(f"PostgreSQL, asked for a plain connection: {said}")
        else:
            said = outcome = "accepted"
        self._recorder.add("handshake", "a plain connection to PostgreSQL, without a password", outcome=said)
        return outcome

    def _plainly(self) -> dict[str, Any]:
        """The DSN's parameters without encryption and without anything that proves who asks."""
        dropped = {"password", "passfile", "require_auth", "channel_binding", "hostaddr"}
        kept = {key: value for key, value in self._parameters.items() if key not in dropped and key[:3] != "ssl"}
        host, port = self.host_and_port
        return kept | {
            "host": host,
            "port": port,
            "sslmode": "disable",
            "sslrootcert": "",
            "gssencmode": "disable",
            "password": "",
            "passfile": NO_FILE,
            "connect_timeout": CONNECT_WITHIN,
        }

    def _run(self, query: Query, values: Sequence[Any]) -> list[dict[str, Any]]:
        with self._connection.transaction():
            self._connection.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(STATEMENT_WITHIN))
            statement = sql.SQL(query) if isinstance(query, str) else query
            return self._connection.execute(statement, list(values) or None).fetchmany(ROWS_CAP)

    def _give_up(self, error: psycopg.Error) -> NoReturn:
        not_assessed(f"PostgreSQL did not answer a query: {self._said(error)}")

    def _said(self, error: psycopg.Error) -> str:
        lines = str(error).strip().splitlines()
        return self._redactor.text(lines[0] if lines else type(error).__name__)


def _parameters(dsn: str) -> dict[str, Any]:
    try:
        return dict(conninfo_to_dict(dsn))
    except psycopg.Error:
        not_assessed(NO_DSN)


def _secrets(dsn: str, parameters: dict[str, Any]) -> list[str]:
    raw = (urlsplit(dsn).password or "") if "://" in dsn else ""
    named = [str(parameters.get(key) or "") for key in ("password", "sslpassword")]
    return [*named, raw, unquote(raw), from_environment("PGPASSWORD")]
