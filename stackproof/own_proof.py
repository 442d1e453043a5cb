"""A team's own checks against faults of the team's own service: `faults/<name>.toml` beside the checks.

The conforming service is the one that the descriptor describes. A fault starts it broken, at a port of the harness.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from fixtures.processes import free_port, listens, start, wait_until
from fixtures.reaper import Reaper
from stackproof.declared import pick_declared, read_declared, read_pending
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.reading import read_descriptor
from stackproof.errors import InfrastructureError, UsageError
from stackproof.progress import Progress
from stackproof.proof import CONFORMING, Cell, Proof, cells_of, conclude
from stackproof.redescribed import as_toml
from stackproof.registry import OWN, load_checks
from stackproof.run import Suites, run_suites
from stackproof.variations import filled_in, laid_over
from stackproof.verdict import CheckResult

READY_WITHIN = 30.0  # seconds until a broken service has to listen


class OwnFault(BaseModel):
    """One way of starting a team's service broken, and the checks that must notice it.

    Attributes:
        name: the file's stem.
        summary: the misbehaviour, in one sentence.
        notices: ids of own checks; each must find `violated`.
        start: the command that serves it until it is ended, from the descriptor's folder; `{port}` is where.
        environment: variables beside those that there are; `{port}` likewise.
        base_url: where it answers then.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    summary: str = Field(min_length=10)
    notices: tuple[str, ...] = Field(min_length=1)
    start: tuple[str, ...] = Field(min_length=1)
    environment: dict[str, str] = {}
    base_url: str = "http://127.0.0.1:{port}"


@dataclass(frozen=True, slots=True)
class Bench:
    """What is proven: a described service, and the faults beside its own checks.

    Attributes:
        pending: own checks that cannot be seen to fail, with the reason (`faults/pending.json`).
    """

    path: Path
    descriptor: Descriptor
    faults: tuple[OwnFault, ...]
    pending: Mapping[str, str]


def bench_of(path: Path) -> Bench:
    """The faults of a descriptor's own suites.

    Raises:
        UsageError: the descriptor or a fault has a mistake, or there are no own suites or no faults.
    """
    descriptor = read_descriptor(path)
    if not descriptor.suites.folders:
        raise UsageError(f"{path}: names no checks of your own", hint='[suites] folders = ["conformance"]')
    hint = 'a fault file has summary, notices = ["own/…"] and start = ["…", "{port}"]'
    faults: list[OwnFault] = []
    pending: dict[str, str] = {}
    for folder in descriptor.suites.folders:
        faults += read_declared(folder / "faults", OwnFault, hint=hint)
        pending.update(read_pending(folder / "faults"))
    if not faults:
        where = descriptor.suites.folders[0] / "faults"
        raise UsageError(f"{where}: there are no faults", hint="`stackproof new check ID` writes one with its check")
    return Bench(path, descriptor, tuple(faults), pending)


def prove_own(bench: Bench, specification: Path, names: tuple[str, ...], progress: Progress) -> Proof:
    """Every own check on the described service, and on each fault that names it.

    Raises:
        UsageError: no fault has that name.
    """
    chosen = pick_declared({one.name: one for one in bench.faults}, names, "fault") if names else bench.faults
    checks = [one for one in load_checks(folders=bench.descriptor.suites.folders) if one.id.startswith(f"{OWN}/")]
    named = tuple(sorted({one for fault in chosen for one in fault.notices})) if names else (f"{OWN}/*",)
    cells: list[Cell] = []
    unstarted: dict[str, str] = {}
    with progress.phase("the service as it is described"):
        cells += cells_of(CONFORMING, _results(bench.path, specification, named), ())
    for number, fault in enumerate(chosen, 1):
        with progress.phase(f"fault {number} of {len(chosen)}: {fault.name}"):
            try:
                with _broken(bench, fault) as descriptor:
                    found = _results(descriptor, specification, fault.notices)
            except InfrastructureError as error:
                unstarted[fault.name] = str(error)
                continue
        cells += cells_of(fault.name, found, fault.notices)
    pending = {} if names else bench.pending
    return conclude(checks, chosen, cells, pending, unstarted, whole=not names)


def _results(descriptor: Path, specification: Path, checks: tuple[str, ...]) -> tuple[CheckResult, ...]:
    suites = Suites(descriptor=descriptor, specification=specification, checks=checks, allow_writes=True, workers=0)
    outcome = run_suites(suites)
    if outcome.interrupted:
        raise KeyboardInterrupt
    return outcome.results


@contextmanager
def _broken(bench: Bench, fault: OwnFault) -> Iterator[Path]:
    """The fault's service, and a descriptor beside the team's own that leads to it."""
    folder = bench.path.resolve().parent
    port = free_port()
    words = {"port": str(port)}
    url = filled_in(fault.base_url, words)
    read = tomllib.loads(bench.path.read_text(encoding="utf-8"))
    target = {name: one for name, one in read.get("target", {}).items() if name not in {"also", "resolve"}}
    described = laid_over({**read, "target": target}, {"target": {"base_url": url}})
    with tempfile.TemporaryDirectory(prefix="stackproof-fault-") as name, Reaper() as reaper:
        reaper.folder(Path(name))
        child = start(
            fault.start[0],
            filled_in(list(fault.start), words),
            log=Path(name) / "service.log",
            reaper=reaper,
            cwd=folder,
            env={**os.environ, **filled_in(fault.environment, words)},
        )
        try:
            wait_until(lambda: listens(port), child, within=READY_WITHIN, what="it listened")
            with _descriptor(folder, as_toml(described)) as path:
                yield path
        finally:
            child.stop()


@contextmanager
def _descriptor(folder: Path, text: str) -> Iterator[Path]:
    """A file beside the team's own, because paths in it count from its folder."""
    handle, name = tempfile.mkstemp(prefix=".stackproof-fault-", suffix=".toml", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        yield path
    finally:
        path.unlink(missing_ok=True)
