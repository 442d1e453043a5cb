"""Whether a file stands in the last commit as it stands in the folder, told without running a filter or a hook."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path

from stackproof.check import not_assessed
from stackproof.target import git

TELLS = "what is committed"


class State(StrEnum):
    """How a file stands to the last commit."""

    COMMITTED = "is committed"
    CHANGED = "was changed since the last commit"
    STAGED = "was added, and not committed"
    UNTRACKED = "is not tracked by Git"
    IGNORED = "is ignored by Git"


def state_of(root: Path, file: str) -> State:
    """How the file stands to the last commit.

    Raises:
        NotAssessed: there is no repository, or Git knows no file of the folder.
    """
    listed = _git(root, "ls-files", "-z", "--cached", "--", ".")
    if not listed:
        head = git.asked(root, "rev-parse", "--verify", "-q", "HEAD", tells=TELLS)[0] == 0
        not_assessed(f"Git tracks no file of {root.name}{'' if head else ', and nothing was committed yet'}")
    tracked = _git(root, "ls-files", "-z", "--cached", "--", f":(literal){file}")
    if not tracked:
        status, _, _ = git.asked(root, "check-ignore", "-q", "--", file, tells=TELLS)
        return State.IGNORED if status == 0 else State.UNTRACKED
    status, out, _ = git.asked(root, "ls-tree", "-z", "HEAD", "--", f"./{file}", tells=TELLS)
    words = out.split(b"\t")[0].split()
    if status or len(words) != 3:
        return State.STAGED
    if words[2].decode() in _blobs(root / file, len(words[2])):
        return State.COMMITTED
    attributes = _git(root, "check-attr", "-z", "filter", "ident", "working-tree-encoding", "--", file).split(b"\0")
    if any(value not in {b"unspecified", b"unset"} for value in attributes[2::3]):
        not_assessed(f"{file}: passes a filter of the repository, which is not run here: ask `git status`")
    return State.CHANGED


def _blobs(path: Path, digits: int) -> set[str]:
    """Names that Git gives the content, as it is and with the line ends that a commit may have in its place."""
    try:
        content = path.read_bytes()
    except OSError as error:
        not_assessed(f"{path.name}: cannot be read: {error.strerror}")
    kind = "sha1" if digits == 40 else "sha256"
    unix = content.replace(b"\r\n", b"\n")
    found = set()
    for one in (content, unix, unix.replace(b"\n", b"\r\n")):
        digest = hashlib.new(kind, usedforsecurity=False)
        digest.update(b"blob %d\0" % len(one) + one)
        found.add(digest.hexdigest())
    return found


def _git(root: Path, *words: str) -> bytes:
    return git.told(root, *words, tells=TELLS, trouble=f"{root.name} is no Git repository that can be read")
