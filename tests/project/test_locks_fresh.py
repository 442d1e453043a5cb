"""Whether a lock belongs to what is declared: by comparison, by uv itself, and by what Git has of it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stackproof.check import NotAssessed
from stackproof.harness import harness_root
from stackproof.project.committed import State, state_of
from stackproof.project.locks import ask_uv, stale, stale_compiled, unmet
from stackproof.project.locks.reading import lock_files, read_lock
from stackproof.project.uses import Uses
from stackproof.resolve import find_uv

LOCKED = Path(__file__).parent / "locked"
MINORS = ("3.12", "3.13")
HARD = """
[project]
name = "Orders_App"
version = "1.0"
requires-python = "~=3.12"
dependencies = [
  "Django~=5.2.0", "redis[hiredis]==5.*", "tomli>=2; python_version<'3.11'", "util", "core",
  "colorama>=0.4 ; sys_platform=='win32' or platform_machine=='arm64'",
  "idna>=3.0.0,!=3.5 ; python_version >= '3.12' and python_version < '3.14'",
]
[project.optional-dependencies]
Web_X = ["asgiref; python_full_version>='3.12.1' or os_name=='nt'", "sqlparse"]
all = ["orders-app[web-x]"]
[dependency-groups]
lint = ["six==1.16.*"]
dev = [{include-group="lint"}, "pytest>=8,<9", "iniconfig ; python_version>='3.13'"]
[tool.uv]
dev-dependencies = ["pluggy>=1"]
constraint-dependencies = ["certifi>=2020 ; sys_platform=='linux'"]
override-dependencies = ["sqlparse>=0.5"]
[tool.uv.sources]
util = { path = "lib/util" }
core = { workspace = true }
[tool.uv.workspace]
members = ["packages/*"]
"""
RECORDED = """
version = 1
revision = 5
requires-python = ">=3.12, <4"

[manifest]
members = ["core", "orders-app"]
constraints = [{ name = "certifi", marker = "sys_platform == 'linux'", specifier = ">=2020" }]
overrides = [{ name = "sqlparse", specifier = ">=0.5" }]

[[package]]
name = "core"
source = { editable = "packages/core" }

[package.metadata]
requires-dist = [{ name = "attrs", specifier = ">=22" }]

[[package]]
name = "orders-app"
version = "1.0"
source = { virtual = "." }

[package.metadata]
requires-dist = [
    { name = "asgiref", marker = "(python_full_version >= '3.12.1' or os_name == 'nt') and extra == 'web-x'" },
    { name = "colorama", marker = "platform_machine == 'arm64' or sys_platform == 'win32'", specifier = ">=0.4" },
    { name = "core", editable = "packages/core" },
    { name = "django", specifier = "~=5.2.0" },
    { name = "idna", specifier = ">=3.0.0,!=3.5", marker = "python_full_version < '3.14'" },
    { name = "orders-app", extras = ["web-x"], marker = "extra == 'all'" },
    { name = "redis", extras = ["hiredis"], specifier = "==5.*" },
    { name = "sqlparse", marker = "extra == 'web-x'" },
    { name = "tomli", marker = "python_full_version < '3.11'", specifier = ">=2" },
    { name = "util", directory = "lib/util" },
]
provides-extras = ["web-x", "all"]

[package.metadata.requires-dev]
dev = [
    { name = "iniconfig", marker = "python_full_version >= '3.13'" },
    { name = "pluggy", specifier = ">=1" },
    { name = "pytest", specifier = ">=8,<9" },
    { name = "six", specifier = "==1.16.*" },
]
lint = [{ name = "six", specifier = "==1.16.*" }]
"""
CORE = "[project]\nname = 'core'\ndynamic = ['version']\nrequires-python = '>=3.10'\ndependencies = ['attrs>=22']\n"


@pytest.fixture
def hard(tmp_path):
    """A workspace with markers, extras, groups, sources, constraints, recorded as uv 0.13 recorded it."""
    (tmp_path / "packages" / "core").mkdir(parents=True)
    (tmp_path / "packages" / "core" / "pyproject.toml").write_text(CORE)
    (tmp_path / "pyproject.toml").write_text(HARD)
    (tmp_path / "uv.lock").write_text(RECORDED)
    return tmp_path


def copied(case, folder, *changes):
    shutil.copytree(LOCKED / case, folder, dirs_exist_ok=True)
    for name, before, after in changes:
        path = folder / name
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after))
    return folder


@pytest.mark.parametrize("case", ["uv", "uv_forks"])
def test_a_fresh_lock(case):
    """What a real uv recorded is what stands in pyproject.toml."""
    assert stale(LOCKED / case) == ()


def test_our_own_locks_are_fresh():
    """The sample app's, and this repository's where it is a checkout."""
    assert stale(harness_root() / "sample_app") == ()


def test_uvs_own_words_for_the_same_are_no_difference(hard):
    """Names, orders, markers, extras, groups, sources and a member with a dynamic version."""
    assert stale(hard) == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "Django~=5.2.0",
            "Django~=5.1.0",
            "pyproject.toml:7 declares Django~=5.1.0 (dependencies), and uv.lock:20 knows",
        ),
        (
            '"redis[hiredis]==5.*", ',
            "",
            "uv.lock:20 was made with redis==5.* (dependencies), which pyproject.toml",
        ),
        ("redis[hiredis]", "redis", "knows redis==5.*"),
        ("platform_machine=='arm64'", "platform_machine=='x86_64'", "declares colorama>=0.4"),
        ("'3.14'", "'3.15'", "declares idna"),
        ('"sqlparse"]', '"sqlparse>=0.5"]', "declares sqlparse>=0.5 (extra web-x)"),
        ('"pytest>=8,<9"', '"pytest>=9"', "declares pytest>=9 (group dev)"),
        ('lint = ["six==1.16.*"]', 'lint = ["six"]', "(group lint)"),
        ('"pluggy>=1"', '"pluggy>=2"', "declares pluggy>=2 (group dev)"),
        ("\"certifi>=2020 ; sys_platform=='linux'\"", "", "made with certifi>=2020"),
        ('"sqlparse>=0.5"', '"sqlparse>=0.6"', "declares sqlparse>=0.6 (tool.uv.override-dependencies)"),
        ('"core",', '"core", "attrs>=23",', "declares attrs>=23 (dependencies), and the lock does not know it"),
    ],
)
def test_a_stale_lock(hard, before, after, said):
    """Each change of a declaration is told with both places."""
    assert before in HARD
    (hard / "pyproject.toml").write_text(HARD.replace(before, after))

    assert any(said in one for one in stale(hard)), stale(hard)


def test_what_several_included_groups_ask_for_alike_is_recorded_once(hard):
    """uv writes it once into the group that includes them."""
    (hard / "pyproject.toml").write_text(
        HARD.replace('lint = ["six==1.16.*"]', 'lint = ["six==1.16.*", "six==1.16.*"]').replace(
            '"pytest>=8,<9",', '"pytest>=8,<9", "six==1.16.*",'
        )
    )

    assert stale(hard) == ()


def test_sources_that_differ_by_marker(hard):
    """uv records such a requirement once for each of its sources; nothing is said of its versions."""
    (hard / "pyproject.toml").write_text(
        HARD.replace('"util", ', '"util>=2", ').replace(
            '{ path = "lib/util" }',
            """[
  { path = "lib/util", marker = "sys_platform == 'linux'" },
  { url = "https://example.com/util.whl", marker = "sys_platform == 'win32'" },
]""",
        )
    )
    entry = '    { name = "util", directory = "lib/util" },\n'
    split = (
        """    { name = "util", marker = "sys_platform == 'darwin'", specifier = ">=2" },\n"""
        """    { name = "util", marker = "sys_platform == 'linux'", directory = "lib/util" },\n"""
        """    { name = "util", marker = "sys_platform == 'win32'", url = "https://example.com/util.whl" },\n"""
    )
    (hard / "uv.lock").write_text(RECORDED.replace(entry, split))

    assert stale(hard) == ()


def test_extras_as_an_older_uv_recorded_them(hard):
    """It wrote the extra into every part of a marker."""
    older = (
        "(python_full_version >= '3.12.1' and extra == 'web-x') or (os_name == 'nt' and extra == 'web-x')",
        "(python_full_version >= '3.12.1' or os_name == 'nt') and extra == 'web-x'",
    )
    (hard / "uv.lock").write_text(RECORDED.replace(older[1], older[0]))

    assert stale(hard) == ()


def test_a_stale_member_of_a_workspace(hard):
    """Its own pyproject.toml is named."""
    (hard / "packages" / "core" / "pyproject.toml").write_text(CORE.replace("attrs>=22", "attrs>=25"))

    assert stale(hard) == (
        "packages/core/pyproject.toml:5 declares attrs>=25 (dependencies), and uv.lock:11 knows attrs>=22",
    )


def test_requires_python_is_compared_by_what_it_admits(tmp_path):
    """`>=3.12,<3.14` and `>=3.12, <3.14.0` are the same; `>=3.12` is not."""
    folder = copied("uv", tmp_path, ("pyproject.toml", '">=3.12,<3.14"', '">=3.12.0, <3.14.0"'))
    assert stale(folder) == ()

    folder = copied("uv", tmp_path, ("pyproject.toml", '">=3.12,<3.14"', '">=3.12"'))
    assert stale(folder) == ("pyproject.toml:4 requires Python >=3.12, and uv.lock was locked for >=3.12, <3.14",)


def test_what_only_a_build_could_tell_is_not_assessed(hard):
    """Nothing of the project is run."""
    (hard / "packages" / "core" / "pyproject.toml").write_text(
        "[project]\nname = 'core'\ndynamic = ['version', 'dependencies']\n"
    )
    with pytest.raises(NotAssessed, match=r"packages/core/pyproject\.toml:3: dependencies are dynamic"):
        stale(hard)


def test_the_word_of_uv(tmp_path, monkeypatch):
    """It agrees with a fresh lock, offline, whatever this process's own variables say; nothing is left or changed."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://index.example/simple")
    monkeypatch.setenv("UV_PYTHON", "3.99")
    assert ask_uv(LOCKED / "uv").fresh is True

    folder = copied("uv", tmp_path, ("pyproject.toml", "django>=5.2,<5.3", "django>=5.1,<5.2"))
    assert ask_uv(folder).fresh is not True
    assert sorted(one.name for one in folder.iterdir()) == ["pyproject.toml", "uv.lock"]


def test_uv_is_not_asked_of_registries_that_the_project_does_not_name(tmp_path):
    """They stand in somebody's own configuration, without which uv would call the lock stale."""
    folder = copied("uv", tmp_path, ("uv.lock", "https://pypi.org/simple", "https://index.example/simple"))
    word = ask_uv(folder)

    assert word.fresh is None
    assert "https://index.example/simple" in word.text or "not on this machine" in word.text


def test_a_hanging_or_hostile_uv_is_bounded(tmp_path, monkeypatch):
    """Whatever is called uv on the path: its words are capped, and its failure is no verdict."""
    tool = tmp_path / "bin" / "uv"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\nyes 'needs to be' | head -c 100000 >&2\nexit 7\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    find_uv.cache_clear()
    try:
        word = ask_uv(LOCKED / "uv")
    finally:
        find_uv.cache_clear()

    assert word.fresh is None
    assert len(word.text) < 400


@pytest.mark.parametrize(
    ("case", "file"),
    [
        ("pip_tools", "requirements.txt"),
        ("uv_pip", "requirements.txt"),
        ("pip_files", "requirements/base.txt"),
        ("pip_files", "requirements/dev.txt"),
    ],
)
def test_fresh_compiled_requirements(case, file):
    """What pip-compile and uv pip compile wrote meets what it was compiled from."""
    assert stale_compiled(LOCKED / case, file, Uses(), MINORS) == ()


@pytest.mark.parametrize(
    ("case", "file", "change", "said"),
    [
        (
            "pip_tools",
            "requirements.txt",
            ("pyproject.toml", "django>=5.2,<5.3", "django>=5.1,<5.2"),
            "pyproject.toml:5 declares django>=5.1,<5.2, and requirements.txt:12 pins 5.2.19",
        ),
        (
            "pip_tools",
            "requirements.txt",
            ("pyproject.toml", '"django>=5.2,<5.3", ', ""),
            "requirements.txt:12 pins django for orders (pyproject.toml), and pyproject.toml declare it no more",
        ),
        (
            "uv_pip",
            "requirements.txt",
            ("requirements.in", "redis>=5.2", "redis>=5.2,<5.3\ncelery>=5.6\n#"),
            "requirements.in:3 declares celery>=5.6, and requirements.txt does not pin it",
        ),
        (
            "pip_files",
            "requirements/dev.txt",
            ("requirements/base.in", "django>=5.2,<5.3", "django>=5.3"),
            "requirements/base.in:1 declares django>=5.3, and requirements/dev.txt",
        ),
        (
            "pip_files",
            "requirements/base.txt",
            ("requirements/base.in", "setuptools", "-c constraints.txt\nsetuptools"),
            "requirements/constraints.txt:1 declares sqlparse<0.5, and requirements/base.txt:11 pins 0.6.1",
        ),
    ],
)
def test_stale_compiled_requirements(tmp_path, case, file, change, said):
    """A changed, a new, a dropped requirement, and one of an included file: both places are told."""
    root = copied(case, tmp_path, change)
    (root / "requirements").mkdir(exist_ok=True)
    (root / "requirements" / "constraints.txt").write_text("sqlparse<0.5\nnot-asked-for>=1\n", encoding="utf-8")
    found = stale_compiled(root, file, Uses(), MINORS)

    assert any(said in one for one in found), found


def test_pipenv_reads_its_pipfile_and_not_pyproject(tmp_path):
    """What stands in pyproject.toml beside it is another matter; of a PEP 751 lock nobody knows."""
    folder = copied("pipenv", tmp_path)
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\ndependencies = ['certifi>=2020']\n")
    (one,) = lock_files(folder)
    assert unmet(folder, read_lock(folder, one), Uses(), MINORS) == ()

    folder = copied("pipenv", tmp_path, ("Pipfile", ">=5.2,<5.3", ">=5.1,<5.2"))
    assert "Pipfile.lock:" in unmet(folder, read_lock(folder, one), Uses(), MINORS)[0]
    (other,) = lock_files(LOCKED / "pylock")
    with pytest.raises(NotAssessed, match=r"pylock\.toml: from what it was made is not known"):
        unmet(LOCKED / "pylock", read_lock(LOCKED / "pylock", other), Uses(), MINORS)


def test_compiled_from_who_knows_what(tmp_path):
    """Without header, notes, source and project the question cannot be answered."""
    (tmp_path / "requirements.txt").write_text("a==1 --hash=sha256:00\n")
    with pytest.raises(NotAssessed, match=r"requirements\.txt: does not say from which file it was compiled"):
        stale_compiled(tmp_path, "requirements.txt", Uses(), MINORS)

    text = "# autogenerated by pip-compile with Python 3.12\n#\n#    pip-compile setup.py\n#\na==1\n"
    (tmp_path / "requirements.txt").write_text(text)
    (tmp_path / "setup.py").write_text("raise SystemExit('run')")
    with pytest.raises(NotAssessed, match="is never run"):
        stale_compiled(tmp_path, "requirements.txt", Uses(), MINORS)


def git(folder, *words):
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", "-C", str(folder), *author, *words], check=True, capture_output=True, env=kept)


def test_how_a_lock_stands_to_the_last_commit(tmp_path):
    """Untracked, ignored, added, committed, changed; below the repository's root, and with other line ends."""
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / "uv.lock").write_text("version = 1\n")
    with pytest.raises(NotAssessed, match="no Git repository"):
        state_of(folder, "uv.lock")

    git(tmp_path, "init", "-q")
    with pytest.raises(NotAssessed, match="tracks no file of service, and nothing was committed yet"):
        state_of(folder, "uv.lock")
    (folder / "pyproject.toml").write_text("")
    git(tmp_path, "add", "service/pyproject.toml")
    git(tmp_path, "commit", "-qm", "first")
    assert state_of(folder, "uv.lock") is State.UNTRACKED

    (tmp_path / ".gitignore").write_text("*.lock\n")
    assert state_of(folder, "uv.lock") is State.IGNORED
    git(tmp_path, "add", "-f", "service/uv.lock")
    assert state_of(folder, "uv.lock") is State.STAGED
    git(tmp_path, "commit", "-qm", "second")
    assert state_of(folder, "uv.lock") is State.COMMITTED
    (folder / "uv.lock").write_bytes(b"version = 1\r\n")
    assert state_of(folder, "uv.lock") is State.COMMITTED
    (folder / "uv.lock").write_text("version = 2\n")
    assert state_of(folder, "uv.lock") is State.CHANGED
    git(tmp_path, "add", "service/uv.lock")
    assert state_of(folder, "uv.lock") is State.CHANGED


def test_no_filter_of_a_repository_is_run(tmp_path):
    """A repository's configuration may name programs; looking at a lock starts none of them."""
    git(tmp_path, "init", "-q")
    (tmp_path / "uv.lock").write_text("version = 1\n")
    git(tmp_path, "add", "uv.lock")
    git(tmp_path, "commit", "-qm", "first")
    (tmp_path / ".gitattributes").write_text("*.lock filter=own diff=own\n")
    git(tmp_path, "config", "filter.own.clean", f"touch {tmp_path}/ran; cat")
    git(tmp_path, "config", "core.fsmonitor", f"touch {tmp_path}/ran")
    (tmp_path / "uv.lock").write_text("version = 3\n")

    with pytest.raises(NotAssessed, match=r"uv\.lock: passes a filter of the repository, which is not run here"):
        state_of(tmp_path, "uv.lock")
    (tmp_path / ".gitattributes").write_text("*.py filter=own\n")
    assert state_of(tmp_path, "uv.lock") is State.CHANGED
    assert not (tmp_path / "ran").exists()
