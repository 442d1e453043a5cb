"""Updates in time, as far as a repository tells: its locks were brought up to date within the document's period."""

from stackproof import View, history, not_assessed, verifies
from stackproof import locks as package_locks

REMEDY = "bring the lock up to date and try it: uv lock --upgrade, then run the tests and commit it"
CLAUSES = ("pinning.production.quarterly-update", "review.lock-update")


@verifies("review.locks-in-time", needs=[View.FILES], remedy=REMEDY)
def locks_were_brought_up_to_date_within_the_period(files, today, expect, specification):
    """A release in each lock was moved within the period that the document names, by the repository's commits."""
    clauses = [found for name in CLAUSES if (found := specification.find(name)) is not None]
    periods = [days for one in clauses if (days := history.period_of(f"{one.text} {one.chapter}")) is not None]
    if not periods:
        not_assessed("the document names no period such as quarterly, so that nothing is too late")
    locks = files.lock_files()
    if not locks:
        not_assessed(package_locks.without_a_lock(files.root) or "the project has no lock")
    expect.conclude("; ".join(judged(files.root, one, min(periods), today, expect) for one in locks))


def judged(root, one, days, today, expect):
    """By the last commit that changed a lock, where its dates can be believed, and by what it changed."""
    start = history.start_of(days, today)
    last = history.last_change(root, one.file)
    if max(last.written, last.committed) > today:
        not_assessed(f"{one.file} was committed on {last.committed}, which is after {today}")
    if last.written < start <= last.committed:
        not_assessed(
            f"{one.file} was changed on {last.written} by a commit that was rewritten on {last.committed}: "
            "which of the two counts cannot be told"
        )
    expect.holds(
        last.committed >= start,
        expected=f"{one.file} to be brought up to date within {days} days",
        seen=f"{one.file} was changed last on {last.committed}, {(today - last.committed).days} days before {today}",
        commit=last.commit,
    )
    earlier = history.before(root, one.file, start)
    if earlier is None:
        return f"{one.file} was made within {days} days, and changed last on {last.committed}"
    moved = history.moved(root, one, earlier, last)
    expect.holds(
        bool(moved.updated),
        expected=f"a release in {one.file} to be moved within {days} days",
        seen=f"since {earlier.committed} {len(moved.updated)} releases in {one.file} were moved, and "
        f"{len(moved.added)} packages added",
        moved=list(moved.updated[:50]),
    )
    return f"since {earlier.committed} {len(moved.updated)} releases in {one.file} were moved"
