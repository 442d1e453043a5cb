"""Backups and the drill of a recovery: by commands that work, that fail, and that lead elsewhere."""

import datetime
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import psycopg
import pytest

from stackproof.check import NotAssessed, Violation, not_assessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.drill import journal
from stackproof.drill.recovery import Recoveries
from stackproof.errors import InfrastructureError
from stackproof.evidence import Recorder, Redactor
from stackproof.target.archiving import segments_between, why_nothing_is_kept
from stackproof.target.backup import Backups
from tests.suites.servers import running

ARCHIVED = "postgresql/backup::log_is_archived"
KEEPS_UP = "postgresql/backup::archiver_keeps_up"
NEWEST = "postgresql/backup::newest_base_backup_is_recent"
RESTORED = "postgresql/backup::database_is_restored_to_a_chosen_moment"
PITR, DAILY = "postgresql.backup.point-in-time-recovery", "postgresql.backup.daily"
TABLES = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'stackproof_drill_%'"
TRUE = ["true"]


def descriptor_of(dsn="postgresql://u:p@127.0.0.1:1/d", **backup):
    """A target with these backups."""
    data = {"target": {"base_url": "http://127.0.0.1"}, "postgres": {"dsn": dsn, "backup": backup}}
    return parse_descriptor(data, Path(__file__))


# --- the archive --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "empty"),
        ("(disabled)", "empty"),
        ("/bin/true", "does nothing"),
        ("true %p %f", "does nothing"),
        (": %p", "does nothing"),
        ("exit 0", "does nothing"),
        ("echo %p; exit 0", "does nothing"),
        ("PATH=/bin true", "does nothing"),
        ("/usr/local/bin/archive", "does not name"),
        ("cp %p /archive/%f", ""),
        ("test ! -f /archive/%f && cp %p /archive/%f", ""),
        ("AWS_SECRET_ACCESS_KEY=x /usr/bin/wal-g wal-push %p", ""),
        ("pgbackrest --stanza=main archive-push %p || exit 1", ""),
        ("cat %p | gzip > /archive/%f.gz", ""),
        ("/etc/rds/dbbin/pgscripts/rds_wal_archive %p", ""),
    ],
)
def test_commands_that_keep_nothing_are_told_from_those_that_may(command, words):
    """By what they run and whether they name the file at all."""
    assert words in why_nothing_is_kept(command)
    assert bool(words) == bool(why_nothing_is_kept(command))


def test_segments_are_counted_over_the_end_of_a_log():
    """By the size of a segment; a file of another kind has no place in the row."""
    assert segments_between("000000010000000000000003", "000000010000000000000004", 2**24) == 0
    assert segments_between("0000000100000000000000FE", "000000010000000100000002", 2**24) == 3
    assert segments_between("000000010000000000000003.00000028.backup", "000000010000000000000006", 2**24) == 2
    assert segments_between("00000002.history", "000000010000000000000006", 2**24) is None


def server(archiver=None, receivers=(), **settings):
    """A server with these settings and counters, as its views would tell of them."""
    given = {"archive_mode": "on", "wal_level": "replica", "archive_command": "cp %p /a/%f", "archive_timeout": "60"}
    given |= {"wal_segment_size": str(2**24), **settings}
    rows = [{"name": name, "setting": value, "unit": None} for name, value in given.items()]
    return SimpleNamespace(
        needs_primary=lambda: None,
        quiet_rows=lambda *_: rows,
        rows=lambda query: list(receivers) if "pg_stat_replication" in query else [archiver],
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"archive_mode": "off", "archive_command": "(disabled)"}, "archive_mode is off"),
        ({"wal_level": "minimal"}, "wal_level is minimal"),
        ({"archive_command": "/bin/true"}, "does nothing"),
    ],
)
def test_an_archive_that_is_none_is_violated(check, settings, words):
    """Whichever of the settings it is."""
    with pytest.raises(Violation, match=words):
        check(ARCHIVED, PITR, postgres=server(**settings))


def test_other_ways_of_archiving(check):
    """A library keeps segments, too; a receiver may, and only a person knows. A secret in the command is not shown."""
    told = check(ARCHIVED, PITR, postgres=server(archive_command="", archive_library="basic_archive"))
    assert "basic_archive" in told
    off = server(archive_mode="off", receivers=[{"name": "slot barman"}])
    with pytest.raises(NotAssessed, match="slot barman"):
        check(ARCHIVED, PITR, postgres=off)
    told = check(ARCHIVED, PITR, postgres=server(archive_command="KEY=s3cret wal-g wal-push %p"))
    assert told == "archive_mode is on, and archive_command runs wal-g"


NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)


def counters(archived=None, failed=None, current="000000010000000000000006"):
    """Hours ago that something was archived and that it failed."""

    def ago(hours):
        return None if hours is None else NOW - datetime.timedelta(hours=hours)

    return {
        "archived_count": 3,
        "last_archived_wal": "000000010000000000000003",
        "last_archived_time": ago(archived),
        "failed_count": 0 if failed is None else 7,
        "last_failed_wal": "000000010000000000000004",
        "last_failed_time": ago(failed),
        "stats_reset": NOW - datetime.timedelta(days=9),
        "now": NOW,
        "current_wal": current,
    }


@pytest.mark.parametrize(
    ("seen", "words"),
    [(counters(5, 1), "is not archived"), (counters(None, 1), "is not archived"), (counters(30), "2 wait")],
)
def test_an_archiver_that_falls_behind_is_violated(check, monkeypatch, seen, words):
    """It fails now, has never worked, or lets finished segments wait for more than a day."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(Violation, match=words):
        check(KEEPS_UP, PITR, postgres=server(seen))


def test_an_archiver_that_has_nothing_to_do_is_not_accused(check):
    """Nothing was written for days; a failure that a success followed is over; a fresh server archived nothing."""
    assert check(KEEPS_UP, PITR, postgres=server(counters(70, current="000000010000000000000004")))
    assert check(KEEPS_UP, PITR, postgres=server(counters(1, 5)))
    with pytest.raises(NotAssessed, match="no segment was finished"):
        check(KEEPS_UP, PITR, postgres=server(counters()))
    with pytest.raises(NotAssessed, match="archive_mode is off"):
        check(KEEPS_UP, PITR, postgres=server(archive_mode="off"))


# --- the newest base backup ---------------------------------------------------------------------------------------


def newest(check, **backup):
    """What the check concludes of these backups."""
    return check(NEWEST, DAILY, backups=Backups(descriptor_of(**backup), Recorder(Redactor())))


def printed(text):
    """A command that prints this."""
    return {"newest": [sys.executable, "-c", f"print({text!r})"]}


def test_the_age_of_the_newest_base_backup(check):
    """A day and an hour are within; two days are not; none at all is not either."""
    for hours, offset in ((0, "+00:00"), (24.9, "+00:00"), (1, "+05:30")):
        zone = datetime.datetime.strptime(offset, "%z").tzinfo
        taken = datetime.datetime.now(zone) - datetime.timedelta(hours=hours)
        assert "old" in newest(check, **printed(f"some words\n{taken.isoformat()}"))
    assert "old" in newest(check, **printed(str(int(time.time()))))
    two_days = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
    with pytest.raises(Violation, match=r"2\.0 days old"):
        newest(check, **printed(two_days.isoformat()))
    with pytest.raises(Violation, match="there is none"):
        newest(check, **printed(""))


@pytest.mark.parametrize(
    ("backup", "words"),
    [
        ({}, "neither newest nor folder"),
        ({"newest": ["/nonexistent/newest"]}, r"newest \(/nonexistent/newest\) cannot be run"),
        ({"newest": ["false"]}, "left with 1"),
        ({"newest": ["sleep", "20"], "within": 0.2}, "did not end within"),
        (printed("yesterday"), "no time in ISO 8601"),
        (printed("2026-11-25 02:00:00"), "without an offset"),
        (printed("2999-01-01T00:00:00Z"), "yet to come"),
    ],
)
def test_what_nobody_can_say_is_not_assessed(check, backup, words):
    """With the key, and what would have to be there."""
    with pytest.raises(NotAssessed, match=words):
        newest(check, **backup)


def test_a_folder_of_backups(check, tmp_path):
    """Its newest entry counts; an empty one has none."""
    with pytest.raises(Violation, match="there is none"):
        newest(check, folder=str(tmp_path))
    for name, days in (("old", 5), ("base.tar", 0)):
        (tmp_path / name).touch()
        when = time.time() - days * 86_400
        os.utime(tmp_path / name, (when, when))
    assert "0 min old" in newest(check, folder=str(tmp_path))
    os.utime(tmp_path / "base.tar", (when - 9 * 86_400, when - 9 * 86_400))
    os.utime(tmp_path / "old", (time.time() - 5 * 86_400,) * 2)
    with pytest.raises(Violation, match=r"5\.0 days"):
        newest(check, folder=str(tmp_path))


# --- the drill ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def services():
    """A server that archives, and commands that back it up and restore it."""
    with running() as services:
        yield services


@pytest.fixture
def drill(check, services, monkeypatch):
    """Hold the drill with other commands in place of the good ones, and see that nothing is left."""
    monkeypatch.setattr(journal, "unmended", [])
    monkeypatch.setattr(journal, "cut_short", [])

    def hold(dsn=services.postgres.url, **changes):
        commands = {key: list(words) for key, words in services.postgres.backup.items()} | changes
        redactor = Redactor()
        recorder = Recorder(redactor)
        recoveries = Recoveries(descriptor_of(dsn, **commands), recorder, redactor)
        try:
            return check(RESTORED, PITR, recoveries=recoveries, recorder=recorder)
        finally:
            with psycopg.connect(services.postgres.url) as connection:
                assert connection.execute(TABLES).fetchone() == (0,)

    return hold


@pytest.mark.slow
def test_a_recovery_that_works_is_satisfied_and_leaves_nothing(drill, services):
    """Rows from before the moment are back, none from after it; the scratch server is gone."""
    assert "all rows from before it, none from after" in drill()
    assert not (services.folder / "postgresql" / "scratch").exists()


@pytest.mark.slow
def test_a_recovery_that_stops_elsewhere_is_violated(drill, services):
    """Too late brings back what was to be undone; too early loses what was written."""
    restore = list(services.postgres.backup["restore"])
    with pytest.raises(Violation, match=r"rows \[1, 2, 3, 4, 5\] are there: 0 are lost, 2"):
        drill(restore=[*restore, "--late"])
    early = [*restore[:-1], "2000-01-01 00:00:00+00", "{time}"]
    with pytest.raises(Violation, match="3 are lost, 0"):
        drill(restore=early)


@pytest.mark.slow
def test_a_restore_without_its_base_backup_is_violated(drill):
    """The command says that it failed."""
    with pytest.raises(Violation, match=r"restore \(false\) left with 1"):
        drill(take=TRUE, restore=["false", "{time}"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"restore": ["/nonexistent/restore", "{time}"]}, "cannot be run"),
        ({"restore": ["sh", "-c", "exit 3", "{time}"]}, "left with 3: it could not be tried"),
        ({"restore": ["sh", "-c", "sleep 20", "{time}"], "within": 3.0}, "did not end within"),
        ({"restore": ["echo", "{time}"]}, "give a DSN"),
        ({"take": ["false"]}, "take left with 1"),
        ({"take": [], "restore": []}, "no take and no restore"),
        ({"writer_env": "NO_SUCH_DSN"}, "set NO_SUCH_DSN"),
    ],
)
def test_what_could_not_be_tried_is_not_assessed(drill, monkeypatch, changes, words):
    """And says what."""
    monkeypatch.delenv("NO_SUCH_DSN", raising=False)
    with pytest.raises(NotAssessed, match=words):
        drill(**({"take": TRUE} | changes))


@pytest.mark.slow
def test_a_restore_that_leads_back_to_the_service_is_no_restore(drill, services):
    """Its own server has every row; it is recognised by its start."""
    with pytest.raises(NotAssessed, match="leads to the service's own server"):
        drill(take=TRUE, restore=["sh", "-c", 'echo "$0"', services.postgres.url, "{time}"])


@pytest.mark.slow
def test_an_account_that_may_not_write_names_the_key(drill, services):
    """No table is made, and nothing is restored."""
    with psycopg.connect(services.postgres.admin, autocommit=True) as admin:
        admin.execute("ALTER ROLE dispatch SET default_transaction_read_only = on")
        try:
            with pytest.raises(NotAssessed, match=r"read-only.*postgres\.backup\.writer_env"):
                drill(take=TRUE)
        finally:
            admin.execute("ALTER ROLE dispatch RESET default_transaction_read_only")


@pytest.mark.slow
def test_an_account_that_cannot_connect_is_not_assessed(drill, services, monkeypatch):
    """There is no table then, and so nothing that could not be dropped; the password is not shown."""
    own = urlsplit(services.postgres.url)
    monkeypatch.setenv("A_WRITER", services.postgres.url.replace(own.password, "s3cretword"))
    with pytest.raises(NotAssessed, match=r"password authentication failed.*writer_env") as caught:
        drill(take=TRUE, writer_env="A_WRITER")
    assert "s3cretword" not in str(caught.value)


@pytest.mark.slow
def test_a_scratch_server_that_stays_is_told_and_ends_all_drills(drill):
    """The harness says what is left; the table is dropped all the same."""
    with pytest.raises(InfrastructureError, match="remove left with 1"):
        drill(take=TRUE, restore=["false", "{time}"], remove=["false"])
    assert "remove left with 1" in journal.unmended[0]


@pytest.mark.slow
def test_an_interrupted_drill_says_what_it_undid(drill, services, monkeypatch):
    """Ctrl-C while the restore runs."""

    def interrupted(key, command, within, started=None):
        if key == "restore":
            raise KeyboardInterrupt
        return subprocess.run(list(command), check=True, capture_output=True) and SimpleNamespace(code=0, line="")

    monkeypatch.setattr("stackproof.drill.recovery.run_command", interrupted)
    with pytest.raises(KeyboardInterrupt):
        drill(take=TRUE)
    assert journal.cut_short == [
        "the drill had restored PostgreSQL to a scratch server: its table and its scratch server were removed"
    ]


HELD = """
import sys
from pathlib import Path
from stackproof.descriptor.reading import read_descriptor
from stackproof.drill.recovery import Recoveries
from stackproof.evidence import Recorder, Redactor
redactor = Redactor()
Recoveries(read_descriptor(Path(sys.argv[1])), Recorder(redactor), redactor).hold()
"""


@pytest.mark.slow
def test_a_killed_drill_is_undone_by_its_watchdog(services, tmp_path):
    """SIGKILL while the restore runs: the command is ended, the scratch server removed, and the table dropped."""
    backup, begun = services.postgres.backup, tmp_path / "begun"
    slow = ["sh", "-c", f'"$@" && touch {begun}; sleep 30', "sh", *backup["restore"]]
    lines = [f"{key} = {json.dumps(list(words))}" for key, words in (backup | {"restore": slow}).items()]
    (tmp_path / "stackproof.toml").write_text(
        "\n".join(['[target]\nbase_url = "http://127.0.0.1"\n[postgres]\ndsn_env = "A_DSN"\n[postgres.backup]', *lines])
    )
    command = [sys.executable, "-c", HELD, str(tmp_path / "stackproof.toml")]
    process = subprocess.Popen(command, env={**os.environ, "A_DSN": services.postgres.url}, start_new_session=True)
    until(begun.exists)
    scratch = services.folder / "postgresql" / "scratch"
    assert scratch.exists()
    with psycopg.connect(services.postgres.url, autocommit=True) as connection:
        assert connection.execute(TABLES).fetchone() == (1,)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        until(lambda: connection.execute(TABLES).fetchone() == (0,))
    assert not scratch.exists()
    assert not [one for one in Path("/proc").glob("[0-9]*/cmdline") if bytes(scratch) in words_of(one)]


def words_of(path):
    """The command line of a process; of one that has ended, nothing."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def until(true):
    """Wait for something to be so."""
    deadline = time.monotonic() + 30
    while not true():
        if time.monotonic() > deadline:
            not_assessed("it took too long")
        time.sleep(0.05)
