"""A plain Celery application without Django, on a Valkey of the tests' own, and the checks on it."""

import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from redis import Redis

from stackproof.descriptor.reading import read_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.project import ProjectView
from stackproof.tasks.bench import Bench
from tests.suites.servers import running

APPLICATION = """
import json, os
from celery import Celery

broker = os.environ["SHOP_BROKER"]
app = Celery("shop", broker=broker, backend=broker if broker.startswith("redis") else None)
conf = json.loads(os.environ["SHOP_CONF"])
if os.environ["SHOP_NAMESPACE"]:
    conf = {f"SHOP_{name.upper()}": value for name, value in conf.items()}
app.config_from_object(conf, namespace=os.environ["SHOP_NAMESPACE"] or None)

@app.task
def pack(parcel):
    return parcel

@app.task(name="shop.send_mail")
def send_mail(to):
    return to
"""
GOOD = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_time_limit": 60,
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {"visibility_timeout": 3600},
    "task_routes": {"stackproof.*": {"queue": "elsewhere"}},
    "task_default_queue": "parcels",
}


@pytest.fixture(scope="session")
def broker():
    """The URL of a Valkey."""
    with running() as services:
        yield services.broker.url


@pytest.fixture
def keys(broker):
    """The keys that the broker has now."""
    with Redis.from_url(broker) as client:
        yield lambda: {key.decode() for key in client.keys("*")}


@pytest.fixture
def shop(tmp_path, broker):
    """Views of the application with these settings in place of the good ones; for a check's arguments."""

    def make(text=APPLICATION, app="shop", url=broker, celery="", more="", namespace="SHOP", **conf):
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        (folder / "shop.py").write_text(text + more)
        settings = json.dumps({**GOOD, **conf})
        (folder / "service.env").write_text(f"SHOP_BROKER={url}\nSHOP_CONF={settings}\nSHOP_NAMESPACE={namespace}\n")
        (folder / "stackproof.toml").write_text(
            '[target]\nbase_url = "https://service.example"\n'
            f'[project]\npath = "."\npython = "{sys.executable}"\nenv_file = "service.env"\n'
            f'[celery]\napp = "{app}"\n{celery}'
        )
        descriptor = read_descriptor(folder / "stackproof.toml")
        recorder, redactor = Recorder(Redactor()), Redactor()
        project = ProjectView(descriptor, recorder, redactor)

        def bench(**changes):
            return Bench(project, app, recorder, redactor, **changes)

        return SimpleNamespace(descriptor=descriptor, project=project, bench=bench, recorder=recorder)

    return make
