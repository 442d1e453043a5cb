"""What is read from locks; those in `locked/` were made by the tools themselves, but for that of PDM."""

import shutil
from pathlib import Path

import pytest

from stackproof.check import NotAssessed
from stackproof.harness import harness_root, reference_specification
from stackproof.project.locks import minors_of, pick
from stackproof.project.locks.reading import lock_files, read_lock, read_locks
from stackproof.project.locks.taking import environments, taken
from stackproof.project.model import Use
from stackproof.spec import read

LOCKED = Path(__file__).parent / "locked"
SPECIFICATION = read(reference_specification())
TOOLS = {
    "uv": ("uv", "uv.lock"),
    "pip_tools": ("pip-tools", "requirements.txt"),
    "uv_pip": ("pip-tools", "requirements.txt"),
    "poetry1": ("poetry", "poetry.lock"),
    "poetry2": ("poetry", "poetry.lock"),
    "pdm": ("pdm", "pdm.lock"),
    "pipenv": ("pipenv", "Pipfile.lock"),
    "pylock": ("pylock", "pylock.toml"),
}


def on_linux(minor="3.12", **changes):
    return environments([minor])[0] | changes


def names(entries):
    return {one.name for one in entries}


@pytest.mark.parametrize("case", TOOLS)
def test_a_lock_of_each_tool(case):
    """The tool is told, and Django is locked once, at the line that says its version, with two hashes."""
    (lock,) = read_locks(LOCKED / case)
    assert (lock.tool, lock.file) == TOOLS[case]

    (django,) = lock.of("django")
    assert (django.version, django.source, django.hashes, django.use) in {
        ("5.2.19", "index", 2, Use.PRODUCTION),
        ("5.2.19", "index", 2, Use.OPTIONAL if case == "poetry1" else Use.PRODUCTION),
    }
    line = (LOCKED / case / lock.file).read_text().splitlines()[django.place.line - 1]
    assert "5.2.19" in line or line.strip() == '"django": {'


@pytest.mark.parametrize("case", ["uv", "pip_tools", "poetry2", "pdm", "pipenv", "pylock"])
def test_markers_decide_what_is_taken(case):
    """redis is for other platforms than Windows; a Python of the document on Linux takes it."""
    (lock,) = read_locks(LOCKED / case)
    windows = on_linux(sys_platform="win32", os_name="nt", platform_system="Windows")

    assert "redis" in names(taken(lock, on_linux()))
    assert "redis" not in names(taken(lock, windows))


@pytest.mark.parametrize("case", ["uv", "poetry2", "pdm", "pipenv"])
def test_what_is_locked_for_development_is_told(case):
    """pytest and all that it alone needs."""
    (lock,) = read_locks(LOCKED / case)

    assert "pytest" in names(taken(lock, on_linux()))
    assert "pytest" not in names(taken(lock, on_linux(), (Use.PRODUCTION,)))
    assert lock.of("pytest")[0].use is Use.DEVELOPMENT


def test_the_pythons_of_each_lock():
    """What the lock says it is for; a tool that resolves for one Python says which."""
    said = {case: (lock.requires_python, lock.made_for) for case in TOOLS for lock in read_locks(LOCKED / case)}

    assert said["uv"] == said["pylock"] == (">=3.12, <3.14", "")
    assert said["poetry1"] == said["poetry2"] == said["pdm"] == (">=3.12,<3.14", "")
    assert said["pip_tools"] == said["pipenv"] == ("", "3.12")
    assert said["uv_pip"] == ("", "")  # --universal


def test_forks():
    """One package in two versions, each for its Pythons; what another platform takes does not count."""
    (lock,) = read_locks(LOCKED / "uv_forks")
    assert {one.version for one in lock.of("redis")} == {"5.3.1", "6.4.0"}

    assert [one.version for one in taken(lock, on_linux("3.12")) if one.name == "redis"] == ["5.3.1"]
    assert [one.version for one in taken(lock, on_linux("3.13")) if one.name == "redis"] == ["6.4.0"]
    assert {one.version for one in pick(lock, "redis", SPECIFICATION).entries} == {"5.3.1", "6.4.0"}
    assert [one.version for one in pick(lock, "structlog", SPECIFICATION).entries] == ["24.4.0"]
    assert lock.of("sqlparse")[0].use is Use.OPTIONAL


def test_groups_and_extras_of_pep_751(tmp_path):
    """Each that a marker names is asked for; the rest of the marker decides."""
    (tmp_path / "pylock.toml").write_text(
        """
lock-version = "1.0"
created-by = "tool"
packages = [
    { name = "always", version = "1.0" },
    { name = "grouped", version = "1.0", marker = "('dev' in dependency_groups) and (python_version >= '3.8')" },
    { name = "extra", version = "1.0", marker = "'web' in extras" },
    { name = "other", version = "1.0", marker = "('dev' in dependency_groups) and (sys_platform == 'win32')" },
]
""",
        encoding="utf-8",
    )
    (lock,) = read_locks(tmp_path)

    assert names(taken(lock, on_linux())) == {"always", "grouped", "extra"}
    assert names(taken(lock, on_linux(), (Use.PRODUCTION,))) == {"always"}
    assert {one.place.line for one in lock.packages} == {0}  # inline tables have no line of their own


def test_the_extras_of_poetry_are_taken(tmp_path):
    """Poetry 2 writes the project's extras as markers, and its Pythons as it writes versions."""
    (tmp_path / "poetry.lock").write_text(
        """
[[package]]
name = "sentry-sdk"
version = "2.20.0"
optional = true
groups = ["main"]
markers = "extra == \\"sentry\\" or extra == \\"all\\""

[[package]]
name = "redis"
version = "5.2.1"
optional = true
groups = ["main"]
markers = "sys_platform == \\"win32\\" and extra == \\"all\\""

[metadata]
lock-version = "2.1"
python-versions = "~3.12"
""",
        encoding="utf-8",
    )
    (lock,) = read_locks(tmp_path)

    assert names(taken(lock, on_linux())) == {"sentry-sdk"}
    assert not taken(lock, on_linux(), (Use.PRODUCTION,))
    assert minors_of(lock.requires_python) == ("3.12",)


def test_the_extras_of_a_package_are_followed():
    """celery[redis] takes kombu's own extra with it."""
    lock = next(one for one in read_locks(harness_root() / "sample_app") if one.tool == "uv")
    production = names(taken(lock, on_linux(), (Use.PRODUCTION,)))

    assert {"django", "celery", "kombu", "redis", "psycopg-binary", "psycopg-pool"} <= production
    assert not {"pytest", "ruff", "dispatch", "tzlocal-absent"} & production


def test_several_compiled_files_of_one_project():
    """Each is a lock of its own; the name says what it is for, and the notes who asked."""
    base, dev = read_locks(LOCKED / "pip_files")

    assert (base.file, dev.file) == ("requirements/base.txt", "requirements/dev.txt")
    assert names(base.packages) == {"asgiref", "django", "sqlparse"}
    assert (base.of("django")[0].use, dev.of("django")[0].use) == (Use.PRODUCTION, Use.DEVELOPMENT)


def test_sources_other_than_an_index(tmp_path):
    """A repository, a URL, a folder: each is told, and the project itself is a folder."""
    (tmp_path / "uv.lock").write_text(
        """
version = 1
requires-python = ">=3.12"

[[package]]
name = "orders"
source = { editable = "." }
dependencies = [{ name = "Some.Thing" }, { name = "archive" }, { name = "beside" }]

[[package]]
name = "some-thing"
version = "1.2"
source = { git = "https://example.com/some?rev=v1#0123456789" }

[[package]]
name = "archive"
version = "2.0"
source = { url = "https://example.com/archive-2.0-py3-none-any.whl" }
wheels = [{ url = "https://example.com/archive-2.0-py3-none-any.whl", hash = "sha256:00" }]

[[package]]
name = "beside"
source = { directory = "../beside" }
""",
        encoding="utf-8",
    )
    (lock,) = read_locks(tmp_path)
    found = {one.name: (one.version, one.source, one.place.line) for one in lock.packages}

    assert found == {
        "orders": ("", "path", 5),
        "some-thing": ("1.2", "vcs", 12),
        "archive": ("2.0", "url", 17),
        "beside": ("", "path", 21),
    }
    assert names(taken(lock, on_linux())) == {"some-thing", "archive", "beside"}


def test_requirements_with_everything_that_pip_reads(tmp_path):
    """Continuations, hashes, markers, extras, an editable folder, a repository, options of the file."""
    (tmp_path / "requirements.txt").write_text(
        "#\r\n# This file is autogenerated by pip-compile with Python 3.13\r\n# by the following command:\r\n#\r\n"
        "#    pip-compile requirements.in\r\n#\r\n--index-url https://example.com/simple\r\n\r\n"
        "-e file:.#egg=orders\r\n"
        "celery[redis]==5.6.3 ; python_version >= '3.12' \\\r\n    --hash=sha256:00 \\\r\n    --hash=sha256:01\r\n"
        "    # via -r requirements.in\r\n"
        "tool @ git+https://example.com/tool@v1\r\n    # via\r\n    #   -r requirements.in\r\n    #   celery\r\n"
        "Plain_Name===1.0 # via celery\r\n",
        encoding="utf-8",
    )
    (lock,) = read_locks(tmp_path)

    assert lock.made_for == "3.13"
    assert [(one.name, one.version, one.source, one.hashes, one.place.line) for one in lock.packages] == [
        ("orders", "", "path", 0, 9),
        ("celery", "5.6.3", "index", 2, 10),
        ("tool", "", "vcs", 0, 14),
        ("plain-name", "1.0", "index", 0, 18),
    ]


def test_lines_of_python():
    """What a row admits; without an upper bound, what is released."""
    assert minors_of(">=3.12,<3.14") == ("3.12", "3.13")
    assert minors_of(">=3.12.4,<3.13.2", "!=3.12.*") == ("3.13",)
    assert minors_of(">=3.12")[:2] == ("3.12", "3.13")
    assert "3.40" not in minors_of(">=3.12")
    assert minors_of("<3") == ()


def test_a_later_revision_is_read_and_a_later_version_is_not(tmp_path):
    """uv's revisions add to a version; another version is another format."""
    text = (LOCKED / "uv" / "uv.lock").read_text()
    (tmp_path / "uv.lock").write_text(text.replace("revision = ", "revision = 9", 1))
    assert read_locks(tmp_path)[0].of("django")
    (tmp_path / "uv.lock").write_text(text.replace("revision = 5\n", "", 1))
    assert read_locks(tmp_path)[0].of("django")

    (tmp_path / "uv.lock").write_text(text.replace("version = 1", "version = 2", 1))
    with pytest.raises(NotAssessed, match=r"uv\.lock: has version 2 of its format.*update stackproof"):
        read_locks(tmp_path)


def test_a_lock_is_read_again_where_it_changed(tmp_path):
    """Many checks ask, and the file is parsed once; a change is seen."""
    shutil.copytree(LOCKED / "uv", tmp_path, dirs_exist_ok=True)
    (one,) = lock_files(tmp_path)
    first = read_lock(tmp_path, one)
    assert read_lock(tmp_path, one) is first

    text = (tmp_path / "uv.lock").read_text()
    (tmp_path / "uv.lock").write_text(text.replace('version = "5.2.19"', 'version = "5.2.18.1"'))
    assert read_lock(tmp_path, one).of("django")[0].version == "5.2.18.1"
