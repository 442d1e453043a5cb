"""A copy has what Git shows, patches apply, and the descriptor follows the copy."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof.descriptor.reading import read_descriptor
from stackproof.errors import UsageError
from stackproof.rehearse.described import address_of, relocated
from stackproof.rehearse.patches import name_of, patch
from stackproof.rehearse.project import commit, copy_project


def git(folder, *words):
    subprocess.run(
        ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True
    )


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    for name in (
        "app/main.py",
        ".env",
        ".gitignore",
        "node_modules/x.js",
        "venv/pyvenv.cfg",
        "venv/bin/python",
        "a b/ü.txt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(".env\nnode_modules\nvenv\n" if name == ".gitignore" else name)
    (folder / "link").symlink_to("app/main.py")
    return folder


def names(folder):
    return sorted(
        str(one.relative_to(folder)) for one in folder.rglob("*") if not one.is_dir() and ".git/" not in str(one)
    )


def test_in_a_repository_what_git_ignores_is_left_out(project, tmp_path):
    """Untracked files are there, ignored ones are not, named ones are."""
    git(project, "init", "-q")
    git(project, "add", "app")
    copy = copy_project(project, tmp_path / "copy", ["venv/bin"])

    assert names(copy) == [".gitignore", "a b/ü.txt", "app/main.py", "link", "venv/bin/python"]
    assert (copy / "link").readlink() == Path("app/main.py")


def test_without_a_repository_environments_are_left_out(project, tmp_path):
    """Everything else is copied."""
    copy = copy_project(project, tmp_path / "copy")
    assert names(copy) == [".env", ".gitignore", "a b/ü.txt", "app/main.py", "link"]


@pytest.mark.parametrize("name", ["../other", "missing", "/etc/passwd"])
def test_only_what_is_in_the_project_is_copied(name, project, tmp_path):
    """A file that is named and is elsewhere, or nowhere, is refused."""
    with pytest.raises(UsageError, match="is not in the project"):
        copy_project(project, tmp_path / "copy", [name])


def test_a_copy_is_committed(project, tmp_path):
    """Nothing of the user's Git is needed for it, and nothing is left to commit."""
    copy = copy_project(project, tmp_path / "copy")
    commit(copy)
    (copy / "app" / "main.py").write_text("other")
    commit(copy)
    shown = subprocess.run(["git", "-C", copy, "status", "--short"], check=True, capture_output=True, text=True)
    assert shown.stdout == ""


@given(
    before=st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "ü\n", "\n", "d"]), max_size=12).map("".join),
    after=st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "ü\n", "\n", "d"]), max_size=12).map("".join),
)
@settings(max_examples=60, deadline=None)
def test_git_applies_every_patch(before, after, tmp_path_factory):
    """Whatever the line ends, and with or without a last one."""
    text = patch("f.txt", before, after)
    assert bool(text) == (before != after)
    if not text or not before or not after:  # a file that comes or goes is not what is patched here
        return
    folder = tmp_path_factory.mktemp("patched")
    (folder / "f.txt").write_bytes(before.encode())
    subprocess.run(["git", "apply", "-"], input=text.encode(), cwd=folder, check=True)
    assert (folder / "f.txt").read_bytes().decode() == after
    shutil.rmtree(folder)


def test_a_patch_is_named_from_the_root_of_its_repository(tmp_path):
    """So that `git apply` takes it there; without a repository by the file's name."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "stack.md").write_text("x")
    assert name_of(tmp_path / "docs" / "stack.md") == "stack.md"
    git(tmp_path, "init", "-q")
    assert name_of(tmp_path / "docs" / "stack.md") == "docs/stack.md"


def test_the_descriptor_follows_the_copy(tmp_path):
    """What is in the copy is taken from there, what Git ignores from the project; logs are always the copy's."""
    project, copy = tmp_path / "project", tmp_path / "copy"
    for folder in (project, copy):
        folder.mkdir()
        (folder / "ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    (project / "service.env").write_text("A=1")
    (project / "service.log").write_text("old")
    (project / "stackproof.toml").write_text(
        '[target]\nbase_url = "http://localhost:8000"\nca = "ca.pem"\n\n[project]\npath = "."\n'
        'env_file = "service.env"\n\n'
        '[logs]\nfiles = ["service.log"]\n\n[cors]\nallowed_origins = ["https://a.example"]\n\n[[waivers]]\n'
        'requirement = "jwt.rotation"\nowner = "me"\nreason = "soon"\nexpires = 2030-01-01\n\n'
        '[rehearse]\nstart = ["{python}", "serve.py"]\n'
    )
    descriptor = read_descriptor(project / "stackproof.toml")
    written = tmp_path / "elsewhere.toml"
    written.write_text(relocated(descriptor, project, copy, tmp_path / "env" / "bin" / "python"))
    (copy / "service.log").write_text("new")
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "bin" / "python").touch(mode=0o755)
    moved = read_descriptor(written)

    assert moved.target.ca == copy / "ca.pem"
    assert moved.project.path == copy
    assert moved.project.python == tmp_path / "env" / "bin" / "python"
    assert moved.project.env_file == project / "service.env"
    assert moved.logs.files == (copy / "service.log",)
    assert moved.waivers == descriptor.waivers
    assert moved.cors == descriptor.cors
    assert moved.rehearse is None
    assert address_of(descriptor) == ("127.0.0.1", 8000)
