"""What is installed is told from every layout, and by interpreters that are older than ours."""

import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from stackproof.check import NotAssessed

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.6\nRequires-Dist: six>=1\n"


def program(folder, *lines):
    path = folder / "interpreter"
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)
    return path


def metadata(name, version):
    return METADATA.format(name=name, version=version)


def others():
    """Interpreters of this machine, ours among them, with what they say they are."""
    found = {}
    for path in [sys.executable, "/usr/bin/python3", *sorted(str(one) for one in PYENV.glob("*/bin/python"))]:
        if Path(path).is_file():
            said = subprocess.run([path, "-V"], capture_output=True, text=True, check=False)
            found[path] = (said.stdout + said.stderr).split()[-1]
    return found


def test_interpreters_of_every_age(view):
    """From 2.7 on each says its version and its packages: an old Python is outside of a row, and no riddle."""
    for path, version in others().items():
        seen = view(path)[0]
        assert seen.python_version() == version
        assert seen.markers()["implementation_name"] == "cpython"
        assert all(one.version for one in seen.installed().values()), path


@pytest.fixture
def environment(tmp_path):
    """A virtual environment of the interpreter that runs the tests, with nothing in it."""
    folder = tmp_path / "venv"
    made = [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(folder)]
    subprocess.run(made, check=True, capture_output=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / "bin" / "python", folder / "lib" / version / "site-packages"


def put(folder, name, version, kind="dist-info"):
    """A package's metadata as an installer leaves it: a wheel's, or an egg's folder or file."""
    path = folder / f"{name}-{version}.{kind.split()[0]}"
    if kind == "egg-info file":
        path.write_text(metadata(name, version), encoding="utf-8")
        return
    path.mkdir(parents=True)
    file = "METADATA" if kind == "dist-info" else "PKG-INFO"
    (path / file).write_text(metadata(name, version), encoding="utf-8")


def test_every_layout_of_an_environment(view, tmp_path, environment):
    """Wheels, eggs as folder, as file and zipped, folders of a `.pth`, an editable install; shadowing the system's."""
    python, site = environment
    put(site, "wheeled", "1.0")
    put(site, "egged", "2.0", "egg-info")
    put(site, "filed", "3.0", "egg-info file")
    put(tmp_path / "elsewhere", "linked", "4.0")
    (site / "elsewhere.pth").write_text(f"{tmp_path / 'elsewhere'}\n{tmp_path / 'missing'}\n")
    put(tmp_path / "source", "editable", "5.0", "egg-info")
    (site / "easy-install.pth").write_text(f"{tmp_path / 'source'}\n{site / 'zipped.egg'}\n")
    with zipfile.ZipFile(site / "zipped.egg", "w") as egg:
        egg.writestr("EGG-INFO/PKG-INFO", metadata("zipped", "6.0"))
    (site / "~roken-1.0.dist-info").mkdir()
    (site / "halfway-7.0.dist-info").mkdir()
    found = view(python)[0].installed()

    assert {name: one.version for name, one in found.items() if str(tmp_path) in one.location} == {
        "wheeled": "1.0",
        "egged": "2.0",
        "filed": "3.0",
        "linked": "4.0",
        "editable": "5.0",
        "zipped": "6.0",
        "halfway": "",
    }
    assert found["wheeled"].requires == ("six>=1",)


def test_a_folder_of_target(view, tmp_path, environment):
    """`pip install --target`, put on the path by the service's own variables."""
    python, _ = environment
    put(tmp_path / "vendored", "vendored", "1.0")
    (tmp_path / "service.env").write_text(f"PYTHONPATH={tmp_path / 'vendored'}\n")

    assert "vendored" not in view(python)[0].installed()
    found = view(python, env_file=str(tmp_path / "service.env"))[0].installed()
    assert found["vendored"].version == "1.0"


def test_modules_of_the_project_do_not_stand_for_pythons(view, tmp_path, environment):
    """A project may have a `json.py` and a `platform.py`; what lies beside them is seen, and they are not run."""
    python, _ = environment
    for name in ("json", "platform", "re", "importlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the project was run')")
    put(tmp_path, "beside", "1.0")

    assert view(python)[0].installed()["beside"].version == "1.0"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("exit 127",), "it left with 127"),
        (("echo Python 3.12.4",), "gave no usable answer"),
        (("echo 'cannot open display' >&2; exit 1",), "cannot open display"),
        (('exec node "$@"',), "could not answer|cannot be run|gave no usable answer"),
        (("kill -9 $$",), "it left with -9"),
    ],
)
def test_what_is_no_python(view, tmp_path, lines, said):
    """Each in its own words, in one line."""
    with pytest.raises(NotAssessed, match=said) as caught:
        view(program(tmp_path, *lines))[0].installed()
    assert "\n" not in str(caught.value)


def test_an_interpreter_whose_own_library_is_broken(view, tmp_path):
    """A PYTHONHOME of another machine: Python's own words are told."""
    python = program(tmp_path, f'PYTHONHOME=/nowhere exec {shlex.quote(sys.executable)} "$@"')
    with pytest.raises(NotAssessed, match="could not answer"):
        view(python)[0].installed()
