"""A whole run: the target up, the suites on it, the report built."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Literal

from stackproof.ingredients import USUAL, Ingredients

if TYPE_CHECKING:
    from stackproof.check import View
    from stackproof.progress import Progress
    from stackproof.report.model import Report, ServicePart
    from stackproof.run import Outcome
    from stackproof.spec.model import Specification
    from stackproof.target.views import Opening


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of one run."""

    target: Path | None
    specification: Path
    only: tuple[str, ...]
    services: str
    profile: str | None
    allow_writes: bool
    drill: bool
    ignore_waivers: bool
    workers: int
    strict: bool = False
    patience: float = 0.0
    budget: float = 0.0
    project: Path | None = None
    suites: tuple[str, ...] = ()
    as_of: datetime.date | None = None
    advisories: str = ""
    index: str = ""
    shard: tuple[int, int] = (1, 1)
    since: str = ""
    fail_fast: bool = False
    of: Ingredients = USUAL


@dataclass(frozen=True, slots=True)
class Judged:
    """A target that is up and described."""

    descriptor: Path
    kind: Literal["reference", "described"]
    services: tuple[ServicePart, ...] = ()
    reason: str = ""


def judge(wanted: Wanted, specification: Specification, progress: Progress) -> Report:
    """Bring the target up where that is ours to do, run the suites, and build the report.

    An interruption (Ctrl-C, SIGTERM) at any time still gives a report, marked partial.
    """
    from stackproof.descriptor.reading import read_descriptor
    from stackproof.registry import load_checks
    from stackproof.report.build import RunFacts, build_report
    from stackproof.run import INTERRUPTED, Outcome
    from stackproof.target.views import open_views

    started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
    outcome, judged, descriptor, openings = Outcome((), INTERRUPTED), None, None, {}
    kind: Literal["reference", "described"] = "described" if wanted.target or wanted.project else "reference"
    try:
        with _target(wanted, progress) as judged:
            descriptor = read_descriptor(judged.descriptor)
            openings = open_views(descriptor)
            outcome = _run(wanted, judged, openings, progress)
    except KeyboardInterrupt:
        progress.say("interrupted: writing what there is")
    facts = RunFacts(
        started=started,
        seconds=time.monotonic() - clock,
        kind=kind,
        profile=wanted.profile or (descriptor.target.profile if descriptor else "full"),
        openings=openings,
        only=wanted.only,
        suites=wanted.suites,
        as_of=wanted.as_of,
        shard=wanted.shard,
        since=wanted.since,
        interrupted=outcome.interrupted,
        allow_writes=wanted.allow_writes or kind == "reference",
        drill=wanted.drill or kind == "reference",
        ignore_waivers=wanted.ignore_waivers,
        strict=wanted.strict,
        services=judged.services if judged else (),
        services_reason=judged.reason if judged else "",
        ingredients=wanted.of.told,
        phases=tuple(progress.phases),
    )
    return build_report(
        specification,
        descriptor,
        load_checks(folders=descriptor.suites.folders if descriptor else ()),
        outcome.results,
        facts,
    )


def _run(wanted: Wanted, judged: Judged, openings: Mapping[View, Opening], progress: Progress) -> Outcome:
    from stackproof.drill import journal
    from stackproof.run import Suites, run_suites

    suites = Suites(
        descriptor=judged.descriptor,
        specification=wanted.specification,
        only=wanted.only,
        checks=tuple(f"{one}/*" for one in wanted.suites),
        as_of=wanted.as_of.isoformat() if wanted.as_of else "",
        shard=wanted.shard,
        fail_fast=wanted.fail_fast,
        allow_writes=wanted.allow_writes or judged.kind == "reference",
        drill=wanted.drill or judged.kind == "reference",
        reproduce=command_of(wanted),
        workers=0 if wanted.project else wanted.workers,  # files are read before workers would be up
        patience=wanted.patience,
        budget=wanted.budget + wanted.patience if wanted.budget else 0.0,
    )
    with progress.phase("checks"):
        outcome = run_suites(suites, progress.result, openings)
    for told in journal.unmended:
        sys.stderr.write(f"the target is left broken: {told}\n")
    return outcome


def command_of(wanted: Wanted) -> str:
    from stackproof.harness import reference_specification

    words = ["stackproof", "run"]
    if wanted.target:
        words += ["--target", quote(str(wanted.target))]
    elif wanted.project:
        words += ["--project", quote(str(wanted.project))]
    elif wanted.services != "auto":
        words += ["--services", wanted.services]
    words += [word for name, value in wanted.of.told.items() for word in (f"--{name}", quote(value))]
    if wanted.specification != reference_specification():
        words += ["--spec", quote(str(wanted.specification))]
    if wanted.allow_writes:
        words.append("--allow-writes")
    if wanted.drill:
        words.append("--drill")
    if wanted.patience:
        words += ["--patience", f"{wanted.patience:g}s"]
    for option, value in (("--advisories", wanted.advisories), ("--index", wanted.index)):
        words += [option, quote(value)] if value else []
    if wanted.as_of:
        words += ["--as-of", wanted.as_of.isoformat()]
    return " ".join(words)


@contextmanager
def _target(wanted: Wanted, progress: Progress) -> Iterator[Judged]:
    if wanted.target:
        yield Judged(wanted.target, "described")
        return
    if wanted.project:
        from stackproof.project.described import described_folder

        with described_folder(wanted.project, wanted.advisories, wanted.index) as written:
            yield Judged(written, "described")
        return
    from stackproof.reference import reference_target

    with reference_target(wanted.services, progress.say, wanted.of) as reference:
        yield Judged(reference.descriptor, "reference", reference.services, reference.reason)
