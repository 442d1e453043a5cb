"""The bootstrap script explains itself on a machine that has nothing."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "bootstrap.sh"


@pytest.fixture
def bare(tmp_path):
    """A copy of the script in a folder of its own, with a PATH of coreutils alone."""
    folder, tools = tmp_path / "clone", tmp_path / "bin"
    folder.mkdir()
    tools.mkdir()
    for name in ("bootstrap.sh", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, folder / name)
    for name in (
        "sh",
        "dirname",
        "cat",
        "mkdir",
        "rm",
        "mv",
        "sed",
        "tail",
        "cksum",
        "grep",
        "id",
        "tr",
        "cut",
        "uname",
        "env",
    ):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)

    def run(*words):
        return subprocess.run(
            [folder / "bootstrap.sh", *words],
            env={"PATH": str(tools), "HOME": str(tmp_path / "home"), "PYENV_ROOT": str(tmp_path / "pyenv")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_it_parses_as_posix_shell():
    """Nothing of bash is in it: dash reads it, where there is one, and sh does."""
    for shell in filter(shutil.which, ("dash", "sh")):
        subprocess.run([shell, "-n", SCRIPT], check=True)


def test_without_a_word_it_says_how_to_use_it(bare):
    """Usage on standard error, exit 2."""
    done = bare()

    assert done.returncode == 2
    assert "./bootstrap.sh run" in done.stderr


def test_without_python_and_uv_it_says_what_to_install(bare):
    """No python3 and no uv: exit 3, and what to do; nothing that was not made by it is touched."""
    done = bare("run")

    assert done.returncode == 3
    assert "uv" in done.stderr
    assert "python3" in done.stderr


def test_help_needs_nothing(bare):
    """`--help` works on the barest machine."""
    done = bare("--help")

    assert done.returncode == 0
    assert "bootstrap.sh test" in done.stdout
