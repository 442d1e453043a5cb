"""The check that PostgreSQL refuses plain connections, on real servers that do and do not."""

import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures.services import ServicePlan, provide
from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.postgres import PostgresView

pytestmark = pytest.mark.slow

NAME = "postgresql/transport::server_refuses_plain_connections"


@pytest.fixture
def view():
    """Start PostgreSQL by a plan and look at it."""
    folders, running, views = [], [], []

    def start(plan):
        folder = Path(tempfile.mkdtemp(prefix="stackproof-test-"))
        folder.chmod(0o711)
        folders.append(folder)
        manager = provide("embedded", plan, workdir=folder, progress=lambda _: None)
        services = manager.__enter__()
        running.append(manager)
        data = {"target": {"base_url": "https://127.0.0.1"}, "postgres": {"dsn": services.postgres.url}}
        redactor = Redactor()
        made = PostgresView(parse_descriptor(data, Path(__file__)), Recorder(redactor), redactor)
        views.append(made)
        return made

    yield start
    for one in views:
        one.close()
    for manager in running:
        manager.__exit__(None, None, None)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(
    ("plan", "good"),
    [(ServicePlan(), True), (ServicePlan(plain_postgres=True), False), (ServicePlan(postgres={"ssl": "off"}), False)],
)
def test_plain_connections(check, view, plan, good):
    """Refused with hostssl; admitted with host, whether TLS is offered beside it or not."""
    postgres = view(plan)
    assert not postgres.pooled()
    if good:
        assert "refused" in check(NAME, "tls.postgresql.plain-refused", postgres=postgres)
    else:
        with pytest.raises(Violation, match="accepted"):
            check(NAME, "tls.postgresql.plain-refused", postgres=postgres)


def test_a_pooler_in_between_is_not_assessed(check):
    """It hands out process ids of its own: the server behind it was not reached."""
    with pytest.raises(NotAssessed, match="pooler"):
        check(NAME, "tls.postgresql.plain-refused", postgres=SimpleNamespace(pooled=lambda: True))
