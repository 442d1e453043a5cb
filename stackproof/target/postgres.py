"""PostgreSQL as a reader sees it: read-only transactions, bounded in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from stackproof.check import not_assessed
from stackproof.evidence import Recorder, Redactor
from stackproof.target.descriptor import Descriptor, from_environment

CONNECT_WITHIN = 5  # seconds
STATEMENT_WITHIN = 5_000  # milliseconds
ROWS_CAP = 200

type Query = sql.SQL | sql.Composed


class PostgresView:
    """One connection to the database that the descriptor names.

    Raises:
        NotAssessed: where there is no DSN, the server cannot be reached or refuses the account.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> None:
        given = descriptor.postgres
        self._dsn = (given.dsn or from_environment(given.dsn_env)) if given else ""
        if not self._dsn:
            not_assessed("stackproof.toml gives no DSN of PostgreSQL")
        self._recorder = recorder
        self._redactor = redactor
        redactor.learn(*_secrets(self._dsn))
        self._connection = self._connect(self._dsn)

    def _connect(self, dsn: str, **changes: Any) -> psycopg.Connection[dict[str, Any]]:
        try:
            connection = psycopg.connect(
                make_conninfo(dsn, **{"connect_timeout": CONNECT_WITHIN, "application_name": "stackproof", **changes}),
                row_factory=dict_row,
                options=f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_WITHIN}",
            )
        except psycopg.Error as error:
            lines = str(error).strip().splitlines()
            not_assessed(f"PostgreSQL: {self._redactor.text(lines[0] if lines else type(error).__name__)}")
        return connection

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def version(self) -> str:
        """The server's version: "16.15"."""
        return str(self.rows("SHOW server_version")[0]["server_version"]).split()[0]

    def setting(self, name: str) -> dict[str, Any]:
        """A row of pg_settings: setting, unit, source. Unknown ones are not assessed."""
        found = self.rows("SELECT name, setting, unit, source FROM pg_settings WHERE name = %s", (name,))
        if not found:
            not_assessed(f"the server knows no setting {name}")
        return found[0]

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query, at most `ROWS_CAP`, recorded as evidence.

        Raises:
            psycopg.Error: the query fails; a check that expects this asks `attempt`.
        """
        found = self.quiet_rows(sql.SQL(query), values)
        self._recorder.add("query", query, values=list(values), rows=found)
        return found

    def quiet_rows(self, query: Query, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Like `rows`, for what must not become evidence; the caller records what may be told."""
        with self._connection.transaction():
            cursor = self._connection.execute(query, list(values))
            return cursor.fetchmany(ROWS_CAP)

    def attempt(self, query: str) -> tuple[bool, str]:
        """Whether a query works, and what it gave or the server's reason, recorded as evidence."""
        try:
            rows = self.quiet_rows(sql.SQL(query))
        except psycopg.Error as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            self._recorder.add("query", query, failed=reason)
            return False, self._redactor.text(reason)
        self._recorder.add("query", query, rows=rows)
        return True, self._redactor.text(str(next(iter(rows[0].values()))) if rows else "")

    def host_and_port(self) -> tuple[str, int]:
        """Where the server is, for a look at its TLS."""
        parameters = conninfo_to_dict(self._dsn)
        return str(parameters.get("host") or "localhost"), int(parameters.get("port") or 5432)

    def speaks_tls(self) -> bool:
        """Whether this connection is encrypted."""
        return bool(self._connection.pgconn.ssl_in_use)


def _secrets(dsn: str) -> list[str]:
    try:
        parameters: Mapping[str, Any] = conninfo_to_dict(dsn)
    except psycopg.Error:
        not_assessed("the DSN of PostgreSQL is no DSN: write postgresql://user:password@host/database")
    password = str(parameters.get("password") or "")
    raw = urlsplit(dsn).password if "://" in dsn else ""
    return [password, raw or "", unquote(raw or "")]
