"""Whether locks were brought up to date in time, by the commits of a repository."""

import datetime
import os
import subprocess

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.project.history import period_of
from stackproof.project.view import ProjectFiles

CHECK = "stack/review::locks_were_brought_up_to_date_within_the_period"
NOW = datetime.date(2026, 11, 25)
HEAD = (
    'version = 1\nrequires-python = ">=3.12"\n\n[[package]]\nname = "ours"\nversion = "1"\nsource = { virtual = "." }\n'
)


def lock(**versions):
    """A lock that takes these releases."""
    return HEAD + "".join(
        f'\n[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "https://pypi.org/simple" }}\n'
        f'sdist = {{ url = "https://files.example/{name}.tar.gz", hash = "sha256:00" }}\n'
        for name, version in versions.items()
    )


class Repository:
    """A repository whose commits have days."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words, day=NOW, written=None):
        """Run Git at noon of a day."""
        moments = {"GIT_AUTHOR_DATE": f"{written or day}T12:00:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00:00Z"}
        who = {f"GIT_{role}_{what}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        subprocess.run(
            ["git", "-C", str(self.folder), *words], env={**clean, **moments, **who}, check=True, capture_output=True
        )

    def commit(self, day, written=None, **files):
        """Write files and commit them on that day."""
        for name, text in files.items():
            (self.folder / name.replace("__", ".")).write_text(text)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "a change", day=day, written=written)

    def files(self):
        """The view of it."""
        descriptor = parse_descriptor({"target": {}, "project": {"path": "."}}, self.folder / "stackproof.toml")
        return ProjectFiles(descriptor, Recorder(Redactor()))


@pytest.fixture
def repository(tmp_path):
    """A repository."""
    return Repository(tmp_path / "ours")


@pytest.fixture
def judged(check, repository):
    """What the check says on that day."""
    return lambda today=NOW, **views: check(
        CHECK, "review.locks-in-time", files=repository.files(), today=today, **views
    )


def test_a_lock_that_was_updated_in_time(repository, judged):
    """Ninety-two days are a quarter, the last of them included."""
    repository.commit("2026-01-10", uv__lock=lock(django="5.2.1"))
    repository.commit("2026-08-25", uv__lock=lock(django="5.2.17"))
    repository.commit("2026-11-20", README="something else")

    assert judged() == "since 2026-01-10 1 releases in uv.lock were moved"
    with pytest.raises(Violation, match=r"uv\.lock was changed last on 2026-08-25, 93 days before 2026-11-26"):
        judged(NOW + datetime.timedelta(days=1))


def test_a_lock_that_is_younger_than_the_period(repository, judged):
    """What was resolved anew is up to date."""
    repository.commit("2026-09-10", uv__lock=lock(django="5.2.17"))

    assert judged() == "uv.lock was made within 92 days, and changed last on 2026-09-10"


def test_an_addition_is_no_update(repository, judged):
    """The lock was changed in time, and every release that it had is still the old one."""
    repository.commit("2026-01-10", uv__lock=lock(django="5.2.1"))
    repository.commit("2026-11-01", uv__lock=lock(django="5.2.1", redis="5.3.1"))

    with pytest.raises(Violation, match=r"since 2026-01-10 0 releases in uv\.lock were moved, and 1 packages added"):
        judged()


def test_a_rewritten_commit_has_two_dates(repository, judged):
    """A rebase within the period makes no old change a new one, nor can it be told that it is old."""
    repository.commit("2026-11-20", written="2026-02-01", uv__lock=lock(django="5.2.1"))

    with pytest.raises(NotAssessed, match="changed on 2026-02-01 by a commit that was rewritten on 2026-11-20"):
        judged()


def test_both_dates_of_a_commit_within_the_period(repository, judged):
    """A rebase of last week's work."""
    repository.commit("2026-11-20", written="2026-11-12", uv__lock=lock(django="5.2.1"))

    assert "changed last on 2026-11-20" in judged()


@pytest.mark.parametrize(("day", "written"), [("2027-01-01", None), ("2026-11-20", "2030-01-01")])
def test_a_commit_from_the_future_proves_nothing(repository, judged, day, written):
    """Nor does one after the day that is judged."""
    repository.commit(day, written=written, uv__lock=lock(django="5.2.1"))

    with pytest.raises(NotAssessed, match="which is after 2026-11-25"):
        judged()


def test_what_has_no_history_is_not_assessed(repository, judged, tmp_path, check):
    """A lock that was never committed, a shallow clone, a folder without Git."""
    (repository.folder / "uv.lock").write_text(lock(django="5.2.1"))
    repository.commit("2026-11-01", README="x")
    repository.git("rm", "-q", "--cached", "uv.lock")
    repository.git("commit", "-q", "-m", "only in the folder", "--amend")
    with pytest.raises(NotAssessed, match=r"uv\.lock was never committed"):
        judged()
    repository.commit("2026-11-02", uv__lock=lock(django="5.2.2"))
    repository.commit("2026-11-03", README="y")
    shallow = Repository(tmp_path / "new")
    shallow.git("pull", "-q", "--depth", "1", f"file://{repository.folder}", "main")
    with pytest.raises(NotAssessed, match="git fetch --unshallow"):
        check(CHECK, "review.locks-in-time", files=shallow.files(), today=NOW)
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "uv.lock").write_text(lock(django="5.2.1"))
    descriptor = parse_descriptor({"target": {}, "project": {"path": "."}}, bare / "stackproof.toml")
    with pytest.raises(NotAssessed, match="bare has no history that Git can read"):
        check(CHECK, "review.locks-in-time", files=ProjectFiles(descriptor, Recorder(Redactor())), today=NOW)


def test_an_earlier_lock_that_cannot_be_read(repository, judged):
    """What was moved cannot be told."""
    repository.commit("2026-01-10", uv__lock="version = [")
    repository.commit("2026-11-01", uv__lock=lock(django="5.2.1"))

    with pytest.raises(NotAssessed, match=r"of 2026-01-10: uv.lock"):
        judged()


def test_every_lock_counts(repository, judged):
    """One that nobody renews is named."""
    compiled = "# This file is autogenerated by pip-compile with Python 3.12\ndjango==5.2.1 \\\n    --hash=sha256:00\n"
    repository.commit("2026-02-10", uv__lock=lock(django="5.2.1"), requirements__txt=compiled)
    repository.commit("2026-11-01", uv__lock=lock(django="5.2.17"))

    with pytest.raises(Violation, match=r"requirements\.txt was changed last on 2026-02-10"):
        judged()


def test_the_period_is_the_documents(repository, judged, edition):
    """Monthly is shorter; a document without a period has nothing that could be late."""
    repository.commit("2026-10-01", uv__lock=lock(django="5.2.1"))
    monthly = edition(("Update quarterly, and at once", "Update monthly, and at once"))
    none = edition(
        ("Update quarterly, and at once", "Update dependencies, and at once"), ("### Quarterly Review", "### Review")
    )

    assert judged()
    with pytest.raises(Violation, match="within 31 days"):
        judged(specification=monthly)
    with pytest.raises(NotAssessed, match="names no period"):
        judged(specification=none)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("Update quarterly", 92),
        ("every three months", 92),
        ("Weekly review", 7),
        ("Monthly, at the latest quarterly", 31),
        ("once a year", 366),
        ("yearly", 366),
        ("whenever", None),
        ("the quarters of the town", None),
    ],
)
def test_words_for_periods(words, days):
    """The shortest that is named."""
    assert period_of(words) == days
