"""Disposable accounts: made, changed and removed, by commands and through a project, whatever ends the run."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stackproof.accounts.desk import Desk
from stackproof.check import NotAssessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.errors import UsageError
from stackproof.evidence import Recorder, Redactor
from stackproof.target.project import ProjectView

ROOT = Path(__file__).parents[2]

#: keeps accounts in a folder, a file each; `clumsy` fails after it made one, `chatty` has a password of its own
ADMIN = """
import json, os, pathlib, sys
action, name, folder, manner = sys.argv[1:]
path = pathlib.Path(folder) / name
password = os.environ.get("STACKPROOF_ACCOUNT_PASSWORD", "")
assert password not in sys.argv or not password
if action == "create":
    path.write_text(password)
    if manner == "clumsy":
        sys.exit("the password is " + password)
    if manner == "chatty":
        print("created one")
        print(json.dumps({"username": name, "password": "own-password-17"}))
elif action == "set_password":
    path.write_text(password)
elif action == "deactivate":
    path.write_text("off")
elif manner == "sticky":
    sys.exit(3)
else:
    path.unlink()
"""

SETTINGS = """
from pathlib import Path
SECRET_KEY = "k" * 50
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop"]
AUTH_USER_MODEL = "shop.Customer"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(__file__).parent / "db.sqlite3"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.MD5PasswordHasher"]
"""

#: required fields of several kinds, a name of its own, and inactive until somebody says otherwise
MODELS = """
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
class Makes(BaseUserManager):
    def create_user(self, phone, password, born, tariff):
        user = self.model(phone=phone, born=born, tariff=tariff)
        user.set_password(password)
        user.save()
        return user
class Branch(models.Model):
    slug = models.SlugField()
    class Meta:
        app_label = "shop"
class Customer(AbstractBaseUser):
    branch = models.ForeignKey(Branch, models.CASCADE, null=True)
    language = models.CharField(max_length=5, default="en")
    phone = models.CharField(max_length=60, unique=True)
    born = models.DateField()
    tariff = models.CharField(max_length=3, choices=[("", "-"), ("low", "Low")])
    is_active = models.BooleanField(default=False)
    objects = Makes()
    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS = ["born", "tariff"]
    class Meta:
        app_label = "shop"
"""


@pytest.fixture
def desk(tmp_path):
    """A desk on commands of a certain manner; gives it, the folder of the accounts, and the evidence."""
    accounts = tmp_path / "accounts"
    accounts.mkdir()
    desks = []

    def make(manner="plain", without=()):
        admin = tmp_path / "admin.py"
        admin.write_text(ADMIN)
        actions = [one for one in ("create", "deactivate", "delete", "set_password") if one not in without]
        given = {one: [sys.executable, str(admin), one, "{username}", str(accounts), manner] for one in actions}
        data = {"target": {"base_url": "http://127.0.0.1"}, "accounts": {"disposable": given}}
        redactor = Redactor()
        recorder = Recorder(redactor)
        descriptor = parse_descriptor(data, tmp_path / "stackproof.toml")
        desks.append(Desk(descriptor, recorder, redactor, lambda: pytest.fail("no project is needed")))
        return desks[-1], accounts, recorder

    return make


def test_commands_make_change_and_remove_accounts(desk):
    """The password travels in a variable, and into no evidence."""
    made, folder, recorder = desk()
    account = made.create()
    assert (folder / account.username).read_text() == account.password
    changed = made.set_password(account)
    assert (folder / account.username).read_text() == changed.password != account.password
    made.deactivate(account)
    assert (folder / account.username).read_text() == "off"
    made.close()

    assert list(folder.iterdir()) == []
    told = repr(recorder.records)
    assert account.username in told
    assert account.password not in told
    assert changed.password not in told


def test_a_password_of_the_commands_own_is_learnt(desk):
    """Lines before the answer are passed over."""
    made, _, recorder = desk("chatty")
    account = made.create()
    recorder.add("note", f"it is {account.password}")
    made.close()

    assert account.password == "own-password-17"
    assert account.password not in repr(recorder.records)


def test_an_account_that_a_failed_command_left_behind_is_removed(desk):
    """The reason names the command and its exit, and nothing that it printed."""
    made, folder, _ = desk("clumsy")
    with pytest.raises(NotAssessed, match=r"accounts\.disposable\.create .* left with 1$"):
        made.create()
    assert len(list(folder.iterdir())) == 1
    made.close()

    assert list(folder.iterdir()) == []


def test_what_cannot_be_removed_is_named(desk):
    """Rather than forgotten."""
    made, folder, _ = desk("sticky")
    account = made.create()
    with pytest.raises(NotAssessed, match=f"delete it by hand: {account.username}"):
        made.close()

    assert [one.name for one in folder.iterdir()] == [account.username]


def test_nothing_is_made_that_could_not_be_removed(desk):
    """Without a delete command there are no accounts; what commands cannot do is said."""
    with pytest.raises(UsageError, match=r"accounts\.disposable\.create: is given without delete"):
        desk(without=("delete",))

    made, _, _ = desk(without=("deactivate",))
    account = made.create()
    with pytest.raises(NotAssessed, match=r"no accounts\.disposable\.deactivate"):
        made.deactivate(account)
    with pytest.raises(NotAssessed, match="through_project"):
        made.stored(account)
    made.close()


@pytest.fixture
def shop(tmp_path):
    """A Django project with a user model of its own, and its descriptor's data."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "models.py").write_text(MODELS)
    (tmp_path / "shop_settings.py").write_text(SETTINGS)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "shop_settings"}
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v", "0"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(tmp_path)},
        check=True,
        timeout=120,
    )
    project = {"path": str(tmp_path), "python": sys.executable, "settings_module": "shop_settings"}
    accounts = {"disposable": {"through_project": True, "username": "+49-{random}"}}
    return {"target": {"base_url": "http://127.0.0.1"}, "project": project, "accounts": accounts}


def count(folder):
    """How many accounts the shop has."""
    import sqlite3

    with sqlite3.connect(folder / "db.sqlite3") as connection:
        return connection.execute("SELECT count(*) FROM shop_customer").fetchone()[0]


@pytest.mark.slow
def test_an_account_has_what_its_logins_send(shop, tmp_path):
    """A tenant in `auth.login.extra`: the field of that name has it, or points to the row that bears it."""
    import sqlite3

    with sqlite3.connect(tmp_path / "db.sqlite3") as connection:
        connection.executemany("INSERT INTO shop_branch (slug) VALUES (?)", [("north",), ("south",)])
    extra = {"branch": "south", "language": "de", "tariff": "low", "device": "harness"}
    auth = {"login": {"path": "/login", "extra": extra}, "protected": {"path": "/me"}}
    redactor = Redactor()
    descriptor = parse_descriptor({**shop, "auth": auth}, tmp_path / "stackproof.toml")
    recorder = Recorder(redactor)
    made = Desk(descriptor, recorder, redactor, lambda: ProjectView(descriptor, recorder, redactor))
    made.create()
    with sqlite3.connect(tmp_path / "db.sqlite3") as connection:
        query = "SELECT slug, language, tariff FROM shop_customer JOIN shop_branch b ON b.id = branch_id"
        rows = connection.execute(query).fetchall()
    made.close()

    assert rows == [("south", "de", "low")]


@pytest.mark.slow
def test_a_project_makes_changes_and_removes_accounts(shop, tmp_path):
    """With a name and required fields of its own; hashes of any kind are stored, and only their kind is told."""
    redactor = Redactor()
    recorder = Recorder(redactor)
    descriptor = parse_descriptor(shop, tmp_path / "stackproof.toml")
    made = Desk(descriptor, recorder, redactor, lambda: ProjectView(descriptor, recorder, redactor))
    account = made.create()
    assert account.username.startswith("+49-")
    assert made.stored(account).parts[:2] == ("argon2", "argon2id")
    made.store(account, "PBKDF2 with 100000 iterations")
    assert made.stored(account).parts == ("pbkdf2_sha256", "100000")
    made.store(account, "Argon2id with m=64,t=1,p=1")
    assert made.stored(account).parts == ("argon2", "argon2id", "v=19", "m=64,t=1,p=1")
    made.set_password(account)
    made.deactivate(account)
    other = made.create()
    made.delete(other)
    assert count(tmp_path) == 1
    made.close()

    assert count(tmp_path) == 0
    assert account.password not in repr(recorder.records)


#: makes an account and says so, then waits to be killed
WAITING = """
import json, sys, time
from stackproof.evidence import Recorder, Redactor
from stackproof.accounts.desk import Desk
from stackproof.target.project import ProjectView
from stackproof.descriptor.reading import parse_descriptor
from pathlib import Path
redactor = Redactor(); recorder = Recorder(redactor)
descriptor = parse_descriptor(json.loads(sys.argv[1]), Path("stackproof.toml"))
Desk(descriptor, recorder, redactor, lambda: ProjectView(descriptor, recorder, redactor)).create()
print("made", flush=True)
time.sleep(120)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGKILL, id="SIGKILL"),
        pytest.param(signal.SIGINT, id="SIGINT", marks=pytest.mark.exhaustive),
    ],
)
def test_nothing_stays_behind_however_a_run_ends(number, shop, tmp_path):
    """The program that made the accounts removes them when nobody speaks to it any more."""
    command = [sys.executable, "-c", WAITING, json.dumps(shop)]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout.readline() == b"made\n", process.stderr.read()
            assert count(tmp_path) == 1
        finally:
            process.send_signal(number)
    deadline = time.monotonic() + 20
    while count(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert count(tmp_path) == 0
