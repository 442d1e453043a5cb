"""The pytest plugin: checks are collected from `suites/`, run, and turned into results.

`stackproof run` loads it, and so does the `conftest.py` of the harness's tree; other people's pytest runs in the
same environment stay as they were.
"""

from __future__ import annotations

import datetime
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from stackproof.check import Check, NotApplicable, NotAssessed, View, check_of
from stackproof.closed import closed_to, may_look
from stackproof.context import RUNNING, Context, Running, make_context
from stackproof.drill import guard
from stackproof.errors import StackproofError
from stackproof.evidence import Recorder
from stackproof.expect import Expect
from stackproof.harness import harness_root, reference_specification
from stackproof.patterns import fits
from stackproof.registry import check_id, is_suite, shard_of
from stackproof.results import from_data, outcome_of, to_data
from stackproof.spec.model import Requirement, Specification
from stackproof.verdict import CheckResult, Verdict

PROPERTY = "stackproof"

pytest_plugins = [f"stackproof.check_fixtures.{one}" for one in ("run", "service", "parts")]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run of the suites."""
    group = parser.getgroup("stackproof", "conformance of a target to a tech-stack specification")
    group.addoption("--stackproof-target", metavar="FILE", help="the target's stackproof.toml")
    group.addoption("--stackproof-spec", metavar="FILE", help="the specification (default: the reference one)")
    group.addoption("--stackproof-only", metavar="IDS", help="requirement ids, comma separated, * allowed")
    group.addoption("--stackproof-checks", metavar="IDS", help="check ids, comma separated, * allowed")
    group.addoption("--stackproof-folders", default="", metavar="FOLDERS", help="a team's own suites")
    group.addoption("--stackproof-shard", default="", metavar="I/N", help="only the checks of this shard")
    group.addoption("--stackproof-as-of", default="", metavar="DATE", help="the day on which support is judged")
    group.addoption("--stackproof-allow-writes", action="store_true", help="allow checks beyond ordinary use")
    group.addoption("--stackproof-drill", action="store_true", help="allow checks that break parts for a while")
    group.addoption("--stackproof-report", metavar="FOLDER", help="write report.json and junit.xml there")
    group.addoption("--stackproof-patience", type=float, default=0.0, metavar="SECONDS", help="longest wait of a check")
    group.addoption("--stackproof-deadline", type=float, default=0.0, help="time.monotonic() that ends the budget")
    group.addoption("--stackproof-hurried", action="store_true", help="the document's own clauses come first")
    group.addoption("--stackproof-phase", default="", choices=("", "together", "alone"), help="which part of a run")
    group.addoption("--stackproof-closed", metavar="VIEWS", help="leave out what needs one of these, or may not look")
    group.addoption("--stackproof-reproduce", default="", help="the command that reproduces, without --only")


def pytest_configure(config: pytest.Config) -> None:
    """Register the session's state; without suites in the run it stays idle."""
    config.addinivalue_line("markers", "xdist_group(name): checks that may not run at the same time")
    if not config.pluginmanager.has_plugin("stackproof-session"):
        config.pluginmanager.register(SuiteSession(config), "stackproof-session")


class SuiteSession:
    """Collects, guards and reports the checks of one pytest session (or of one worker of it)."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._suites = harness_root() / "suites"
        self._folders = [
            Path(one).resolve() for one in config.getoption("--stackproof-folders").split(os.pathsep) if one
        ]
        self._context: Context | None = None
        self._specification: Specification | None = None
        self._started, self._clock = datetime.datetime.now(datetime.UTC), time.monotonic()
        self.results: list[CheckResult] = []
        self.on_result: Callable[[CheckResult], None] | None = None

    # -- what the run is about -----------------------------------------------------------------------------

    @property
    def specification(self) -> Specification:
        """The specification of the run."""
        if self._specification is None:
            from stackproof.spec import read

            given = self._config.getoption("--stackproof-spec")
            self._specification = read(Path(given) if given else reference_specification())
        return self._specification

    @property
    def context(self) -> Context:
        """Everything that checks share; made when the first check needs it."""
        if self._context is None:
            given = self._config.getoption("--stackproof-target")
            if not given:
                pytest.exit("the suites judge a target: give --stackproof-target FILE, or use `stackproof run`", 2)
            self._context = make_context(Path(given), self.specification, self._config)
        return self._context

    # -- collection ----------------------------------------------------------------------------------------

    @pytest.hookimpl
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Tests that stand beside a team's checks are not run with them: they run the checks themselves."""
        own = any(collection_path.is_relative_to(one) for one in self._folders)
        return True if own and collection_path.is_file() and not is_suite(collection_path) else None

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        """Every Python file under `suites/` is one; a file that is named on the command line pytest takes itself."""
        own = any(file_path.is_relative_to(one) and is_suite(file_path) for one in self._folders)
        if not own and (file_path.suffix != ".py" or not file_path.is_relative_to(self._suites)):
            return None
        if parent.session.isinitpath(file_path):
            return None
        return pytest.Module.from_parent(parent, path=file_path)

    @pytest.hookimpl
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One item for each requirement that the check selects."""
        check = check_of(metafunc.function)
        if check is None:
            return
        if "requirement" not in metafunc.fixturenames:
            metafunc.fixturenames.append("requirement")
        chosen = [one for one in self.specification.every if check.selects(one) and self._wanted(one.id)]
        metafunc.parametrize("requirement", chosen, ids=[one.id for one in chosen])

    def _wanted(self, requirement_id: str) -> bool:
        only = self._config.getoption("--stackproof-only")
        return fits(requirement_id, [one.strip() for one in only.split(",")] if only else [])

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Drop checks without a requirement in this specification; keep checks of one serial word together."""
        wanted = self._config.getoption("--stackproof-checks")
        patterns = [one.strip() for one in wanted.split(",")] if wanted else []
        phase, shard = self._config.getoption("--stackproof-phase"), self._config.getoption("--stackproof-shard")
        mine, of = (int(one) for one in shard.split("/")) if shard else (1, 1)
        told = self._config.getoption("--stackproof-closed")
        closed = None if told is None else frozenset(told.split(","))
        allow_writes = self._config.getoption("--stackproof-allow-writes")
        kept = []
        for item in items:
            check = check_of(getattr(item, "function", None))
            identity = self.id_of(item) if check and (shard or patterns) else ""
            if check is None or (
                isinstance(_requirement_of(item), Requirement)
                and (not phase or check.alone is (phase == "alone"))
                and (closed is None or may_look(check, closed, allow_writes=allow_writes))
                and shard_of(identity, of) == mine
                and fits(identity, patterns)
            ):
                kept.append(item)
        items[:] = kept
        checks = [(item, check) for item in kept if (check := check_of(getattr(item, "function", None)))]
        if checks and not self._config.option.collectonly:
            self._prepare()
            groups = {item: self._group_of(check) or item.nodeid for item, check in checks}
            sizes = Counter(groups.values())
            turns = {item: (*self._turn(item, check), -sizes[groups[item]]) for item, check in checks}
            items.sort(key=lambda item: turns.get(item, (2, False, 0)))
            for item, group in groups.items():
                item.add_marker(pytest.mark.xdist_group(group))

    def _turn(self, item: pytest.Item, check: Check) -> tuple[int, bool]:
        """In a hurry the document's own clauses come before what they imply: a spent budget leaves out the lesser.

        What waits for time to pass begins first beside the rest, or late where the rest would wait for it. What takes
        long begins before what does not. What disturbs the others comes after them all.
        """
        requirement = _requirement_of(item)
        hurried = self._config.getoption("--stackproof-hurried")
        derived = hurried and isinstance(requirement, Requirement) and requirement.source is not None
        if check.alone:
            return 4, derived
        if check.serial == "patience":
            return 0 if self.context.descriptor.accounts.many_sessions else 3, derived
        return 1 if check.lengthy and not hurried else 2, derived

    def _group_of(self, check: Check) -> str:
        """Checks of one group run one after another, in one process.

        Where a login may end the account's other sessions, all that sign in are one group.
        """
        alone = View.ACCOUNTS in check.needs and not self.context.descriptor.accounts.many_sessions
        return "accounts" if alone else check.serial

    def _prepare(self) -> None:
        try:
            _ = self.context
        except StackproofError as error:
            raise pytest.UsageError(str(error)) from None

    def id_of(self, item: pytest.Item) -> str:
        """The check's id of an item."""
        name = item.function.__name__  # type: ignore[attr-defined]
        return check_id(item.path, name, self._suites.parent, self._folders)

    # -- running -------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """End checks whose views are closed before anything of the target is touched."""
        check = check_of(getattr(item, "function", None))
        if check is None:
            return
        requirement = _requirement_of(item)
        recorder = Recorder(self.context.redactor)
        reproduce = f"{self.context.reproduce} --only {requirement.id}"
        item.stash[RUNNING] = Running(requirement, recorder, Expect(recorder, reproduce=reproduce))
        context = self.context
        closed = closed_to(
            check, requirement, context.openings, context.descriptor.unused, allow_writes=context.allow_writes
        )
        if closed:
            raise closed
        if self.context.http.remaining() <= 0:
            raise NotAssessed("the run's time budget was spent before this was looked at (--budget)")
        if check.drill:
            beside = hasattr(self._config, "workerinput")
            guard(check.drill, self.context.descriptor, allowed=self.context.drill, beside_others=beside)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn the outcome of a check into a result that travels with pytest's report."""
        if call.excinfo is not None and isinstance(call.excinfo.value, NotAssessed | NotApplicable):
            call.excinfo.traceback = call.excinfo.traceback[-1:]  # it is never shown, and pytest looks at every frame
        report = yield
        check = check_of(getattr(item, "function", None))
        if check is None or not (call.when == "call" or call.excinfo is not None):
            return report
        result = self._result(item, check, call)
        report.user_properties.append((PROPERTY, json.dumps(to_data(result))))
        if result.verdict in {Verdict.NOT_ASSESSED, Verdict.NOT_APPLICABLE}:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), item.location[1] or 0, f"{result.verdict}: {result.reason}")
        elif result.verdict is Verdict.SATISFIED:
            report.outcome = "passed"
        else:
            report.outcome = "failed"
            report.longrepr = report.longrepr or f"{result.verdict}: {result.reason}"
        return report

    def _result(self, item: pytest.Item, check: Check, call: pytest.CallInfo[None]) -> CheckResult:
        running = item.stash[RUNNING]
        error = call.excinfo.value if call.excinfo is not None else None
        redact = self.context.redactor.text
        verdict, reason, expected, seen, reproduce = outcome_of(error, running.recorder, running.expect)
        return CheckResult(
            check=self.id_of(item),
            requirement=running.requirement.id,
            verdict=verdict,
            reason=redact(reason) or verdict.value,
            title=check.title,
            expected=redact(expected),
            seen=redact(seen),
            reproduce=redact(reproduce),
            remedy=check.remedy if verdict is Verdict.VIOLATED else "",
            supplementary=check.supplementary,
            one_of=check.one_of,
            ran=call.when == "call",
            seconds=round(time.monotonic() - running.started, 3),
            evidence=running.recorder.records,
        )

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the results; with workers this happens in the process that started them."""
        for name, value in report.user_properties:
            if name == PROPERTY and not hasattr(self._config, "workerinput"):
                result = from_data(json.loads(str(value)))
                self.results.append(result)
                if self.on_result:
                    self.on_result(result)

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        """Write the report where one was asked for, and close the connections to the target."""
        folder = self._config.getoption("--stackproof-report")
        if folder and not hasattr(self._config, "workerinput"):
            self._write_report(Path(folder))
        if self._context is not None:
            self._context.http.close()

    def _write_report(self, folder: Path) -> None:
        from stackproof.registry import load_checks
        from stackproof.report.build import RunFacts, build_report
        from stackproof.report.files import make_folder, save

        only = self._config.getoption("--stackproof-only")
        facts = RunFacts(
            started=self._started,
            seconds=time.monotonic() - self._clock,
            kind="described",
            profile=self.context.descriptor.target.profile,
            openings=self.context.openings,
            only=tuple(one.strip() for one in only.split(",")) if only else (),
            allow_writes=self.context.allow_writes,
        )
        report = build_report(self.specification, self.context.descriptor, load_checks(), self.results, facts)
        save(report, make_folder(folder, datetime.datetime.now(datetime.UTC)))


def _requirement_of(item: pytest.Item) -> Any:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("requirement") if callspec else None
