"""What the service is made of: its databases, its code, its workers, and breaking them for a while."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Literal

import pytest

from stackproof.check import View, not_applicable
from stackproof.check_fixtures.run import project_view, session_at
from stackproof.context import Context, Running


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
            project = project_view(_context, _running)
        return users_of(_context.descriptor, role, project)

    return call


@pytest.fixture
def errand(_context: Context, _running: Running) -> Generator[Any]:
    """Uses the service's cache and broker by its own code; what is made is taken away."""
    from stackproof.accounts.conversation import Conversation

    started: list[Conversation] = []

    def call(what: str, **words: Any) -> dict[str, Any]:
        if not started:
            view = project_view(_context, _running)
            started.append(view.conversation("redis_uses"))
        answer = started[0].ask(errand=what, **words)
        _running.recorder.add("command", f"{what} by the service's own code", answer=answer)
        return answer

    yield call
    for one in started:
        one.close()


@pytest.fixture
def tasks(_context: Context, _running: Running) -> Generator[Any]:
    """Queues harmless tasks over HTTP, and sees whether they are done; takes back what they made."""
    from stackproof.drill.tasks import Tasks

    view = Tasks(_context.descriptor, session_at(_context, _running, _context.descriptor.target.base_url))
    yield view
    view.close()


def _redis(context: Context, running: Running, role: Literal["cache", "broker"]) -> Generator[Any]:
    from stackproof.target.redis import RedisView

    if context.descriptor.redis.is_unused(role):
        not_applicable(f"redis.{role}.unused = true says that the service has no Redis in this role")
    view = RedisView(context.descriptor, role, running.recorder, context.redactor)
    yield view
    view.close()


@pytest.fixture
def project(_context: Context, _running: Running) -> Generator[Any]:
    """The service's code, interpreter and running settings."""

    view = project_view(_context, _running)
    yield view
    view.close()


@pytest.fixture
def files(_context: Context, _running: Running) -> Any:
    """The project's files: what is declared and what is locked, read and never run."""
    from stackproof.project.view import ProjectFiles

    return ProjectFiles(_context.descriptor, _running.recorder)


@pytest.fixture
def advisories(_context: Context, _running: Running) -> Any:
    """What is published against releases, from where the descriptor says."""
    from stackproof.advisories.view import Advisories

    return Advisories(_context.descriptor, _running.recorder, _context.today)


@pytest.fixture
def engine(_context: Context, _running: Running) -> Any:
    """The container engine of the target."""
    from stackproof.target.engine import Engine

    return Engine(_context.descriptor, _running.recorder)


@pytest.fixture
def image(_context: Context, _running: Running) -> Any:
    """The image that runs: what is installed inside."""
    from stackproof.target.engine import ImageView

    return ImageView(_context.descriptor, _running.recorder)


@pytest.fixture
def blacklist_cause(_context: Context, _running: Running) -> Callable[[], str]:
    """Says why tokens are not revoked, where the project view is open and its settings tell; "" otherwise."""

    def say() -> str:
        from stackproof.tokens.causes import of_unrevoked_tokens

        if not _context.openings[View.PROJECT].open:
            return ""
        return of_unrevoked_tokens(project_view(_context, _running))

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
def drills(_context: Context, _running: Running) -> Any:
    """Breaking parts of the target for a while."""
    from stackproof.drill.parts import Drills

    return Drills(_context.descriptor, _running.recorder, _context.http)


@pytest.fixture
def pool_size(_context: Context, _running: Running) -> int:
    """Connections that the service's own pool to its database has at most; 0 where its settings do not tell."""
    from stackproof.check import NotAssessed

    if not _context.openings[View.PROJECT].open:
        return 0
    try:
        databases = project_view(_context, _running).settings().get("DATABASES")
        size = databases["default"]["OPTIONS"]["pool"]["max_size"]  # type: ignore[index]
    except (NotAssessed, KeyError, TypeError):
        return 0
    return size if isinstance(size, int) and size > 0 else 0


@pytest.fixture
def bench(_context: Context, _running: Running) -> Any:
    """Makes a bench on the service's Celery application when it is called; takes what shall be set otherwise."""
    from stackproof.tasks.bench import Bench

    def make(**changes: Any) -> Bench:
        celery = _context.descriptor.celery
        project = project_view(_context, _running)
        return Bench(project, celery.app if celery else "", _running.recorder, _context.redactor, **changes)

    return make


@pytest.fixture
def scheduled_row(_context: Context, _running: Running) -> Any:
    """Makes a row in the service's schedule when it is called."""
    from stackproof.tasks.schedule import ScheduledRow

    def make() -> ScheduledRow:
        project = project_view(_context, _running)
        celery = _context.descriptor.celery
        return ScheduledRow(project, celery.app if celery else "", _running.recorder)

    return make
