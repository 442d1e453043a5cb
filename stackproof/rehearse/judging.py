"""One run of the suites on a service in one environment, and its report."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stackproof.check import View
from stackproof.errors import InfrastructureError, UsageError
from stackproof.ingredients import Ingredients
from stackproof.patterns import fits
from stackproof.report.model import Report, ServicePart
from stackproof.verdict import CheckResult

if TYPE_CHECKING:
    from stackproof.progress import Progress
    from stackproof.registry import RegisteredCheck
    from stackproof.spec.model import Specification
    from stackproof.target.views import Opening

NOT_STARTED = "the service does not start"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is asked of a service, whichever environment it runs in.

    Attributes:
        only: patterns of requirement ids.
        checks: patterns of check ids; empty for all.
    """

    only: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    kind: Literal["reference", "described"] = "reference"
    services: str = "auto"
    profile: str = ""
    allow_writes: bool = False
    drill: bool = False
    strict: bool = False
    workers: int = 2
    budget: float = 0.0

    def narrowed(self, checks: tuple[str, ...], only: tuple[str, ...]) -> Trial:
        """Only these checks, in this process: a handful of them needs no helpers."""
        return replace(self, checks=checks, only=only, workers=0)

    def chosen(self, specification: Specification) -> tuple[list[RegisteredCheck], tuple[str, ...]]:
        """The checks that will run, and the requirements that they and the patterns leave; () for all.

        Raises:
            UsageError: nothing is left to run.
        """
        from stackproof.registry import load_checks

        known = load_checks()
        asked = [one for one in known if fits(one.id, self.checks)]
        if self.checks and not asked:
            folders = sorted({one.id.split("/")[0] for one in known})
            raise UsageError("--suite: there is no such check", hint=f"the suites are {', '.join(folders)}")
        wanted = [
            one
            for one in specification.every
            if fits(one.id, self.only) and (not self.checks or any(check.check.selects(one) for check in asked))
        ]
        running = [check for check in asked if any(check.check.selects(one) for one in wanted)]
        if not running:
            raise UsageError(
                f"--only {', '.join(self.only)}: no check is left to run",
                hint="`stackproof list` shows what checks what",
            )
        everything = not self.only and not self.checks
        return running, () if everything else tuple(one.id for one in wanted)


@dataclass(frozen=True, slots=True)
class Standing:
    """A service that is up."""

    descriptor: Path
    services: tuple[ServicePart, ...] = ()
    reason: str = ""


type Up = Callable[[frozenset[View]], AbstractContextManager[Standing]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A report, and why the service did not start, or ""."""

    report: Report
    trouble: str = ""


def judge(trial: Trial, document: Path, up: Up, progress: Progress) -> Judged:
    """Bring the service up, run the suites and add everything up.

    A service that does not come up is a finding here and no error: the report has every clause as not assessed.

    Raises:
        KeyboardInterrupt: the user ended the run.
        InfrastructureError: the harness failed while the service was up.
    """
    from stackproof.descriptor.reading import read_descriptor
    from stackproof.report.build import RunFacts, build_report
    from stackproof.run import INTERRUPTED, OVERRUN
    from stackproof.spec import read
    from stackproof.target.views import open_views

    specification = read(document)
    running, only = trial.chosen(specification)
    started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
    views = frozenset(view for one in running for view in one.check.needs)
    views |= {View.REPLICAS for one in running if one.check.drill == "web"}
    trouble, results, standing, descriptor, interrupted = "", tuple[CheckResult, ...](), None, None, ""
    try:
        entered = up(views)
        standing = entered.__enter__()
    except InfrastructureError as error:
        trouble = interrupted = f"{NOT_STARTED}: {error.message}"
    else:
        with _leaving(entered):
            descriptor = read_descriptor(standing.descriptor)
            openings = open_views(descriptor)
            outcome = _ran(trial, document, standing, only, openings, progress)
        results, interrupted = outcome
        if interrupted.startswith(INTERRUPTED):
            raise KeyboardInterrupt
        if interrupted and not interrupted.startswith(OVERRUN):
            raise InfrastructureError(f"the suites were not run to their end: {interrupted}", hint="try again")
    facts = RunFacts(
        started=started,
        seconds=time.monotonic() - clock,
        kind=trial.kind,
        profile=trial.profile or (descriptor.target.profile if descriptor else "full"),
        openings=openings if standing else {},
        only=only,
        interrupted=interrupted,
        allow_writes=trial.allow_writes,
        drill=trial.drill,
        strict=trial.strict,
        services=standing.services if standing else (),
        services_reason=standing.reason if standing else "",
    )
    return Judged(build_report(specification, descriptor, running, results, facts), trouble)


@contextmanager
def _leaving(entered: AbstractContextManager[Standing]) -> Iterator[None]:
    """Leave what was entered before."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        stack.push(entered.__exit__)
        yield


def _ran(
    trial: Trial,
    document: Path,
    standing: Standing,
    only: tuple[str, ...],
    openings: Mapping[View, Opening],
    progress: Progress,
) -> tuple[tuple[CheckResult, ...], str]:
    from stackproof.run import Suites, run_suites

    suites = Suites(
        descriptor=standing.descriptor,
        specification=document,
        only=only,
        checks=trial.checks,
        allow_writes=trial.allow_writes,
        drill=trial.drill,
        reproduce="stackproof run",
        workers=trial.workers,
        budget=trial.budget,
    )
    outcome = run_suites(suites, progress.result, openings)
    return outcome.results, outcome.interrupted


@contextmanager
def reference_up(kind: str, of: Ingredients, views: frozenset[View], progress: Progress) -> Iterator[Standing]:
    """A reference service on services of its own: another edition's migrations must not be found in its database."""
    from stackproof.reference import Bench

    with Bench(kind, progress.say, of) as bench, bench.service(views=views) as target:
        yield Standing(target.descriptor, target.services, target.reason)
