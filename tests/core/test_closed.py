"""Checks whose views are closed are told of by who starts the run, with the words that a session itself would use."""

import pytest

from stackproof.check import Check, NotApplicable, NotAssessed, View
from stackproof.closed import closed_to, told_of_closed
from stackproof.harness import reference_specification
from stackproof.registry import RegisteredCheck
from stackproof.run import Suites, planned, run_suites
from stackproof.spec import read
from stackproof.target.views import Opening
from stackproof.verdict import Verdict

OPENINGS = {
    View.HTTP: Opening(True, ""),
    View.KEY: Opening(False, "no key is given for postgres://me:hunter22@db/x"),
    View.REDIS: Opening(False, "no Redis is named"),
    View.CELERY: Opening(False, "no Redis is named"),
}
ROTATION = next(one for one in read(reference_specification()).every if one.id == "jwt.rotation")


def check_of(*needs, **changes):
    return Check(patterns=("jwt.rotation",), needs=frozenset(needs), title="It holds.", **changes)


def test_open_views_say_nothing():
    assert closed_to(check_of(View.HTTP), ROTATION, OPENINGS, (), allow_writes=False) is None


def test_each_reason_is_given_once():
    end = closed_to(check_of(View.HTTP, View.REDIS, View.CELERY), ROTATION, OPENINGS, (), allow_writes=False)

    assert isinstance(end, NotAssessed)
    assert str(end) == "no Redis is named"


def test_what_is_unused_does_not_apply_unless_it_is_seen():
    assert isinstance(
        closed_to(check_of(View.REDIS), ROTATION, OPENINGS, ("jwt.rotation",), allow_writes=False), NotApplicable
    )
    assert closed_to(check_of(View.HTTP), ROTATION, OPENINGS, ("jwt.rotation",), allow_writes=False) is None


def test_what_is_not_allowed_is_told_unless_there_is_nothing_to_look_at():
    """The service's own word that it has no such thing comes before what a look would need."""
    check = check_of(View.HTTP, writes=True)

    assert closed_to(check, ROTATION, OPENINGS, (), allow_writes=True) is None
    end = closed_to(check, ROTATION, OPENINGS, (), allow_writes=False)
    assert isinstance(end, NotAssessed)
    assert "--allow-writes" in str(end)
    assert isinstance(closed_to(check, ROTATION, OPENINGS, ("jwt.rotation",), allow_writes=False), NotApplicable)


def test_a_plan_is_parted():
    """What is left to look at, and the results of the rest, which name what would open the view and no secret."""
    seen = RegisteredCheck("jwt/rotation::seen", check_of(View.HTTP), reference_specification(), 1)
    unseen = RegisteredCheck("jwt/rotation::unseen", check_of(View.HTTP, View.KEY), reference_specification(), 2)

    left, [result] = told_of_closed([(seen, ROTATION), (unseen, ROTATION)], OPENINGS, (), allow_writes=False)

    assert left == [(seen, ROTATION)]
    assert (result.check, result.requirement, result.verdict) == (unseen.id, ROTATION.id, Verdict.NOT_ASSESSED)
    assert (result.title, result.ran) == ("It holds.", False)
    assert "no key is given for postgres://" in result.reason
    assert "hunter22" not in result.reason


@pytest.fixture
def described(tmp_path):
    """A descriptor that opens nothing but a folder of files."""
    (tmp_path / "uv.lock").write_text("version = 1\n")
    path = tmp_path / "stackproof.toml"
    path.write_text('[target]\nname = "files"\n[project]\npath = "."\n')
    return path


def test_no_session_begins_where_nothing_can_be_seen(described, monkeypatch):
    """Every planned check has its result, and pytest was not needed for one of them."""
    monkeypatch.setattr(pytest, "main", lambda *_, **__: pytest.fail("a session was begun"))
    suites = Suites(described, reference_specification(), only=("jwt.*",))
    heard = []

    outcome = run_suites(suites, heard.append)

    assert not outcome.interrupted
    assert list(outcome.results) == heard
    assert {(one.check, one.requirement) for one in heard} == {
        (registered.id, requirement.id) for registered, requirement in planned(suites, ())
    }
    assert {one.verdict for one in heard} == {Verdict.NOT_ASSESSED}


def test_only_files_with_something_to_see_are_given_to_the_session(described, monkeypatch):
    """The suites of an unseen service are not imported by every worker."""
    given = []
    monkeypatch.setattr(pytest, "main", lambda words, **_: given.extend(words) or pytest.ExitCode.OK)

    run_suites(Suites(described, reference_specification()))

    files = {one.rpartition("/suites/")[2] for one in given if one.endswith(".py")}
    assert "stack/pinning.py" in files
    assert not {one for one in files if one.startswith(("jwt/", "websocket/", "tasks/"))}
    [closed] = [one for one in given if one.startswith("--stackproof-closed=")]
    assert {"http", "accounts", "redis"} <= set(closed.partition("=")[2].split(","))
    assert "files" not in closed.partition("=")[2].split(",")


def test_what_a_session_says_by_itself_is_the_same(described, monkeypatch, capsys):
    """A session that was started without the run (pytest itself) ends these checks with the same words."""
    suites = Suites(described, reference_specification(), only=("jwt.rotation",), workers=0)
    told = {one.check: one.reason for one in run_suites(suites).results}
    heard = {}
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    class Watcher:
        def pytest_runtest_logreport(self, report):
            if report.skipped:
                heard[report.nodeid] = report.longrepr[2]

    root = str(next(one.path for one, _ in planned(suites, ())).parents[1])
    options = ["-p", "stackproof.plugin", "-p", "no:cacheprovider", "-c", "/dev/null", f"--rootdir={root}", "-q"]
    options += [f"--stackproof-target={described}", "--stackproof-only=jwt.rotation", "--import-mode=importlib"]
    pytest.main([f"{root}/jwt", *options], plugins=[Watcher()])
    capsys.readouterr()

    assert told
    assert sorted(f"not-assessed: {one}" for one in told.values()) == sorted(heard.values())
