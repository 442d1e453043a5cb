"""What every check has: its evidence, its vocabulary, the descriptor, and what the caller allows."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from stackproof.check import View
from stackproof.context import RUNNING, Context, Running
from stackproof.evidence import Recorder
from stackproof.expect import Expect

if TYPE_CHECKING:
    from stackproof.descriptor.model import Descriptor
    from stackproof.spec.model import Specification
    from stackproof.target.http import HttpClient
    from stackproof.target.project import ProjectView
    from stackproof.target.session import Session


@pytest.fixture
def _running(request: pytest.FixtureRequest) -> Running:
    return request.node.stash[RUNNING]  # type: ignore[no-any-return]


@pytest.fixture
def _context(request: pytest.FixtureRequest) -> Context:
    session = request.config.pluginmanager.get_plugin("stackproof-session")
    return session.context  # type: ignore[no-any-return, union-attr]


@pytest.fixture
def expect(_running: Running) -> Expect:
    """The vocabulary of statements."""
    return _running.expect


@pytest.fixture
def recorder(_running: Running) -> Recorder:
    """The evidence of this check."""
    return _running.recorder


@pytest.fixture
def descriptor(_context: Context) -> Descriptor:
    """The target as its team describes it."""
    return _context.descriptor


@pytest.fixture
def specification(_context: Context) -> Specification:
    """The document of the run."""
    return _context.specification


@pytest.fixture
def http(_context: Context) -> HttpClient:
    """A client that goes nowhere but to the target."""
    return _context.http


@pytest.fixture
def allow_writes(_context: Context) -> bool:
    """Whether the caller allows what goes beyond ordinary use of the service."""
    return _context.allow_writes


@pytest.fixture
def patience(_context: Context) -> float:
    """Seconds that a check may wait for something to happen by itself; 0 where the caller allows no waiting."""
    return _context.patience


@pytest.fixture
def today(_context: Context) -> datetime.date:
    """The day on which support is judged: that of the run, in UTC, or the caller's (--as-of)."""
    return _context.today


@pytest.fixture
def wait(_context: Context) -> Any:
    """Waiting within the caller's patience and the run's budget."""
    from stackproof.tokens.waiting import Waiting

    return Waiting(_context.patience, _context.http.remaining)


def session_at(context: Context, running: Running, base_url: str) -> Session:
    from stackproof.target.session import Session

    return Session(context.descriptor, context.http, running.recorder, context.redactor, base_url)


def project_view(context: Context, running: Running) -> ProjectView:
    """The service's code, interpreter and running settings, as a check sees them."""
    from stackproof.target.project import ProjectView

    return ProjectView(context.descriptor, running.recorder, context.redactor)


def session_or_none(context: Context, running: Running) -> Any:

    if not context.openings[View.ACCOUNTS].open:
        return None
    return session_at(context, running, context.descriptor.target.base_url)
