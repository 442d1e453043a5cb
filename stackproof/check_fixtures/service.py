"""The service as its clients meet it: over HTTP, over its WebSocket, and through its logs."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

import pytest

from stackproof.check_fixtures.run import project_view, session_at, session_or_none
from stackproof.context import Context, Running


@pytest.fixture
def session(_context: Context, _running: Running) -> Any:
    """Signing in, refreshing and signing out on the target."""
    return session_at(_context, _running, _context.descriptor.target.base_url)


@pytest.fixture
def sign_in(_context: Context, _running: Running) -> Any:
    """Signs the account in when it is called; a check that calls it has the serial word "accounts".

    For checks that can do without: the call raises NotAssessed where nobody can sign in.
    """

    def call() -> Any:
        return session_at(_context, _running, _context.descriptor.target.base_url).login()

    return call


@pytest.fixture
def signed_in_answers(_context: Context, _running: Running) -> Any:
    """The answers to a login and to reading the protected resource with its token, when it is called.

    They may come from two hosts. Like `sign_in` it is for checks that can do without.
    """

    def call() -> Any:
        session = session_at(_context, _running, _context.descriptor.target.base_url)
        tokens = session.login()
        return [tokens.answer, session.protected(tokens.access).answer]

    return call


@pytest.fixture
def cross_origin(_context: Context, _running: Running) -> Any:
    """What the service lets scripts of other origins do; signed in where an account is at hand."""
    from stackproof.api.crossorigin import CrossOrigin

    return CrossOrigin(_context.descriptor, _context.http, _running.recorder, session_or_none(_context, _running))


@pytest.fixture
def api(_context: Context, _running: Running) -> Any:
    """The service's API by its own document; signed in where an account is at hand."""
    from stackproof.api.client import Api

    return Api(_context.descriptor, _context.http, _running.recorder, session_or_none(_context, _running))


@pytest.fixture
def forger(_context: Context) -> Any:
    """Signs tokens with the service's own key."""
    from stackproof.tokens.forge import Forger

    return Forger(_context.descriptor.auth, _context.redactor)


@pytest.fixture
def clock(_context: Context, _running: Running) -> Any:
    """The clock of an instance of the target."""
    from stackproof.target.clock import Clock

    instance = _context.descriptor.clock
    base_url = instance.base_url if instance else ""
    on_it = session_at(_context, _running, base_url)
    return Clock(_context.descriptor, on_it, _running.recorder)


@pytest.fixture
def restart(_context: Context, _running: Running) -> Any:
    """Restarting the target."""
    from stackproof.target.restart import Restarter

    descriptor = _context.descriptor
    base_url = (descriptor.restart.base_url if descriptor.restart else "") or descriptor.target.base_url
    on_it = session_at(_context, _running, base_url)
    return Restarter(descriptor, on_it, _running.recorder)


@pytest.fixture
def desk(_context: Context, _running: Running) -> Generator[Any]:
    """Makes accounts for the check, and deletes them after it."""
    from stackproof.accounts.desk import Desk

    made = Desk(_context.descriptor, _running.recorder, _context.redactor, partial(project_view, _context, _running))
    yield made
    made.close()


@pytest.fixture
def websocket(_context: Context, _running: Running) -> Any:
    """The service's WebSocket."""
    from stackproof.target.sockets import Sockets

    return Sockets(_context.descriptor, _context.http, _running.recorder, _context.redactor)


@pytest.fixture
def announcements(_context: Context, _running: Running, session: Any) -> Generator[Any]:
    """Changes that sockets hear of; what they made is taken back after the check."""
    from stackproof.target.announcements import Announcements

    made = Announcements(_context.descriptor, session, _running.recorder)
    yield made
    made.close()


@pytest.fixture
def records(_context: Context, _running: Running) -> Generator[Any]:
    """Makes records of the service for the check, and deletes them after it."""
    from stackproof.drill import journal
    from stackproof.target.records import Records

    made = Records(_context.descriptor, session_at(_context, _running, _context.descriptor.target.base_url))
    yield made
    left = made.remove_all()
    if left:
        journal.cut_short.append(left)


@pytest.fixture
def logs(_context: Context, _running: Running) -> Any:
    """What the service writes meanwhile."""
    from stackproof.observability.view import LogsView

    return LogsView(_context.descriptor, _context.http, _running.recorder, _context.redactor)


@pytest.fixture
def planting(_context: Context, _running: Running) -> Any:
    """Secrets that are handed to the service, and searched for in what it writes."""
    from stackproof.observability.planting import Planting

    signed_in = session_or_none(_context, _running)
    return Planting(_context.descriptor, _context.http, _running.recorder, _context.redactor, signed_in)


@pytest.fixture
def raising(_context: Context, _running: Running) -> Any:
    """An unhandled error inside of the service, and what leaves its process then."""
    from stackproof.observability.raising import Raising

    project = project_view(_context, _running)
    return Raising(_context.descriptor, project, _running.recorder, _context.redactor)
