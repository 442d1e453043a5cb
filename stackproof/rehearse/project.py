"""A copy of a project, so that nothing of the project itself is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from stackproof.errors import InfrastructureError, UsageError
from stackproof.target import git

LARGEST = 1024**3  # bytes of a project
MOST = 100_000  # files
_LEFT_OUT = frozenset(
    ".git .hg .svn __pycache__ node_modules .venv .tox .nox .mypy_cache .ruff_cache .pytest_cache".split()
) | {"stackproof-runs", "stackproof-rehearsals"}
_WHO = ["-c", "user.name=stackproof", "-c", "user.email=stackproof@localhost", "-c", "commit.gpgsign=false"]


def copy_project(project: Path, target: Path, also: Collection[str] = ()) -> Path:
    """Copy what Git would show of a project, else everything but environments and caches.

    Args:
        also: files and folders that Git ignores and that are copied nevertheless.

    Raises:
        UsageError: it is too large, or a file that is named is not in it.
    """
    tracked = _tracked(project)
    names = list(dict.fromkeys([*(_walked(project) if tracked is None else tracked), *_named(project, also)]))
    if len(names) > MOST:
        raise UsageError(f"{project}: has more than {MOST} files", hint="ignore with .gitignore what is no part of it")
    size = 0
    for name in names:
        source, copy = project / name, target / name
        try:
            size += source.lstat().st_size
            if size > LARGEST:
                raise UsageError(
                    f"{project}: is larger than {LARGEST // 1024**2} MiB",
                    hint="ignore with .gitignore what is no part of it",
                )
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_symlink() or source.is_file():
                shutil.copy2(source, copy, follow_symlinks=False)
        except FileNotFoundError:
            continue  # deleted, and Git has not heard of it
        except OSError as error:
            raise UsageError(
                f"{source}: cannot be copied: {error.strerror}", hint="give this user the right to read the project"
            ) from error
    return target


def commit(copy: Path) -> None:
    """Make a repository of a copy, where git is there: what is declared and locked is committed, as a team has it."""
    if shutil.which("git") is None:
        return
    for words in (
        ["init", "-q"],
        ["add", "--all", "--force"],
        [*_WHO, "commit", "-q", "--no-verify", "-m", "Rehearse"],
    ):
        done = _git(copy, words)
        if done.returncode:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-300:]
            raise InfrastructureError(f"git {words[-1]} in a copy of the project: {said}", hint="is Git in order?")


def _tracked(project: Path) -> list[str] | None:
    """Names that Git knows or would; None where the project is in no repository, or Git is not there."""
    if shutil.which("git") is None:
        return None
    done = _git(project, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
    if done.returncode:
        return None
    names = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return [one for one in names if one and not _LEFT_OUT & set(PurePosixPath(one).parts)] or None


def _git(folder: Path, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return git.run(folder, *words, within=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InfrastructureError(f"git {words[0]}: {error}", hint="is Git in order on this machine?") from error


def _walked(project: Path) -> Iterator[str]:
    for number, path in enumerate(_files(project)):
        if number > MOST:
            return
        yield str(path.relative_to(project))


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        at = Path(here)
        links = [one for one in folders if (at / one).is_symlink()]
        folders[:] = sorted(
            one for one in folders
            if one not in _LEFT_OUT and one not in links and not (at / one / "pyvenv.cfg").exists()
        )  # fmt: skip
        yield from (at / one for one in sorted([*files, *links]))


def _named(project: Path, also: Iterable[str]) -> Iterator[str]:
    for name in also:
        path = project / name
        if not path.resolve().is_relative_to(project.resolve()) or not path.exists():
            raise UsageError(
                f"[rehearse] files: {name} is not in the project", hint="write paths from the project's folder on"
            )
        yield from (str(one.relative_to(project)) for one in _files(path)) if path.is_dir() else (name,)
