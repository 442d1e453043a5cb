"""One run of the suites on a described target, by pytest inside this process."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import FrameType

import pytest

from stackproof.absent import with_what_follows
from stackproof.check import View
from stackproof.closed import Planned, closed_views, told_of_closed
from stackproof.descriptor.model import Descriptor
from stackproof.drill import journal
from stackproof.errors import InfrastructureError, UsageError
from stackproof.harness import put_tree_on_path
from stackproof.patterns import fits
from stackproof.registry import load_checks, shard_of
from stackproof.target.traffic import FOLDER_VARIABLE
from stackproof.target.views import Opening, open_views
from stackproof.verdict import CheckResult, Verdict

INTERRUPTED = "the run was interrupted before this was looked at"
OVERRUN = "the run's time budget was spent before this was looked at to its end (--budget)"
FAILED_FAST = "the run ended at the first violation or failure, before this was looked at (--fail-fast)"
IDLE = (  # plugins of pytest's own that no check has a use for, and that are asked at every one of them
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "legacypath",
    "logging",
    "pastebin",
    "setuponly",
    "setupplan",
    "stepwise",
    "terminal",
    "threadexception",
    "unittest",
    "unraisableexception",  # it collects garbage five times over at the end
    "warnings",
)
USUAL = 900.0  # seconds of the usual budget; a shorter one may leave something out, and then the lesser comes last
GRACE = 10.0  # seconds past the budget after which what still runs is ended
WORKERS = 2
FEW = 3  # checks that are done sooner than workers would be up


@dataclass(frozen=True, slots=True)
class Suites:
    """Which checks to run on what.

    Attributes:
        descriptor: the target's stackproof.toml.
        specification: the document.
        only: patterns of requirement ids; empty for all.
        checks: patterns of check ids; empty for all.
        shard: (number, of how many): the checks are dealt out by their ids, and only these are run.
        fail_fast: end at the first violation or fault of the harness.
        as_of: the day on which support is judged, in ISO 8601; empty for today.
        drill: parts of the target may be broken for a while.
        reproduce: the command that a reader can paste, without `--only`.
        patience: seconds that a check may wait for something to happen by itself; 0 for none.
        budget: seconds after which no check is begun and no request is sent any more; 0 for no limit.
        workers: processes; 0 runs everything in this one.
    """

    descriptor: Path
    specification: Path
    only: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    as_of: str = ""
    shard: tuple[int, int] = (1, 1)
    fail_fast: bool = False
    allow_writes: bool = False
    drill: bool = False
    reproduce: str = ""
    patience: float = 0.0
    budget: float = 0.0
    workers: int = WORKERS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `interrupted` is "" where every planned check was reached."""

    results: tuple[CheckResult, ...]
    interrupted: str


def run_suites(
    suites: Suites,
    on_result: Callable[[CheckResult], None] | None = None,
    openings: Mapping[View, Opening] | None = None,
) -> Outcome:
    """Run the checks and gather their results.

    Args:
        openings: of the target's views, where they were looked at already.

    Raises:
        UsageError: pytest refused its arguments or a suite could not be collected.
        InfrastructureError: a worker died, or the plugin failed.
    """
    from stackproof.descriptor.reading import read_descriptor
    from stackproof.spec import read

    root = put_tree_on_path()
    described = read_descriptor(suites.descriptor)
    if described.unused:
        described = with_what_follows(described, read(suites.specification))
    openings = openings or open_views(described)
    plan, unseen = told_of_closed(
        planned(suites, described.suites.folders), openings, described.unused, allow_writes=suites.allow_writes
    )
    watcher = _Watcher(on_result)
    for result in unseen:
        watcher.take(result)
    if not plan:
        return Outcome(tuple(watcher.results), "")
    arguments = _arguments(suites, described.suites.folders, root, openings)
    bound = suites.budget and suites.budget + GRACE
    with (
        _alone_in_pytest(),
        _traffic_folder(described),
        journal.begun(),
        interrupted_after(bound) as overran,
    ):
        code: int = pytest.ExitCode.OK
        for phase in ("together", "alone") if suites.workers and _disturbs_itself(suites, described) else ("",):
            part = [one for one in plan if not phase or one[0].check.alone is (phase == "alone")]
            if part and code in _ENDED and not watcher.trouble and not (suites.fail_fast and watcher.failed):
                workers = [] if phase == "alone" else _workers(suites, part)
                files = sorted({str(registered.path) for registered, _ in part})
                code = pytest.main([*files, *arguments, *workers, f"--stackproof-phase={phase}"], plugins=[watcher])
    if suites.fail_fast and watcher.failed:
        return Outcome(tuple(watcher.results), FAILED_FAST)
    if code == pytest.ExitCode.INTERRUPTED:
        told = [OVERRUN if overran.is_set() else INTERRUPTED, *journal.cut_short]
        return Outcome(tuple(watcher.results), "; ".join(told))
    if code in _ENDED:
        return Outcome(tuple(watcher.results), watcher.trouble)
    detail = watcher.trouble or "pytest ended with an internal error"
    if code == pytest.ExitCode.USAGE_ERROR:
        raise UsageError(detail, hint="correct what is named; nothing was judged")
    raise InfrastructureError(f"the suites could not be run: {detail}", hint="report this with the lines above")


_ENDED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED})


def _disturbs_itself(suites: Suites, described: Descriptor) -> bool:
    """Whether a check may break or restart what the others look at, so that it has to come after them."""
    restart = described.restart
    return suites.drill or (suites.allow_writes and restart is not None and not restart.base_url)


class _Watcher:
    """Listens to the session of this process, where the results of every worker arrive."""

    def __init__(self, on_result: Callable[[CheckResult], None] | None) -> None:
        self._on_result = on_result
        self.results: list[CheckResult] = []
        self.trouble = ""
        self.failed = False

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Ask to be told of each result as it comes."""
        plugin = session.config.pluginmanager.get_plugin("stackproof-session")
        if plugin is not None:
            plugin.on_result = self.take

    def take(self, result: CheckResult) -> None:
        """Keep a result and hand it on."""
        self.results.append(result)
        self.failed = self.failed or result.verdict in {Verdict.VIOLATED, Verdict.ERROR}
        if self._on_result:
            self._on_result(result)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """End workers that an interruption found being started: the interpreter's own end is too late for that."""
        manager = getattr(config.pluginmanager.get_plugin("dsession"), "nodemanager", None)
        if manager is not None:
            manager.group.terminate(timeout=1.0)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be collected is a fault of the harness, not of the target."""
        if report.failed:
            self.trouble = f"a suite could not be collected: {str(report.longrepr)[-600:]}"

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep the end of pytest's own account."""
        self.trouble = str(excrepr)[-600:]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object | None) -> None:
        """A worker that died took its checks with it: they stay not assessed and say why."""
        if error:
            self.trouble = f"a worker of the harness died: {str(error)[-300:]}"


def _arguments(suites: Suites, folders: tuple[Path, ...], root: Path, openings: Mapping[View, Opening]) -> list[str]:
    arguments = [
        f"--rootdir={root}",
        f"--confcutdir={root}",
        "-c",
        os.devnull,
        "--import-mode=importlib",
        "-p",
        "stackproof.plugin",
        "-p",
        "stackproof.quick",
        *(word for one in IDLE for word in ("-p", f"no:{one}")),
        f"--stackproof-target={suites.descriptor}",
        f"--stackproof-spec={suites.specification}",
        f"--stackproof-reproduce={suites.reproduce}",
        f"--stackproof-closed={','.join(closed_views(openings))}",
    ]
    given: tuple[tuple[object, str], ...] = (
        (suites.only, f"--stackproof-only={','.join(suites.only)}"),
        (suites.checks, f"--stackproof-checks={','.join(suites.checks)}"),
        (folders, f"--stackproof-folders={os.pathsep.join(str(one) for one in folders)}"),
        (suites.shard != (1, 1), f"--stackproof-shard={suites.shard[0]}/{suites.shard[1]}"),
        (suites.fail_fast, "--maxfail=1"),
        (suites.as_of, f"--stackproof-as-of={suites.as_of}"),
        (suites.patience, f"--stackproof-patience={suites.patience}"),
        (suites.budget, f"--stackproof-deadline={time.monotonic() + suites.budget}"),
        (0 < suites.budget < USUAL + suites.patience, "--stackproof-hurried"),
        (suites.allow_writes, "--stackproof-allow-writes"),
        (suites.drill, "--stackproof-drill"),
    )
    return [*arguments, *(word for wanted, word in given if wanted)]


def planned(suites: Suites, folders: tuple[Path, ...]) -> list[Planned]:
    """The checks of a run, those of a team's own folders with them, each with every requirement that it judges."""
    from stackproof.spec import read

    wanted = [one for one in read(suites.specification).every if fits(one.id, suites.only)]
    return [
        (registered, one)
        for registered in load_checks(folders=folders)
        if fits(registered.id, suites.checks) and shard_of(registered.id, suites.shard[1]) == suites.shard[0]
        for one in wanted
        if registered.check.selects(one)
    ]


def _workers(suites: Suites, plan: list[Planned]) -> list[str]:
    if not suites.workers or (len(plan) <= FEW and not suites.patience):
        return []
    workers = suites.workers + (1 if suites.patience else 0)  # one of them does nothing but wait
    # -P: a file of the caller's folder, such as redis.py, must not take the place of a module.
    started = f"{workers}*popen//python={quote(sys.executable)} -P"
    return [
        "-p",
        "xdist.plugin",
        "--tx",
        started,
        "--dist",
        "loadgroup",
        "--no-loadscope-reorder",  # the plugin's own order
        "--max-worker-restart=0",
    ]


@contextmanager
def _alone_in_pytest() -> Iterator[None]:
    """No other plugin of the environment, no options from its variables, and SIGTERM is handled like Ctrl-C."""
    names = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _traffic_folder(described: Descriptor) -> Iterator[None]:
    """A folder in which the processes of this run keep their common pace, where the descriptor asks for one."""
    from fixtures.reaper import Reaper

    if not (described.target.requests_per_second or (described.auth and described.auth.logins_per_minute)):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="stackproof-traffic-") as folder, Reaper() as reaper:
        reaper.folder(Path(folder))
        os.environ[FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER_VARIABLE]


@contextmanager
def interrupted_after(seconds: float) -> Iterator[threading.Event]:
    """Interrupt the main thread like Ctrl-C once the time is up, and say so by the event; 0 for never.

    Every probe has a bound of its own, so that this is for what no bound was thought of.
    """
    overran = threading.Event()

    def interrupt() -> None:
        overran.set()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    if seconds:
        timer.start()
    try:
        yield overran
    finally:
        timer.cancel()


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM ends what runs as Ctrl-C does, so that services are stopped and the report is written."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
