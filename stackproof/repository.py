"""A copy of the reference project with the changes of a fault, as a Git repository of its own."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from stackproof.errors import InfrastructureError
from stackproof.faults import Fault, FileChange
from stackproof.target import git

LEFT_OUT = shutil.ignore_patterns(".venv", "__pycache__", ".git", "*.pyc")
AUTHOR = ("-c", "user.name=stackproof", "-c", "user.email=stackproof@example.com", "-c", "commit.gpgsign=false")


def changed_copy(app: Path, folder: Path, fault: Fault, secret_key: str = "") -> Path:
    """Copy, change and commit; what the fault does not want committed is changed afterwards.

    Raises:
        InfrastructureError: git is missing, or a text that should be replaced is not there.
    """
    copy = folder / "repository"
    shutil.copytree(app, copy, ignore=LEFT_OUT)
    words = {"{secret_key}": secret_key, "{random}": secrets.token_urlsafe(48)}
    _change(copy, {name: one for name, one in fault.files.items() if one.committed}, words)
    late = {name: one for name, one in fault.files.items() if not one.committed}
    left = [f":(exclude){name}" for name, one in late.items() if one.text is not None and not (copy / name).exists()]
    _git(copy, "init", "-q")
    _git(copy, "add", "--all", "--force", "--", ".", *left)
    _git(copy, *AUTHOR, "commit", "-q", "-m", "All there is", "--no-verify")
    _change(copy, late, words)
    return copy


def _filled(text: str, words: Mapping[str, str]) -> str:
    for mark, value in words.items():
        text = text.replace(mark, value)
    return text


def _change(copy: Path, changes: Mapping[str, FileChange], words: Mapping[str, str]) -> None:
    for name, change in changes.items():
        path = copy / name
        if change.delete:
            path.unlink()
            continue
        text = _filled(change.text, words) if change.text is not None else path.read_text(encoding="utf-8")
        for old, new in change.replace.items():
            if old not in text:
                raise InfrastructureError(f"{name} of the reference project has no {old!r}", hint="mend the fault")
            text = text.replace(old, new)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + change.append, encoding="utf-8")


def _git(copy: Path, *words: str) -> None:
    try:
        git.run(copy, *words, within=60).check_returncode()
    except (OSError, subprocess.SubprocessError) as error:
        raise InfrastructureError(f"no Git repository can be made: {error}", hint="install git") from error
