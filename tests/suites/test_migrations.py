"""The checks of migrations on Django projects that lack some, on a real PostgreSQL."""

import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

import psycopg
import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.project import ProjectView
from tests.suites.servers import running

pytestmark = pytest.mark.slow

APPLIED = ("postgresql/migrations::every_migration_is_applied", "postgresql.migrations.applied")
COMPLETE = ("postgresql/migrations::every_change_of_a_model_has_a_migration", "postgresql.migrations.complete")
SETTINGS = """
SECRET_KEY = 'k' * 50
INSTALLED_APPS = ['django.contrib.contenttypes', 'shop']
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
DATABASES = {{'default': {{'ENGINE': 'django.db.backends.postgresql', 'NAME': '{name}', 'USER': '{user}',
    'PASSWORD': '{password}', 'HOST': '127.0.0.1', 'PORT': '{port}', 'OPTIONS': {{'sslmode': 'require'}}}}}}
"""
MODELS = "from django.db import models\n\nclass Order(models.Model):\n    number = models.CharField(max_length=20)\n"
INITIAL = """from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    operations = [migrations.CreateModel(name='Order', fields=[
        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
        ('number', models.CharField(max_length=20))])]
"""
FURTHER = """from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [('shop', '0001_initial')]
    operations = []
"""


@pytest.fixture(scope="module")
def services():
    """A server for all of them; each has a database of its own."""
    with running() as services:
        yield services


@pytest.fixture
def shop(services, tmp_path, request):
    """A project with one application, in a database of its own, and the view of it."""
    name = f"shop_{abs(hash(request.node.name)) % 10**8}"
    with psycopg.connect(services.postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    own = urlsplit(services.postgres.url)
    files = {
        "settings.py": SETTINGS.format(name=name, user=own.username, password=own.password, port=own.port),
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": INITIAL,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    def view():
        project = {"path": str(tmp_path), "python": sys.executable, "settings_module": "settings"}
        (tmp_path / "turn.env").write_text(f"TURN={len(made)}\n")
        project["env_file"] = str(tmp_path / "turn.env")  # another environment is asked anew
        made.append(project)
        data = {"target": {"base_url": "http://127.0.0.1"}, "project": project}
        redactor = Redactor()
        return ProjectView(parse_descriptor(data, tmp_path / "stackproof.toml"), Recorder(redactor), redactor)

    made = []
    return SimpleNamespace(folder=tmp_path, view=view)


def migrate(shop):
    """Apply what there is."""
    command = [sys.executable, "-m", "django", "migrate", "-v", "0", "--settings", "settings"]
    subprocess.run(command, cwd=shop.folder, check=True, timeout=60)


def test_what_waits_to_be_applied_is_violated_and_nothing_is_written(check, shop):
    """An empty database has none; one that is migrated has all, until another one is written."""
    with pytest.raises(Violation, match=r"default: shop\.0001_initial"):
        check(*APPLIED, project=shop.view())
    migrate(shop)
    assert check(*APPLIED, project=shop.view()) == "all are, 3 in number"
    further = shop.folder / "shop/migrations/0002_further.py"
    further.write_text(FURTHER)
    with pytest.raises(Violation, match=r"1 are not applied \(default: shop\.0002_further\)"):
        check(*APPLIED, project=shop.view())
    migrate(shop)
    further.unlink()
    assert check(*APPLIED, project=shop.view()), "what the code does not know is noted, and no fault"


def test_changes_without_a_migration_are_violated_and_none_is_written(check, shop):
    """Also one that `makemigrations` would have a question about; and the files stay as they were."""
    files = sorted((shop.folder / "shop/migrations").rglob("*.py"))
    assert "every model is" in check(*COMPLETE, project=shop.view())
    models = shop.folder / "shop/models.py"
    models.write_text(MODELS.replace("max_length=20", "max_length=30"))
    with pytest.raises(Violation, match="shop: Alter field number on order"):
        check(*COMPLETE, project=shop.view())
    models.write_text(f"{MODELS}    paid = models.DateField()\n")
    with pytest.raises(Violation, match="shop: Add field paid to order"):
        check(*COMPLETE, project=shop.view())
    assert sorted((shop.folder / "shop/migrations").rglob("*.py")) == files


def test_two_last_migrations_are_violated(check, shop):
    """Two branches were merged, and their migrations were not."""
    for name in ("0002_left", "0002_right"):
        (shop.folder / f"shop/migrations/{name}.py").write_text(FURTHER)
    with pytest.raises(Violation, match="0002_left and 0002_right"):
        check(*COMPLETE, project=shop.view())


def test_other_databases_count_where_they_are_migrated(check):
    """A second one that nobody migrates, a mirror and one that is down accuse nobody; one that lags behind does."""
    good = {"trouble": "", "standby": False, "applied": 3, "unapplied": [], "unknown": []}
    others = [
        {"alias": "legacy", **good, "applied": 0, "unapplied": ["shop.0001_initial"]},
        {"alias": "mirror", **good, "standby": True, "unapplied": ["shop.0001_initial"]},
        {"alias": "down", "trouble": "connection refused"},
    ]
    seen = {"vendor": "postgresql", "databases": [*others, {"alias": "default", **good}]}
    assert check(*APPLIED, project=SimpleNamespace(once=lambda _: seen)) == "all are, 3 in number"
    behind = seen | {"databases": [*seen["databases"], {"alias": "second", **good, "unapplied": ["shop.0002_more"]}]}
    with pytest.raises(Violation, match=r"second: shop\.0002_more"):
        check(*APPLIED, project=SimpleNamespace(once=lambda _: behind))
    down = seen | {"databases": [{"alias": "default", "trouble": "connection refused"}]}
    with pytest.raises(NotAssessed, match="connection refused"):
        check(*APPLIED, project=SimpleNamespace(once=lambda _: down))


def test_another_database_is_not_assessed(check):
    """The requirement is about PostgreSQL."""
    project = SimpleNamespace(once=lambda _: {"vendor": "sqlite"})
    for one in (APPLIED, COMPLETE):
        with pytest.raises(NotAssessed, match="sqlite"):
            check(*one, project=project)


def test_models_of_packages_are_noted(check):
    """Their migrations are not the service's to write."""
    answer = {"vendor": "postgresql", "own": {}, "of_packages": {"old_package": ["Alter field id on thing"]}}
    project = SimpleNamespace(once=lambda _: answer | {"conflicts": {}, "without_migrations": ["plain"]})

    assert check(*COMPLETE, project=project)


def test_a_driver_without_asynchronous_connections_is_violated(check):
    """One that has them and does not answer says nothing of the driver."""
    name = ("postgresql/connections::database_is_reached_asynchronously", "postgresql.async-connections")
    for seen, error, words in (
        ({"driver": "psycopg2", "async": ""}, Violation, "driver is psycopg2"),
        ({"driver": "psycopg", "async": "TimeoutError"}, NotAssessed, "TimeoutError"),
    ):
        with pytest.raises(error, match=words):
            check(*name, project=SimpleNamespace(once=lambda _, seen=seen: {"vendor": "postgresql", **seen}))
