"""What the checks of one process share, and the state of the one that runs."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.absent import with_what_follows
from stackproof.check import View
from stackproof.evidence import Recorder, Redactor
from stackproof.expect import Expect
from stackproof.spec.model import Requirement, Specification

if TYPE_CHECKING:
    from stackproof.descriptor.model import Descriptor
    from stackproof.target.http import HttpClient
    from stackproof.target.views import Opening


@dataclass
class Context:
    """What every check of one process shares."""

    specification: Specification
    descriptor: Descriptor
    openings: dict[View, Opening]
    redactor: Redactor
    http: HttpClient
    allow_writes: bool
    reproduce: str
    patience: float
    drill: bool
    today: datetime.date


@dataclass
class Running:
    """The state of the check that runs now."""

    requirement: Requirement
    recorder: Recorder
    expect: Expect
    started: float = field(default_factory=time.monotonic)


RUNNING = pytest.StashKey[Running]()


def make_context(target: Path, specification: Specification, config: pytest.Config) -> Context:
    """Read the descriptor and see which views are open.

    Raises:
        UsageError: the descriptor has a fault.
    """
    from stackproof.descriptor.reading import read_descriptor
    from stackproof.target.http import HttpClient
    from stackproof.target.traffic import Traffic
    from stackproof.target.views import open_views

    descriptor = with_what_follows(read_descriptor(target), specification)
    redactor = Redactor()
    about = descriptor.target
    as_of = config.getoption("--stackproof-as-of")
    traffic = Traffic(about.base_url, about.requests_per_second, config.getoption("--stackproof-deadline"))
    return Context(
        specification=specification,
        descriptor=descriptor,
        openings=open_views(descriptor),
        redactor=redactor,
        http=HttpClient(descriptor, redactor, traffic),
        allow_writes=bool(config.getoption("--stackproof-allow-writes")),
        reproduce=config.getoption("--stackproof-reproduce") or f"stackproof run --target {target}",
        patience=config.getoption("--stackproof-patience"),
        drill=bool(config.getoption("--stackproof-drill")),
        today=datetime.date.fromisoformat(as_of) if as_of else datetime.datetime.now(datetime.UTC).date(),
    )
