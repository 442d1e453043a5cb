"""The drill of a point-in-time recovery: a base backup, writes around a moment, and what a restore brings back."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.backup import Backup
from stackproof.descriptor.model import Descriptor, from_environment
from stackproof.drill import journal
from stackproof.drill.hands import undisturbed
from stackproof.errors import InfrastructureError
from stackproof.evidence import Recorder, Redactor
from stackproof.target.backup import FAILED, Ran, backup_of, run_command

BEFORE, AFTER = (1, 2, 3), (4, 5)  # rows that are written on either side of the moment
CONNECT_WITHIN = 5  # seconds
ANSWERS_WITHIN = 10.0  # seconds for a scratch server to take its first connection
SWEEP_VARIABLE = "STACKPROOF_DRILL_DSN"  # the watchdog drops the table with it


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a restore brought back.

    Attributes:
        moment: that it was to stop at, UTC.
        failed: why there is no restored server, or "".
        rows: of the drill's table there; the first three were written before the moment, the others after it.
        seconds: that the restore took.
    """

    moment: datetime
    failed: str
    rows: tuple[int, ...]
    seconds: float

    @property
    def lost(self) -> tuple[int, ...]:
        """Rows that were written before the moment and are not there."""
        return tuple(one for one in BEFORE if one not in self.rows)

    @property
    def beyond(self) -> tuple[int, ...]:
        """Rows that were written after the moment and are there."""
        return tuple(one for one in self.rows if one in AFTER)


class Recoveries:
    """Holds the drill by the commands of `[postgres.backup]`.

    Whatever ends it, the scratch server and the table are removed: by this process, after a SIGKILL by a watchdog.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> None:
        self._backup = _complete(backup_of(descriptor))
        self._recorder = recorder
        self._redactor = redactor
        given = descriptor.postgres
        named = self._backup.writer_env
        own = given.own_dsn if given else ""
        self._dsn = from_environment(named) if named else own
        if not self._dsn:
            not_assessed(f"no DSN of an account that may make a table: set {named or 'postgres.backup.writer_env'}")
        self._learn(self._dsn)
        self._written = False  # whether there may be a table to drop

    def hold(self) -> Recovered:
        """Hold the drill.

        Raises:
            NotAssessed: the account may not make a table, or a command could not be tried.
            InfrastructureError: what it had made could not be removed.
        """
        table = f"stackproof_drill_{secrets.token_hex(6)}"
        with self._watched(table) as started, self._tidied(table):
            taken = run_command("take", self._backup.take, self._backup.within, started)
            if taken.code:
                not_assessed(f"postgres.backup.take left with {taken.code}: no base backup to restore from")
            self._recorder.add("command", "postgres.backup.take: done")
            moment, up_since = self._write(table)
            words = [word.replace("{time}", f"{moment:%Y-%m-%d %H:%M:%S}+00") for word in self._backup.restore]
            began = time.monotonic()
            ran = run_command("restore", words, self._backup.within, started)
            return self._restored(ran, table, moment, up_since, time.monotonic() - began)

    def _write(self, table: str) -> tuple[datetime, datetime]:
        """Write rows before and after a moment, a whole second; gives it, and when this server was started."""
        try:
            with self._connect(self._dsn) as writer:
                name = sql.Identifier(table)
                self._written = True
                writer.execute(sql.SQL("CREATE TABLE {} (n int)").format(name))
                insert = sql.SQL("INSERT INTO {} SELECT unnest(%s::int[])").format(name)
                writer.execute(insert, (list(BEFORE),))
                moment = (_clock(writer) + timedelta(seconds=1)).replace(microsecond=0)
                while (now := _clock(writer)) <= moment + timedelta(milliseconds=100):
                    time.sleep((moment - now).total_seconds() % 1 + 0.11)
                writer.execute(insert, (list(AFTER),))
                [up_since] = writer.execute("SELECT pg_postmaster_start_time()").fetchone() or (None,)
        except psycopg.Error as error:
            not_assessed(f"the drill's table could not be written: {self._said(error)}; postgres.backup.writer_env "
                         "names the DSN of an account that may")  # fmt: skip
        self._recorder.add("query", f"rows {BEFORE} were written before {moment}, {AFTER} after it")
        return moment, up_since

    def _restored(self, ran: Ran, table: str, moment: datetime, up_since: datetime, seconds: float) -> Recovered:
        name = f"postgres.backup.restore ({self._backup.restore[0]})"
        if ran.code == FAILED:
            return Recovered(moment, f"{name} left with {FAILED}", (), seconds)
        if ran.code:
            not_assessed(f"{name} left with {ran.code}: it could not be tried")
        self._learn(ran.line)
        self._recorder.add("command", f"postgres.backup.restore to {moment}: done after {seconds:.1f} s")
        return Recovered(moment, "", self._rows(ran.line, table, up_since), seconds)

    def _rows(self, dsn: str, table: str, up_since: datetime) -> tuple[int, ...]:
        """The drill's rows on the scratch server, which has to be another one than the service's own."""
        try:
            with self._first_connection(dsn) as scratch:
                [at] = scratch.execute("SELECT pg_postmaster_start_time()").fetchone() or (None,)
                if at == up_since:
                    not_assessed("the DSN that postgres.backup.restore printed leads to the service's own server")
                [there] = scratch.execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone() or (False,)
                query = sql.SQL("SELECT n FROM {} ORDER BY n LIMIT 50").format(sql.Identifier(table))
                rows = tuple(one[0] for one in scratch.execute(query).fetchall()) if there else ()
        except psycopg.Error as error:
            not_assessed(f"the scratch server does not answer: {self._said(error)}")
        self._recorder.add("query", "rows on the scratch server", rows=list(rows), table_is_there=bool(there))
        return rows

    def _first_connection(self, dsn: str) -> psycopg.Connection:
        deadline = time.monotonic() + ANSWERS_WITHIN
        while True:
            try:
                return self._connect(dsn)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _connect(self, dsn: str) -> psycopg.Connection:
        return psycopg.connect(
            make_conninfo(dsn, connect_timeout=CONNECT_WITHIN, application_name="stackproof"), autocommit=True
        )

    @contextmanager
    def _watched(self, table: str) -> Iterator[Callable[[int], None]]:
        """A watchdog that undoes everything where this process cannot any more; the DSN is in its environment alone.

        Gives what it has to be told of each command: one that still runs is ended first.
        """
        from fixtures.reaper import Reaper

        with ExitStack() as stack:
            os.environ[SWEEP_VARIABLE] = self._dsn
            try:
                watchdog = stack.enter_context(Reaper())
            finally:
                del os.environ[SWEEP_VARIABLE]
            watchdog.command(self._backup.remove)
            watchdog.command((sys.executable, "-m", "stackproof.drill.sweep", table))
            yield watchdog.process

    @contextmanager
    def _tidied(self, table: str) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self._tidy(table, cut_short=not isinstance(error, Exception))
            raise
        self._tidy(table, cut_short=False)

    def _tidy(self, table: str, *, cut_short: bool) -> None:
        with undisturbed():
            troubles = [one for one in (self._remove(), self._drop(table)) if one]
        if cut_short:
            done = "; ".join(troubles) or "its table and its scratch server were removed"
            journal.cut_short.append(f"the drill had restored PostgreSQL to a scratch server: {done}")
        if troubles:
            told = f"{'; '.join(troubles)}: do it by hand"
            journal.unmended.append(told)
            raise InfrastructureError(told, hint="no further drill is held until then")
        self._recorder.add("command", "postgres.backup.remove: done, and the drill's table is dropped")

    def _remove(self) -> str:
        try:
            ran = run_command("remove", self._backup.remove, self._backup.within)
        except NotAssessed as error:
            return str(error)
        return f"postgres.backup.remove left with {ran.code}, and the scratch server may still run" if ran.code else ""

    def _drop(self, table: str) -> str:
        try:
            if self._written:
                drop(self._dsn, table)
        except psycopg.Error as error:
            return f"the table {table} could not be dropped ({self._said(error)})"
        return ""

    def _learn(self, dsn: str) -> None:
        try:
            parameters = conninfo_to_dict(dsn)
        except psycopg.Error:
            self._redactor.learn(dsn)
            not_assessed("postgres.backup.restore and writer_env give a DSN: postgresql://user:password@host/database")
        self._redactor.learn(*(str(parameters.get(key) or "") for key in ("password", "sslpassword")))

    def _said(self, error: psycopg.Error) -> str:
        lines = str(error).strip().splitlines()
        return self._redactor.text(lines[0] if lines else type(error).__name__)


def drop(dsn: str, table: str) -> None:
    """Drop the drill's table where it is there; waits no longer than five seconds for a lock."""
    with psycopg.connect(make_conninfo(dsn, connect_timeout=CONNECT_WITHIN), autocommit=True) as connection:
        [there] = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone() or (True,)
        if not there:
            return
        connection.execute("SET lock_timeout = '5s'")
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))


def _complete(backup: Backup) -> Backup:
    missing = [name for name in ("take", "restore", "remove") if not getattr(backup, name)]
    if missing:
        not_assessed(f"[postgres.backup] has no {' and no '.join(missing)}: the commands of a recovery")
    return backup


def _clock(connection: psycopg.Connection) -> datetime:
    [now] = connection.execute("SELECT clock_timestamp()").fetchone() or (datetime.now(UTC),)
    return now.astimezone(UTC)  # type: ignore[no-any-return]
