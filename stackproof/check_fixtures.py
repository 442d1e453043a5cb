"""What a check asks for by name: pytest fixtures over the views of the target."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

from stackproof.check import View
from stackproof.evidence import Recorder
from stackproof.expect import Expect
from stackproof.plugin import RUNNING, Context, Running

if TYPE_CHECKING:
    from stackproof.descriptor.model import Descriptor
    from stackproof.spec.model import Specification
    from stackproof.target.http import HttpClient
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
def today() -> datetime.date:
    """The day of the run, in UTC."""
    return datetime.datetime.now(datetime.UTC).date()


@pytest.fixture
def wait(_context: Context) -> Any:
    """Waiting within the caller's patience and the run's budget."""
    from stackproof.tokens.waiting import Waiting

    return Waiting(_context.patience, _context.http.remaining)


@pytest.fixture
def session(_context: Context, _running: Running) -> Any:
    """Signing in, refreshing and signing out on the target."""
    return _session_at(_context, _running, _context.descriptor.target.base_url)


def _session_at(context: Context, running: Running, base_url: str) -> Session:
    from stackproof.target.session import Session

    return Session(context.descriptor, context.http, running.recorder, context.redactor, base_url)


@pytest.fixture
def sign_in(_context: Context, _running: Running) -> Any:
    """Signs the account in when it is called; a check that calls it has the serial word "accounts".

    For checks that can do without: the call raises NotAssessed where nobody can sign in.
    """

    def call() -> Any:
        return _session_at(_context, _running, _context.descriptor.target.base_url).login()

    return call


@pytest.fixture
def cross_origin(_context: Context, _running: Running) -> Any:
    """What the service lets scripts of other origins do; signed in where an account is at hand."""
    from stackproof.api.crossorigin import CrossOrigin

    return CrossOrigin(_context.descriptor, _context.http, _running.recorder, _session_or_none(_context, _running))


@pytest.fixture
def api(_context: Context, _running: Running) -> Any:
    """The service's API by its own document; signed in where an account is at hand."""
    from stackproof.api.client import Api

    return Api(_context.descriptor, _context.http, _running.recorder, _session_or_none(_context, _running))


def _session_or_none(context: Context, running: Running) -> Any:
    from stackproof.check import View

    if not context.openings[View.ACCOUNTS].open:
        return None
    return _session_at(context, running, context.descriptor.target.base_url)


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
    on_it = _session_at(_context, _running, base_url)
    return Clock(_context.descriptor, on_it, _running.recorder)


@pytest.fixture
def logs(_context: Context, _running: Running) -> Any:
    """What the service writes meanwhile."""
    from stackproof.observability.view import LogsView

    return LogsView(_context.descriptor, _context.http, _running.recorder, _context.redactor)


@pytest.fixture
def planting(_context: Context, _running: Running) -> Any:
    """Secrets that are handed to the service, and searched for in what it writes."""
    from stackproof.observability.planting import Planting

    signed_in = _session_or_none(_context, _running)
    return Planting(_context.descriptor, _context.http, _running.recorder, _context.redactor, signed_in)


@pytest.fixture
def raising(_context: Context, _running: Running) -> Any:
    """An unhandled error inside of the service, and what leaves its process then."""
    from stackproof.observability.raising import Raising
    from stackproof.target.project import ProjectView

    project = ProjectView(_context.descriptor, _running.recorder, _context.redactor)
    return Raising(_context.descriptor, project, _running.recorder, _context.redactor)


@pytest.fixture
def desk(_context: Context, _running: Running) -> Generator[Any]:
    """Makes accounts for the check, and deletes them after it."""
    from stackproof.accounts.desk import Desk
    from stackproof.target.project import ProjectView

    def project() -> ProjectView:
        return ProjectView(_context.descriptor, _running.recorder, _context.redactor)

    made = Desk(_context.descriptor, _running.recorder, _context.redactor, project)
    yield made
    made.close()


@pytest.fixture
def postgres(_context: Context, _running: Running) -> Generator[Any]:
    """PostgreSQL, read-only."""
    from stackproof.target.postgres import PostgresView

    view = PostgresView(_context.descriptor, _running.recorder, _context.redactor)
    yield view
    view.close()


@pytest.fixture
def redis_cache(_context: Context, _running: Running) -> Generator[Any]:
    """The Redis of the cache."""
    yield from _redis(_context, _running, "cache")


@pytest.fixture
def redis_broker(_context: Context, _running: Running) -> Generator[Any]:
    """The Redis of the broker."""
    yield from _redis(_context, _running, "broker")


@pytest.fixture
def redis_views(_context: Context, _running: Running) -> Generator[Any]:
    """Opens the Redis of a role when it is called, so that a role which cannot be opened hides no other."""
    from stackproof.target.redis import RedisView

    opened: list[RedisView] = []

    def call(role: str) -> RedisView:
        view = RedisView(_context.descriptor, role, _running.recorder, _context.redactor)
        opened.append(view)
        return view

    yield call
    for view in opened:
        view.close()


@pytest.fixture
def application_users(_context: Context, _running: Running) -> Callable[[str], tuple[str, ...]]:
    """Names of the service's own users of a Redis role: the descriptor's, else those of the running settings."""

    def call(role: str) -> tuple[str, ...]:
        from stackproof.target.redis_users import users_of

        project = None
        if _context.openings[View.PROJECT].open:
            from stackproof.target.project import ProjectView

            project = ProjectView(_context.descriptor, _running.recorder, _context.redactor)
        return users_of(_context.descriptor, role, project)

    return call


@pytest.fixture
def errand(_context: Context, _running: Running) -> Generator[Any]:
    """Uses the service's cache and broker by its own code; what is made is taken away."""
    from stackproof.accounts.conversation import Conversation
    from stackproof.target.project import ProjectView

    started: list[Conversation] = []

    def call(what: str, **words: Any) -> dict[str, Any]:
        if not started:
            view = ProjectView(_context.descriptor, _running.recorder, _context.redactor)
            started.append(view.conversation("redis_uses"))
        answer = started[0].ask(errand=what, **words)
        _running.recorder.add("command", f"{what} by the service's own code", answer=answer)
        return answer

    yield call
    for one in started:
        one.close()


@pytest.fixture
def tasks(_context: Context, _running: Running) -> Any:
    """Queues harmless tasks over HTTP, and sees whether they are done."""
    from stackproof.drill.tasks import Tasks

    return Tasks(_context.descriptor, _session_at(_context, _running, _context.descriptor.target.base_url))


def _redis(context: Context, running: Running, role: str) -> Generator[Any]:
    from stackproof.target.redis import RedisView

    view = RedisView(context.descriptor, role, running.recorder, context.redactor)
    yield view
    view.close()


@pytest.fixture
def project(_context: Context, _running: Running) -> Generator[Any]:
    """The service's code, interpreter and running settings."""
    from stackproof.target.project import ProjectView

    view = ProjectView(_context.descriptor, _running.recorder, _context.redactor)
    yield view
    view.close()


@pytest.fixture
def blacklist_cause(_context: Context, _running: Running) -> Callable[[], str]:
    """Says why tokens are not revoked, where the project view is open and its settings tell; "" otherwise."""

    def say() -> str:
        from stackproof.target.project import ProjectView
        from stackproof.tokens.causes import of_unrevoked_tokens

        if not _context.openings[View.PROJECT].open:
            return ""
        return of_unrevoked_tokens(ProjectView(_context.descriptor, _running.recorder, _context.redactor))

    return say


@pytest.fixture
def backups(_context: Context, _running: Running) -> Any:
    """Base backups of PostgreSQL."""
    from stackproof.target.backup import Backups

    return Backups(_context.descriptor, _running.recorder)


@pytest.fixture
def recoveries(_context: Context, _running: Running) -> Any:
    """Restoring PostgreSQL to a moment, on a scratch server."""
    from stackproof.drill.recovery import Recoveries

    return Recoveries(_context.descriptor, _running.recorder, _context.redactor)


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
def drills(_context: Context, _running: Running) -> Any:
    """Breaking parts of the target for a while."""
    from stackproof.drill.parts import Drills

    return Drills(_context.descriptor, _running.recorder, _context.http)


@pytest.fixture
def pool_size(_context: Context, _running: Running) -> int:
    """Connections that the service's own pool to its database has at most; 0 where its settings do not tell."""
    from stackproof.check import NotAssessed
    from stackproof.target.project import ProjectView

    if not _context.openings[View.PROJECT].open:
        return 0
    try:
        databases = ProjectView(_context.descriptor, _running.recorder, _context.redactor).settings().get("DATABASES")
        size = databases["default"]["OPTIONS"]["pool"]["max_size"]  # type: ignore[index]
    except (NotAssessed, KeyError, TypeError):
        return 0
    return size if isinstance(size, int) and size > 0 else 0


@pytest.fixture
def records(_context: Context, _running: Running) -> Generator[Any]:
    """Makes records of the service for the check, and deletes them after it."""
    from stackproof.drill import journal
    from stackproof.target.records import Records

    made = Records(_context.descriptor, _session_at(_context, _running, _context.descriptor.target.base_url))
    yield made
    left = made.remove_all()
    if left:
        journal.cut_short.append(left)


@pytest.fixture
def bench(_context: Context, _running: Running) -> Any:
    """Makes a bench on the service's Celery application when it is called; takes what shall be set otherwise."""
    from stackproof.target.project import ProjectView
    from stackproof.tasks.bench import Bench

    def make(**changes: Any) -> Bench:
        recorder, redactor, celery = _running.recorder, _context.redactor, _context.descriptor.celery
        project = ProjectView(_context.descriptor, recorder, redactor)
        return Bench(project, celery.app if celery else "", recorder, redactor, **changes)

    return make


@pytest.fixture
def scheduled_row(_context: Context, _running: Running) -> Any:
    """Makes a row in the service's schedule when it is called."""
    from stackproof.target.project import ProjectView
    from stackproof.tasks.schedule import ScheduledRow

    def make() -> ScheduledRow:
        project = ProjectView(_context.descriptor, _running.recorder, _context.redactor)
        celery = _context.descriptor.celery
        return ScheduledRow(project, celery.app if celery else "", _running.recorder)

    return make


@pytest.fixture
def restart(_context: Context, _running: Running) -> Any:
    """Restarting the target."""
    from stackproof.target.restart import Restarter

    descriptor = _context.descriptor
    base_url = (descriptor.restart.base_url if descriptor.restart else "") or descriptor.target.base_url
    on_it = _session_at(_context, _running, base_url)
    return Restarter(descriptor, on_it, _running.recorder)
