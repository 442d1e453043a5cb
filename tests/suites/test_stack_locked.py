"""The checks of the lock and of the agreement between the places, both ways, on real locks."""

import datetime
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.project.view import ProjectFiles
from stackproof.target.project import Distribution

LOCKED = Path(__file__).parents[1] / "project" / "locked"
VERSIONS = "stack/locked::locked_version_is_inside_the_constraint"
PYTHON = "stack/locked::lock_is_made_for_a_python_of_the_row"
TOOL = "stack/lock::lock_is_of_an_admitted_tool"
COMMITTED = "stack/lock::lock_is_committed"
FRESH = "stack/lock::lock_belongs_to_what_is_declared"
HASHES = "stack/lock::every_locked_package_has_a_hash"
PYTHONS = "stack/lock::lock_covers_every_python"
AGREE = "stack/agreement::locks_agree_with_each_other"
DECLARED = "stack/agreement::locked_versions_are_those_that_are_declared"
INSTALLED = "stack/agreement::installed_is_what_is_locked"
ADMITTED = "stack/agreement::installed_versions_are_those_that_are_declared"


@pytest.fixture
def files(tmp_path):
    """A view on a copy of a project of `tests/project/locked`, with changes: (file, before, after)."""

    def make(case, *changes, **project):
        if case:
            shutil.copytree(LOCKED / case, tmp_path, dirs_exist_ok=True)
        for name, before, after in changes:
            path = tmp_path / name
            text = path.read_text() if path.is_file() else ""
            assert before in text
            path.write_text(text.replace(before, after) if before else after)
        data = {"target": {}, "project": {"path": str(tmp_path), **project}}
        return ProjectFiles(parse_descriptor(data, tmp_path / "stackproof.toml"), Recorder(Redactor()))

    return make


def interpreter(*installed, python="3.12.4", **markers):
    """An interpreter with these packages: (name, version)."""
    found = {name: Distribution(name, version, (), "", "/site") for name, version in installed}
    given = {"python_version": python.rpartition(".")[0], "python_full_version": python, "sys_platform": "linux"}
    rest = {"platform_python_implementation": "CPython", "os_name": "posix", "platform_machine": "x86_64"}
    return SimpleNamespace(
        installed=lambda: found, python_version=lambda: python, markers=lambda: {**rest, **given, **markers}
    )


@pytest.mark.parametrize("case", ["uv", "pip_tools", "poetry1", "poetry2", "pdm", "pipenv", "pylock", "uv_pip"])
def test_a_locked_version(check, files, case):
    """Inside of the row, with its place; whatever tool wrote the lock."""
    seen = check(VERSIONS, "version.django", files=files(case))
    assert seen.startswith("django 5.2.19 (")
    assert seen.endswith(" is inside <5.3,>=5.2")


def test_a_locked_version_outside_of_its_row(check, files):
    """The place of the lock is told."""
    view = files("uv", ("uv.lock", 'version = "5.2.19"', 'version = "5.1.4"'))
    with pytest.raises(Violation, match=r"django, locked in uv\.lock:\d+, is 5\.1\.4"):
        check(VERSIONS, "version.django", files=view)


def test_a_fork_that_a_python_of_the_document_takes(check, files):
    """redis 6.4 is for Python 3.13 alone, and that is a Python of the row; structlog 26 is for Windows alone."""
    with pytest.raises(Violation, match=r"redis, locked in uv\.lock:\d+, is 6\.4\.0"):
        check(VERSIONS, "version.redis-python", files=files("uv_forks"))
    assert "24.4.0" in check(VERSIONS, "version.structlog", files=files("uv_forks"))


def test_a_fork_that_no_python_of_the_document_takes(check, files, edition):
    """Where the document admits 3.12 alone, what 3.13 takes is no matter."""
    own = edition(("`>=3.12,<3.14`", "`>=3.12,<3.13`"))

    assert "5.3.1" in check(VERSIONS, "version.redis-python", files=files("uv_forks"), specification=own)


def test_what_is_not_locked(check, files):
    """Neither fine nor broken; the descriptor can say that it is not used."""
    with pytest.raises(NotAssessed, match=r"celery is not locked in uv\.lock; where the service does not use it"):
        check(VERSIONS, "version.celery", files=files("uv"))
    with pytest.raises(NotApplicable):
        check(VERSIONS, "version.celery", files=files("uv", unused=["version.celery"]))


@pytest.mark.parametrize("name", ["chosen_support::locked_django_is_a_supported_lts", "locked"])
def test_what_is_not_used_needs_no_lock(check, files, name):
    """A project without a lock that does not use Django misses nothing of it."""
    which, requirement = (VERSIONS, "version.django") if name == "locked" else (f"stack/{name}", "upgrade.django-lts")
    today = {} if name == "locked" else {"today": datetime.date(2026, 11, 1)}
    with pytest.raises(NotAssessed):
        check(which, requirement, files=files(None), **today)
    with pytest.raises(NotApplicable, match=r"project\.unused"):
        check(which, requirement, files=files(None, unused=["version.django"]), **today)


def test_a_version_that_the_lock_does_not_tell(check, files):
    """A folder or a repository without a version."""
    view = files("uv_pip", ("requirements.txt", "django==5.2.19", "django @ git+https://example.com/django@main"))
    with pytest.raises(NotAssessed, match=r"django comes from a vcs \(requirements\.txt:7\), and the lock has no"):
        check(VERSIONS, "version.django", files=view)


def test_a_lock_that_does_not_say_which_version_is_taken(check, files):
    """Poetry 1 writes two entries and not when each holds: where they differ in the verdict there is none."""
    entry = '[[package]]\nname = "django"\nversion = "4.2.1"\noptional = false\n\n[[package]]\nname = "django"\n'
    view = files("poetry1", ("poetry.lock", '[[package]]\nname = "django"\n', entry))
    with pytest.raises(NotAssessed, match=r"does not say which of these is taken: django 4\.2\.1 .*, django 5\.2\.19"):
        check(VERSIONS, "version.django", files=view)


def test_the_python_of_a_lock(check, files):
    """It has to admit some Python of the row; what it admits besides is no fault."""
    assert "3.12 and 3.13" in check(PYTHON, "version.python", files=files("uv"))
    assert "3.12" in check(PYTHON, "version.python", files=files("pip_tools"))
    wide = files("uv", ("uv.lock", '">=3.12, <3.14"', '">=3.9"'))
    assert "3.12 and 3.13" in check(PYTHON, "version.python", files=wide)
    with pytest.raises(Violation, match=r"uv\.lock is for Python >=3\.8, <3\.12"):
        check(PYTHON, "version.python", files=files("", ("uv.lock", '">=3.9"', '">=3.8, <3.12"')))


def test_a_lock_that_tells_no_python(check, files):
    """The file of `uv pip compile --universal` does not say which Pythons it is for."""
    with pytest.raises(NotAssessed, match="no lock says which Python"):
        check(PYTHON, "version.python", files=files("uv_pip"))


@pytest.mark.parametrize("case", ["uv", "uv_forks", "pip_tools", "uv_pip", "pip_files"])
def test_an_admitted_tool(check, files, case):
    """uv.lock, and requirements that pip-tools or uv compiled."""
    assert "packages" in check(TOOL, "lock.tool", files=files(case))


@pytest.mark.parametrize(
    ("case", "writer"),
    [("poetry1", "Poetry"), ("poetry2", "Poetry"), ("pdm", "PDM"), ("pipenv", "Pipenv"), ("pylock", "PEP 751")],
)
def test_another_tool(check, files, case, writer):
    """The document does not name it."""
    with pytest.raises(Violation, match=rf"the lock is \S+ \({writer}\)"):
        check(TOOL, "lock.tool", files=files(case))


def test_an_edition_that_names_another_tool(check, files, edition):
    """The clause's own words decide."""
    own = edition(("- Use `uv.lock` or `pip-tools` (requirements.txt)", "- Use `poetry.lock` or `pdm.lock`"))

    assert "poetry.lock" in check(TOOL, "lock.tool", files=files("poetry2"), specification=own)
    shutil.rmtree(files("").root)
    files("").root.mkdir()
    with pytest.raises(Violation, match=r"the lock is uv\.lock \(uv\)"):
        check(TOOL, "lock.tool", files=files("uv"), specification=own)


def test_another_tools_lock_beside_an_admitted_one(check, files):
    """It is told, and decides nothing here."""
    view = files("uv")
    shutil.copy(LOCKED / "poetry2" / "poetry.lock", view.root)

    assert "beside it poetry.lock (Poetry)" in check(TOOL, "lock.tool", files=view)


def test_requirements_that_no_tool_signed(check, files):
    """Hashes tell that a tool wrote it, and not which: an export of Poetry looks the same."""
    view = files("", ("requirements.txt", "", f"django==5.2.19 --hash=sha256:{'0' * 64}\n"))
    with pytest.raises(NotAssessed, match=r"requirements\.txt pins everything, and does not say which tool wrote it"):
        check(TOOL, "lock.tool", files=view)


def test_a_project_without_a_lock(check, files):
    """A violation of the clause on the tool alone; a project of another kind is not assessed."""
    view = files("", ("pyproject.toml", "", "[project]\nname = 'x'\ndependencies = ['django']\n"))
    with pytest.raises(Violation, match="the project has no lock file"):
        check(TOOL, "lock.tool", files=view)
    for name, requirement in ((COMMITTED, "lock.committed"), (FRESH, "lock.regenerated"), (HASHES, "lock.hashes")):
        with pytest.raises(NotAssessed, match="the project has no lock"):
            check(name, requirement, files=view)
    with pytest.raises(NotAssessed, match="the project has no lock"):
        check(VERSIONS, "version.django", files=view)


@pytest.mark.parametrize(
    ("name", "requirement"),
    [
        (TOOL, "lock.tool"),
        (COMMITTED, "lock.committed"),
        (FRESH, "lock.regenerated"),
        (HASHES, "lock.hashes"),
        (PYTHONS, "lock.every-python"),
        (AGREE, "lock.one-answer"),
        (VERSIONS, "version.django"),
        (PYTHON, "version.python"),
    ],
)
def test_a_project_of_another_kind(check, files, name, requirement):
    """A Node project has no lock of Python's, and none is missing."""
    view = files("", ("package.json", "", "{}"), ("package-lock.json", "", "{}"))
    with pytest.raises(NotAssessed, match="is no Python project"):
        check(name, requirement, files=view)


def committed(folder):
    """Everything of the folder in a commit of a new repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "-A"], [*author, "commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env=kept)


def test_a_committed_lock(check, files):
    """Committed, then changed; beside uv.lock an export may be left out."""
    view = files("uv")
    with pytest.raises(NotAssessed, match="no Git repository"):
        check(COMMITTED, "lock.committed", files=view)
    committed(view.root)
    (view.root / "requirements.txt").write_text("# autogenerated by uv\ndjango==5.2.19\n")
    assert check(COMMITTED, "lock.committed", files=view) == "uv.lock is committed"

    with pytest.raises(Violation, match=r"uv\.lock was changed since the last commit"):
        check(COMMITTED, "lock.committed", files=files("", ("uv.lock", "5.2.19", "5.2.18")))


def test_every_compiled_file_has_to_be_committed(check, files):
    """Where they are the lock."""
    view = files("pip_files")
    committed(view.root)
    assert "requirements/dev.txt is committed" in check(COMMITTED, "lock.committed", files=view)

    (view.root / "requirements" / "docs.txt").write_text("# autogenerated by pip-compile\ndjango==5.2.19\n")
    with pytest.raises(Violation, match=r"requirements/docs\.txt is not tracked by Git"):
        check(COMMITTED, "lock.committed", files=view)


def test_a_fresh_lock_of_each_tool(check, files):
    """uv's by comparison, and by its own word; compiled requirements by what they meet."""
    assert check(FRESH, "lock.regenerated", files=files("uv")) == (
        "uv.lock belongs to what is declared (uv lock --check agrees)"
    )


def test_the_word_of_uv_decides_about_its_own_lock(check, files, monkeypatch):
    """Where it finds the lock fresh a difference is a note; where it finds it stale that is told."""
    from stackproof.project import locks

    changed = files("uv", ("pyproject.toml", "django>=5.2,<5.3", "django>=5.2,<5.4"))
    monkeypatch.setattr(locks, "ask_uv", lambda _: SimpleNamespace(fresh=True, text="uv lock --check agrees"))
    assert "agrees" in check(FRESH, "lock.regenerated", files=changed)

    monkeypatch.setattr(locks, "ask_uv", lambda _: SimpleNamespace(fresh=None, text="uv is not on this machine"))
    with pytest.raises(Violation, match="is stale"):
        check(FRESH, "lock.regenerated", files=changed)
    assert check(FRESH, "lock.regenerated", files=files("uv")) == "uv.lock belongs to what is declared"

    monkeypatch.setattr(locks, "ask_uv", lambda _: SimpleNamespace(fresh=False, text="it needs to be updated"))
    with pytest.raises(Violation, match=r"uv\.lock is stale: it needs to be updated"):
        check(FRESH, "lock.regenerated", files=files("uv"))


@pytest.mark.parametrize("case", ["pip_tools", "uv_pip", "pip_files"])
def test_fresh_requirements(check, files, case):
    """No word of uv on them."""
    assert "belongs to what is declared" in check(FRESH, "lock.regenerated", files=files(case))


@pytest.mark.parametrize("case", ["uv", "pip_tools", "poetry2"])
def test_a_stale_lock(check, files, case):
    """A requirement was changed after the lock was made."""
    with pytest.raises(Violation, match=r"is stale: pyproject\.toml:\d+ declares django>=5\.1,<5\.2"):
        check(FRESH, "lock.regenerated", files=files(case, ("pyproject.toml", "django>=5.2,<5.3", "django>=5.1,<5.2")))


def test_the_freshness_of_another_tools_lock(check, files):
    """That it meets what is declared is not all that its tool asks."""
    with pytest.raises(NotAssessed, match="only its own tool tells"):
        check(FRESH, "lock.regenerated", files=files("poetry2"))


@pytest.mark.parametrize("case", ["uv", "pip_tools", "uv_pip"])
def test_hashes(check, files, case):
    """Every package that is fetched has some."""
    assert "hashes" in check(HASHES, "lock.hashes", files=files(case))


def test_missing_hashes(check, files):
    """pip-compile without --generate-hashes; a package of uv's lock whose index told none."""
    with pytest.raises(Violation, match=r"3 of 3 packages have no hash: asgiref 3\.13\.0 \(requirements/base\.txt:7\)"):
        check(HASHES, "lock.hashes", files=files("pip_files"))
    text = (LOCKED / "uv" / "uv.lock").read_text()
    digest = text.partition('name = "redis"')[2].partition('hash = "')[2][:71]
    view = files("", ("uv.lock", "", text.replace(f', hash = "{digest}"', "")))
    assert "hashes" in check(HASHES, "lock.hashes", files=view)


def test_every_python(check, files):
    """uv resolves for all of them."""
    assert "3.12 and 3.13" in check(PYTHONS, "lock.every-python", files=files("uv"))


def test_a_file_for_one_python(check, files):
    """pip-tools resolves for its own Python; a project that is for that one alone asks for no other."""
    with pytest.raises(Violation, match=r"requirements\.txt was resolved for Python 3\.12 alone, and not for 3\.13"):
        check(PYTHONS, "lock.every-python", files=files("pip_tools"))

    one = files("", ("pyproject.toml", ">=3.12,<3.14", ">=3.12,<3.13"))
    assert "covers Python 3.12" in check(PYTHONS, "lock.every-python", files=one)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", "[metadata]\nname = x\n[options]\npython_requires = >=3.12,<3.14\n"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.12"\n'),
    ],
)
def test_the_pythons_that_other_files_declare(check, files, name, text):
    """A project says elsewhere than in `requires-python`, too, for which Pythons it is."""
    view = files("pip_files", (name, "", text))
    header = "# This file is autogenerated by pip-compile with Python 3.12\n"
    for one in view.lock_files():
        path = view.root / one.file
        path.write_text(header + path.read_text())
    with pytest.raises(Violation, match=r"base\.txt was resolved for Python 3\.12 alone, and not for 3\.13"):
        check(PYTHONS, "lock.every-python", files=view)


def test_a_lock_that_leaves_out_a_python(check, files):
    """By its own words, by its forks, or because a package has no file for it."""
    view = files("uv", ("uv.lock", '">=3.12, <3.14"', '">=3.12, <3.13"'))
    with pytest.raises(Violation, match=r"uv\.lock is for Python >=3\.12, <3\.13, which leaves out 3\.13"):
        check(PYTHONS, "lock.every-python", files=view)

    wheel = 'wheels = [{ url = "https://x/x-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "sha256:0" }]\n'
    entry = '[[package]]\nname = "django"\nversion = "5.2"\nsource = { registry = "https://pypi.org/simple" }\n'
    root = '[[package]]\nname = "x"\nsource = { virtual = "." }\ndependencies = [{ name = "django" }]\n'
    head = 'version = 1\nrequires-python = ">=3.12, <3.14"\n'
    for more, said in (
        (wheel, "has neither a wheel for Python 3.13 on Linux nor a source distribution"),
        (
            "resolution-markers = [\"python_full_version < '3.13'\"]\n",
            "is needed on Python 3.13, and locked",
        ),
    ):
        (view.root / "uv.lock").write_text(f"{head}{root}{entry}{more}")
        with pytest.raises(Violation, match=said):
            check(PYTHONS, "lock.every-python", files=view)
    good = wheel.replace("cp312-cp312", "cp310-abi3")
    (view.root / "uv.lock").write_text(f"{head}{root}{entry}{good}")
    assert "covers" in check(PYTHONS, "lock.every-python", files=view)


def test_two_locks(check, files):
    """An export that is older than the lock is told with both places; markers are minded."""
    view = files("uv")
    assert "the only lock" in check(AGREE, "lock.one-answer", files=view)
    shutil.copy(LOCKED / "pip_tools" / "requirements.txt", view.root)
    shutil.copy(LOCKED / "pylock" / "pylock.toml", view.root)
    assert "agree" in check(AGREE, "lock.one-answer", files=view)

    view = files("", ("requirements.txt", "redis==5.3.1", "redis==5.2.1"))
    with pytest.raises(Violation, match=r"redis 5\.3\.1 \(uv\.lock:\d+\), and redis 5\.2\.1 \(requirements\.txt:20\)"):
        check(AGREE, "lock.one-answer", files=view)


def test_a_lock_that_was_changed_by_hand(check, files):
    """Its version is none that the declaration admits."""
    assert check(DECLARED, "lock.regenerated", files=files("uv"))
    with pytest.raises(Violation, match=r"toml:5 declares django>=5\.2,<5\.3, and uv\.lock:\d+ locks 5\.3\.1"):
        check(DECLARED, "lock.regenerated", files=files("", ("uv.lock", '"5.2.19"', '"5.3.1"')))


PRODUCTION = [("django", "5.2.19"), ("asgiref", "3.13.0"), ("sqlparse", "0.6.1"), ("pyjwt", "2.15.1")]


def test_installed_as_locked(check, files):
    """Tools that nobody locked and a missing pytest are no matter in production."""
    project = interpreter(*PRODUCTION, ("redis", "5.3.1+local"), ("pip", "24.0"))

    assert check(INSTALLED, "lock.installed", files=files("uv"), project=project) == (
        "5 installed packages are as uv.lock has them"
    )


def test_installed_otherwise(check, files):
    """Another version, and one that is missing; on Windows redis is not asked for."""
    other = interpreter(("django", "5.2.4"), *PRODUCTION[1:], ("redis", "5.3.1"))
    with pytest.raises(Violation, match=r"django 5\.2\.4 is installed in /site, and uv\.lock:\d+ locks 5\.2\.19"):
        check(INSTALLED, "lock.installed", files=files("uv"), project=other)
    with pytest.raises(Violation, match=r"redis 5\.3\.1 \(uv\.lock:\d+\) is not installed"):
        check(INSTALLED, "lock.installed", files=files("uv"), project=interpreter(*PRODUCTION))

    windows = interpreter(*PRODUCTION, ("tzdata", "2026.6"), sys_platform="win32", os_name="nt")
    assert check(INSTALLED, "lock.installed", files=files("uv"), project=windows)


def test_an_environment_for_one_member_of_a_workspace(check, files):
    """What another member needs may be missing; what is there is as it is locked."""
    more = '[[package]]\nname = "core"\nsource = { editable = "core" }\ndependencies = [{ name = "redis" }]\n'
    view = files("uv")
    head, mark, rest = (view.root / "uv.lock").read_text().partition("[[package]]\n")
    manifest = '[manifest]\nmembers = ["orders", "core"]\n\n'
    (view.root / "uv.lock").write_text(f"{head}{manifest}{more}\n{mark}{rest}")

    assert check(INSTALLED, "lock.installed", files=view, project=interpreter(*PRODUCTION))
    with pytest.raises(Violation, match=r"django 5\.1 is installed"):
        check(INSTALLED, "lock.installed", files=view, project=interpreter(("django", "5.1")))


def test_an_interpreter_that_is_not_the_projects(check, files):
    """Nothing of the lock is there, or the lock is for other Pythons."""
    with pytest.raises(NotAssessed, match="wrong interpreter"):
        check(INSTALLED, "lock.installed", files=files("uv"), project=interpreter(("pip", "24.0")))
    with pytest.raises(NotAssessed, match=r"is for Python >=3\.12, <3\.14, and the interpreter is 3\.11\.2"):
        check(INSTALLED, "lock.installed", files=files("uv"), project=interpreter(*PRODUCTION, python="3.11.2"))


def test_installed_as_declared(check, files):
    """What production declares; without a lock too."""
    assert check(ADMITTED, "lock.installed", files=files("uv"), project=interpreter(*PRODUCTION))
    with pytest.raises(Violation, match=r"pyproject\.toml:5 declares django>=5\.2,<5\.3, and django 5\.1 is installed"):
        check(ADMITTED, "lock.installed", files=files("uv"), project=interpreter(("django", "5.1")))
    with pytest.raises(NotAssessed, match="nothing that is declared is installed"):
        check(ADMITTED, "lock.installed", files=files("uv"), project=interpreter(("pip", "24.0")))


def test_compiled_files_for_environments_of_their_own(check, files):
    """Documentation is built elsewhere and may differ; what the tests run on may not."""
    view = files("pip_files")
    text = (view.root / "requirements" / "dev.txt").read_text().replace("django==5.2.19", "django==5.2.4")
    (view.root / "requirements" / "docs.txt").write_text(text)
    assert check(AGREE, "lock.one-answer", files=view) == "requirements/base.txt, requirements/dev.txt agree"

    (view.root / "requirements" / "dev.txt").write_text(text)
    with pytest.raises(Violation, match=r"django 5\.2\.19 \(requirements/base\.txt:9\), and django 5\.2\.4"):
        check(AGREE, "lock.one-answer", files=view)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("requirements.txt", "django==5.2.19\nredis==5.3.1\n", "requirements.txt pins everything, and does not say"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n", "declares no requirements to lock"),
        ("requirements.txt", "-r missing.txt\n", "requirements.txt:1: names a file that cannot be read"),
    ],
)
def test_no_lock_and_no_verdict(check, files, name, text, said):
    """Pins that `pip freeze` may have written, nothing to lock, and what cannot be read."""
    with pytest.raises(NotAssessed, match=said):
        check(TOOL, "lock.tool", files=files("", (name, "", text)))
