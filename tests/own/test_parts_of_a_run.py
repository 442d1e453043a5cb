"""Parts of a run: shards, from an earlier report, until the first violation; and what the exit code then says."""

import json

import pytest

from stackproof.cli import _add_commands, app
from stackproof.commands.choices import open_since, shard_named
from stackproof.errors import UsageError
from stackproof.harness import reference_specification
from stackproof.registry import load_checks, shard_of
from stackproof.report.files import load
from stackproof.run import FAILED_FAST, Suites, run_suites
from stackproof.spec import read
from stackproof.verdict import Verdict

CHECKS = '''"""Checks of a few clauses, by what stands in the project's file."""

from stackproof import View, verifies


def judge(files, expect, word):
    text = (files.root / "words.txt").read_text()
    expect.holds(word in text, expected=f"the word {word}", seen=text)


@verifies("jwt.rotation", needs=[View.FILES])
def first(files, expect):
    """The word one is there."""
    judge(files, expect, "one")


@verifies("jwt.blacklist", needs=[View.FILES])
def second(files, expect):
    """The word two is there."""
    judge(files, expect, "two")


@verifies("tls.minimum-version", needs=[View.FILES])
def third(files, expect):
    """The word three is there."""
    judge(files, expect, "three")
'''


@pytest.fixture
def project(tmp_path):
    """A descriptor of a folder with checks of its own; the words decide."""

    def make(words):
        (tmp_path / "conformance").mkdir(exist_ok=True)
        (tmp_path / "conformance" / "words.py").write_text(CHECKS, encoding="utf-8")
        (tmp_path / "words.txt").write_text(words, encoding="utf-8")
        path = tmp_path / "stackproof.toml"
        path.write_text('[target]\nname = "words"\n[project]\npath = "."\n[suites]\nfolders = ["conformance"]\n')
        return path

    return make


def run(descriptor, **changes):
    """The outcome of the folder's checks."""
    given = {
        "descriptor": descriptor,
        "specification": reference_specification(),
        "checks": ("own/*",),
        "workers": 0,
    }
    return run_suites(Suites(**{**given, **changes}))


ORDERED = '''"""Checks that only tell when they ran."""

from stackproof import View, verifies


def ran(expect):
    expect.holds(True, expected="to run", seen="it ran")


@verifies("jwt.rotation", needs=[View.FILES])
def a_short_one(expect):
    """Takes a moment."""
    ran(expect)


@verifies("jwt.rotation", "jwt.blacklist", needs=[View.FILES], serial="kept together")
def b_group(expect):
    """Two that may not meet."""
    ran(expect)


@verifies("jwt.rotation", needs=[View.FILES], alone=True)
def c_disturber(expect):
    """Disturbs the others."""
    ran(expect)


@verifies("jwt.rotation", needs=[View.FILES], lengthy=True)
def d_long_one(expect):
    """Takes seconds."""
    ran(expect)
'''


@pytest.mark.parametrize(
    ("budget", "order"),
    [(0.0, "d_long_one b_group b_group a_short_one c_disturber"),
     (60.0, "b_group b_group a_short_one d_long_one c_disturber")],
    ids=["time enough", "in a hurry"],
)  # fmt: skip
def test_long_checks_begin_first_and_disturbers_come_last(project, tmp_path, budget, order):
    """With several processes the last to end would be what began last; a short budget is for the many, not the long."""
    descriptor = project("")
    (tmp_path / "conformance" / "words.py").write_text(ORDERED, encoding="utf-8")

    ran = [one.check.partition("::")[2] for one in run(descriptor, budget=budget).results]

    assert ran == order.split()


def test_what_stores_unsound_passwords_is_never_beside_what_counts_them():
    """Both may run for one target, whose account has many sessions: the second would accuse the first's work."""
    words = {one.id: one.check.serial for one in load_checks() if one.id.startswith("password/")}

    stores, counts = (
        "password/migration::password_without_salt_opens_no_account",
        "password/stored::no_account_is_stored_unsoundly",
    )
    assert words[stores] == words[counts] != ""


def test_shards_share_the_checks_out(project):
    """Each check is in exactly one of them, whatever their number."""
    descriptor = project("one two three")
    whole = {one.check for one in run(descriptor).results}
    parts = [{one.check for one in run(descriptor, shard=(number, 3)).results} for number in (1, 2, 3)]

    assert set.union(*parts) == whole
    assert sum(map(len, parts)) == len(whole) == 3
    dealt = [shard_of(one.id, 4) for one in load_checks()]
    assert all(dealt.count(number) > len(dealt) / 8 for number in (1, 2, 3, 4))


def test_fail_fast_ends_at_the_first_violation(project):
    """What comes after it was not looked at, and the outcome says why."""
    outcome = run(project("nothing"), fail_fast=True)

    assert [one.verdict for one in outcome.results] == [Verdict.VIOLATED]
    assert outcome.interrupted == FAILED_FAST
    assert len(run(project("one two three"), fail_fast=True).results) == 3


@pytest.mark.parametrize("text", ["1", "0/2", "3/2", "1/", "/2", "a/b", "1/2/3", "-1/2", "1/99999"])
def test_what_is_no_shard_is_refused(text):
    """With the way to write it."""
    with pytest.raises(UsageError, match="is no shard"):
        shard_named(text)


@pytest.fixture
def command(capsys):
    """Run the command in this process; gives its exit code and the report that it printed."""
    if not app.registered_commands:
        _add_commands()

    def call(*words):
        with pytest.raises(SystemExit) as left:
            app([*map(str, words)])
        return left.value.code or 0, capsys.readouterr().out

    return call


def test_since_looks_again_at_what_was_open(project, command, tmp_path):
    """What held is left out and said to be; what was violated and is mended shows, in a report that says so."""
    edition = tmp_path / "our-stack.md"
    text = reference_specification().read_text(encoding="utf-8")
    edition.write_text(
        text.replace("### TLS/SSL\n", "### TLS/SSL\n- Files say red\n- Files say blue\n"), encoding="utf-8"
    )
    descriptor = project("one")
    own = CHECKS.replace("jwt.rotation", "tls.files-say-red").replace("jwt.blacklist", "tls.files-say-blue")
    (tmp_path / "conformance" / "words.py").write_text(own, encoding="utf-8")
    words = ("run", "--target", descriptor, "--spec", edition, "--only", "tls.files-*", "--workers", "0", "--quiet")
    assert command(*words, "--output", tmp_path / "first")[0] == 1

    (tmp_path / "words.txt").write_text("one two", encoding="utf-8")
    code, out = command(*words, "--since", tmp_path / "first", "--json", "--output", tmp_path / "second")
    report = json.loads(out)
    ran = {one["id"]: one["verdict"] for one in report["requirements"] if one["checks"]}

    assert code == 4
    assert ran == {"tls.files-say-blue": "satisfied"}
    assert report["partial_reason"] == f"only what {tmp_path / 'first'} left open or what changed since was asked for"
    held = ["tls.files-say-blue" if word == "tls.files-*" else word for word in words]
    assert command(*held, "--since", tmp_path / "second", "--output", tmp_path / "third") == (0, "")
    assert not (tmp_path / "third").exists()


def test_since_asks_again_where_the_specification_changed(project, command, tmp_path):
    """A clause with another value is open again, whatever was found before."""
    command(
        "run",
        "--target",
        project("one two three"),
        "--only",
        "jwt.*",
        "--workers",
        "0",
        "--quiet",
        "--output",
        tmp_path / "r",
    )
    edited = tmp_path / "edited.md"
    text = reference_specification().read_text(encoding="utf-8")
    assert ": 15 minutes" in text
    edited.write_text(text.replace(": 15 minutes", ": 10 minutes"), encoding="utf-8")

    assert "jwt.access-token-lifetime" in open_since(tmp_path / "r", read(edited))


def test_incomplete_may_be_allowed_and_nothing_else(project, command, tmp_path):
    """0 in place of 4; a violation stays 1, and the report says incomplete all the same."""
    words = (
        "--only",
        "tls.minimum-version",
        "--workers",
        "0",
        "--quiet",
        "--allow-incomplete",
        "--output",
        tmp_path / "r",
    )
    assert command("run", "--target", project("three"), *words)[0] == 0
    assert load(tmp_path / "r").level == "incomplete"
    assert command("run", "--target", project("none"), *words)[0] == 1


def test_a_failure_of_the_harness_is_not_allowed(project, command, tmp_path):
    """A check that failed is no gap that one may agree to."""
    descriptor = project("three")
    (tmp_path / "words.txt").unlink()
    words = (
        "--only",
        "tls.minimum-version",
        "--workers",
        "0",
        "--quiet",
        "--allow-incomplete",
        "--output",
        tmp_path / "r",
    )
    assert command("run", "--target", descriptor, *words)[0] == 4


def test_a_short_budget_puts_the_documents_own_clauses_first(project):
    """What they imply waits; with the usual budget the suites keep their order, in which long checks begin early."""
    descriptor = project("one two three")
    path = descriptor.parent / "conformance" / "words.py"
    path.write_text(CHECKS.replace('"jwt.rotation"', '"tls.hsts"'), encoding="utf-8")
    hurried = [one.requirement for one in run(descriptor, budget=60.0).results]
    usual = [one.requirement for one in run(descriptor, budget=900.0).results]

    assert usual == ["tls.hsts", "jwt.blacklist", "tls.minimum-version"]
    assert hurried == ["jwt.blacklist", "tls.minimum-version", "tls.hsts"]


ENGINE = '''"""A check through a view that is closed."""

from stackproof import View, verifies


@verifies("version.docker", "version.docker-compose", needs=[View.ENGINE])
def engine_is_seen(engine, expect):
    """Nobody gets here."""
    expect.holds(False, expected="a closed view", seen="an open one")
'''


def test_what_the_service_does_not_use_needs_no_open_view(project):
    """The descriptor's own word counts where nothing can be seen; what it does not list stays open."""
    path = project("")
    (path.parent / "conformance" / "words.py").write_text(ENGINE, encoding="utf-8")
    path.write_text(path.read_text().replace('path = "."', 'path = "."\nunused = ["version.docker"]'))
    outcome = {one.requirement: one for one in run(path).results}

    assert outcome["version.docker"].verdict is Verdict.NOT_APPLICABLE
    assert "project.unused lists version.docker" in outcome["version.docker"].reason
    assert outcome["version.docker-compose"].verdict is Verdict.NOT_ASSESSED
