"""PostgreSQL: base backups, the archive of its write-ahead log, and a recovery to a moment."""

import time
from datetime import UTC, datetime, timedelta

from stackproof import View, archiving, not_assessed, verifies

CLOCKS_DIFFER = timedelta(minutes=5)
LATE = 1 / 24  # of the interval: a daily job does not end at the same minute each day
LOOKS, PAUSE = 6, 1.0  # an archiver that failed tries again after a second
NAMES = ("archive_mode", "wal_level", "archive_command", "archive_library", "archive_timeout", "wal_segment_size")
SETTINGS = "SELECT name, setting, unit FROM pg_settings WHERE name = ANY(%s)"
RECEIVERS = (
    "SELECT 'slot ' || slot_name AS name FROM pg_replication_slots WHERE slot_type = 'physical' AND active "
    "UNION ALL SELECT coalesce(nullif(application_name, ''), 'a receiver') FROM pg_stat_replication"
)
ARCHIVER = (
    "SELECT archived_count, last_archived_wal, last_archived_time, failed_count, last_failed_wal, last_failed_time, "
    "stats_reset, now() AS now, pg_walfile_name(pg_current_wal_lsn()) AS current_wal FROM pg_stat_archiver"
)


@verifies(
    "postgresql.backup.point-in-time-recovery",
    needs=[View.POSTGRES],
    remedy="archive_mode = on, and an archive_command that copies %p to where the database's machine is not",
)
def log_is_archived(postgres, expect, requirement):
    """The write-ahead log is archived: archive_mode is on, and what runs for each segment keeps it.

    The command itself is not recorded, only the programs in it: it may hold a secret. A receiver that streams the log
    may be an archive, too; only somebody who knows it can say.
    """
    if requirement.value is not True:
        not_assessed("the clause does not ask for point-in-time recovery")
    postgres.needs_primary()
    found = settings_of(postgres)
    mode, level = found["archive_mode"], found["wal_level"]
    command, library = found["archive_command"], found.get("archive_library", "")
    programs = archiving.programs_of(command)
    expect.measured("archiving", archive_mode=mode, wal_level=level, programs=programs, archive_library=library)
    if mode == "off":
        receivers = postgres.rows(RECEIVERS)
        if receivers:
            names = ", ".join(str(one["name"]) for one in receivers[:3])
            not_assessed(f"archive_mode is off, and the log is streamed to {names}: whether that is an archive of it "
                         "is for somebody to attest")  # fmt: skip
    expect.holds(mode != "off", expected="archive_mode on", seen=f"archive_mode is {mode}")
    expect.holds(
        level in ("replica", "logical"),
        expected="wal_level replica or logical",
        seen=f"wal_level is {level}",
    )
    if library:
        expect.conclude(f"archive_mode is {mode}, and the library {library} keeps the segments")
        return
    idle = archiving.why_nothing_is_kept(command)
    expect.holds(
        not idle,
        expected="an archive_command that keeps each segment",
        seen=f"archive_command keeps none: {idle}" if idle else f"archive_command runs {' and '.join(programs)}",
    )
    expect.conclude(f"archive_mode is {mode}, and archive_command runs {' and '.join(programs)}")


@verifies(
    "postgresql.backup.point-in-time-recovery",
    needs=[View.POSTGRES],
    supplementary=True,
    remedy="see the server's log for what archive_command says; set archive_timeout where little is written",
)
def archiver_keeps_up(postgres, expect, specification):
    """The archiver works: its last try did not fail, and no finished segment waits longer than backups may be apart."""
    postgres.needs_primary()
    found = settings_of(postgres)
    if found["archive_mode"] == "off":
        not_assessed("archive_mode is off, so that there is no archiver")
    for look in range(LOOKS):
        seen = postgres.rows(ARCHIVER)[0]
        archived, failed = seen["last_archived_time"], seen["last_failed_time"]
        failing = failed is not None and (archived is None or failed > archived)
        if not failing:
            break
        if look < LOOKS - 1:
            time.sleep(PAUSE)
    expect.holds(
        not failing,
        expected="the archiver's last try to have worked",
        seen=f"it fails since {failed}: {seen['last_failed_wal']} is not archived, {seen['failed_count']} tries failed"
        if failing
        else f"{seen['failed_count']} tries failed, none since {archived}",
    )
    if archived is None:
        not_assessed(f"nothing was archived since {seen['stats_reset']}: no segment was finished")
    daily = specification.find("postgresql.backup.daily")
    apart = daily.value if daily is not None and daily.understood else timedelta(days=1)
    size = int(found["wal_segment_size"])
    waiting = archiving.segments_between(seen["last_archived_wal"], seen["current_wal"], size)
    age = seen["now"] - archived
    if age > apart and waiting is None:
        not_assessed(f"the last file that was archived is {seen['last_archived_wal']}: what waits cannot be counted")
    expect.holds(
        age <= apart or not waiting,
        expected=f"no finished segment to wait longer than {apart}",
        seen=f"{waiting} wait, and the last was archived {told(age)} ago",
    )
    if found["archive_timeout"] == "0":
        expect.note("archive_timeout is 0: what is written since the last switch of segments is not archived yet")
    expect.conclude(f"the last segment was archived {told(age)} ago, and none fails")


@verifies(
    "postgresql.backup.daily",
    needs=[View.BACKUP],
    remedy="a daily job that takes a base backup (pg_basebackup, pgBackRest, WAL-G, Barman), and an alarm on its age",
)
def newest_base_backup_is_recent(backups, expect, requirement):
    """The newest base backup is no older than the clause's interval, give or take a 24th part of it."""
    newest = backups.newest()
    seen = "there is none" if newest is None else f"the newest is of {newest}"
    expect.holds(newest is not None, expected="a base backup", seen=seen)
    age = datetime.now(UTC) - newest
    late = requirement.value * LATE
    if age < -CLOCKS_DIFFER:
        not_assessed(f"the newest base backup is said to be of {newest}, which is yet to come: the clocks differ")
    expect.holds(
        age <= requirement.value + late,
        expected=f"a base backup no older than {told(requirement.value)} (tolerance {told(late)})",
        seen=f"the newest is {told(age)} old",
    )
    expect.conclude(f"the newest base backup is {told(age)} old")


@verifies(
    "postgresql.backup.point-in-time-recovery",
    needs=[View.POSTGRES, View.BACKUP],
    drill="recovery",
    supplementary=True,
    remedy="restore from base backup and archive with recovery_target_time (PostgreSQL, 26.3.5), and practise it",
)
def database_is_restored_to_a_chosen_moment(recoveries, expect, requirement):
    """A restore to a chosen moment brings back what was written before it, and nothing of what was written after it.

    The drill takes a base backup, writes rows on both sides of a moment into a table of its own, restores into a
    scratch server and compares; table and scratch server are removed.
    """
    if requirement.value is not True:
        not_assessed("the clause does not ask for point-in-time recovery")
    found = recoveries.hold()
    expect.holds(
        not found.failed,
        expected=f"a server restored to {found.moment}",
        seen=found.failed or f"there is one after {found.seconds:.1f} s",
    )
    expect.holds(
        not found.lost and not found.beyond,
        expected=f"the rows from before {found.moment}, and none from after it",
        seen=f"rows {list(found.rows)} are there: {len(found.lost)} are lost, {len(found.beyond)} are from after it",
    )
    expect.conclude(f"restored to {found.moment} in {found.seconds:.1f} s: all rows from before it, none from after")


def settings_of(postgres):
    """Settings by name; read in silence, as a command may hold a secret."""
    return {one["name"]: one["setting"] for one in postgres.quiet_rows(SETTINGS, (list(NAMES),))}


def told(span):
    """A time span for people."""
    hours = span.total_seconds() / 3600
    if hours >= 48:
        return f"{hours / 24:.1f} days"
    return f"{hours:.1f} h" if hours >= 1 else f"{max(0.0, hours * 60):.0f} min"
