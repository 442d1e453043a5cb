"""The built wheel, installed into an empty environment, runs from any folder."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
DATA = ("suites", "fixtures", "sample_app", "reports", "spec", "conftest.py")


@pytest.fixture(scope="module")
def uv():
    """The program that builds and installs."""
    found = shutil.which("uv")
    assert found, "uv is needed: ./bootstrap.sh test puts it on PATH"
    return found


@pytest.fixture(scope="module")
def wheel(uv, tmp_path_factory):
    """A wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([uv, "build", "-q", "--wheel", "-o", folder, ROOT], check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(uv, wheel, tmp_path_factory):
    """An environment that holds the wheel and what it depends on, nothing else."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", folder / "bin" / "python", wheel], check=True)
    return folder / "bin" / "stackproof"


def test_the_wheel_adds_one_import_package_and_carries_the_tree(wheel):
    """Nobody's site-packages gets a top-level `fixtures`; the harness's files are inside, and no litter with them."""
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}

    assert {one for one in top if not one.endswith(".dist-info")} == {"stackproof"}
    for part in DATA:
        assert any(name.startswith(f"stackproof/_harness/{part}") for name in names), part
    tracked = subprocess.run(["git", "ls-files", *DATA], cwd=ROOT, capture_output=True, text=True, check=True)
    expected = {f"stackproof/_harness/{line}" for line in tracked.stdout.splitlines()}
    carried = {name for name in names if name.startswith("stackproof/_harness/")}
    assert expected - carried == set()
    assert not [name for name in carried if "__pycache__" in name or ".venv" in name or name.endswith(".pyc")]


@pytest.mark.parametrize(
    "words", [("list",), ("explain", "jwt.rotation"), ("run", "--suite", "tls", "--only", "jwt.*")]
)
def test_the_installed_wheel_finds_its_checks(installed, tmp_path, words):
    """Before a run, too; the tree of the suites is nowhere on the path then."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [installed, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )

    assert "cannot be imported" not in done.stderr
    assert done.returncode == (2 if words[0] == "run" else 0), done.stderr[-2000:]


def test_the_installed_wheel_judges_the_reference_service(installed, tmp_path):
    """`stackproof run` from an empty folder, with nothing of the checkout in reach, ends in verdicts."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [installed, "run", "--services", "embedded", "--only", "jwt.*,version.*,postgresql.*", "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 4, done.stderr[-2000:]
    report = json.loads(done.stdout)

    assert report["counts"]["satisfied"] >= 40
    assert report["counts"]["violated"] == report["counts"]["error"] == 0
    assert "_harness" in report["specification"]["path"]
    assert list((tmp_path / "stackproof-runs").iterdir())
