"""The project's files as checks see them."""

from __future__ import annotations

import errno
import os
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder

if TYPE_CHECKING:
    from stackproof.project.bases import Images
    from stackproof.project.declarations import Declarations
    from stackproof.project.hooks import Hook
    from stackproof.project.locks.reading import LockFile
    from stackproof.project.model import Lock, Place
    from stackproof.project.starts import Starts
    from stackproof.project.tools import Mypy
    from stackproof.project.uses import Uses

SIZE_CAP = 32 * 1024 * 1024  # bytes of one file; locks of a thousand packages have about 2 MiB


class ProjectFiles:
    """Reads files below `project.path`; nothing of the project is run.

    Raises:
        NotAssessed: from every method, where something cannot be read; the reason names file, line and cure.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder) -> None:
        if descriptor.project is None:
            not_assessed("stackproof.toml has no [project] table")
        self.root: Path = descriptor.project.path
        self._project = descriptor.project
        self._recorder = recorder

    @property
    def unused(self) -> tuple[str, ...]:
        """Requirement ids of components that the descriptor says are not used."""
        return self._project.unused

    def lock_files(self) -> tuple[LockFile, ...]:
        """Every lock that is there, whether or not it can be read."""
        from stackproof.project.locks.reading import lock_files

        found = lock_files(self.root)
        self._recorder.add("file", f"locks: {', '.join(one.file for one in found) or 'none'}", folder=str(self.root))
        return found

    def locks(self) -> tuple[Lock, ...]:
        """Every lock of the project, read."""
        from stackproof.project.locks.reading import read_lock

        return tuple(read_lock(self.root, one) for one in self.lock_files())

    def stale(self, one: LockFile, minors: Sequence[str]) -> tuple[str, ...]:
        """How a lock differs from what is declared now; empty where it belongs to it.

        Args:
            minors: the lines of Python that count.
        """
        from stackproof.project.locks import read_lock, stale, stale_compiled, unmet

        uses = self._uses()
        if one.tool == "uv":
            found = stale(self.root, one.file)
        elif one.tool in {"pip-tools", "unnamed"}:
            found = stale_compiled(self.root, one.file, uses, minors)
        else:
            found = unmet(self.root, read_lock(self.root, one), uses, minors)
            if not found:
                not_assessed(f"{one.file} meets what is declared; whether it is fresh, only its own tool tells")
        return found

    def declared(self) -> Declarations:
        """All that the project declares: pyproject.toml, setup.cfg, Pipfile, requirements files."""
        from stackproof.project.declared import read_declared

        found = read_declared(self.root, self._uses())
        self._recorder.add(
            "file",
            f"{len(found)} requirements are declared in {', '.join(found.files) or 'no file that is read'}",
            folder=str(self.root),
            unread=list(found.unread),
            locks=list(found.locks),
        )
        return found

    def _uses(self) -> Uses:
        from stackproof.project.uses import Uses

        return Uses(self._project.production, self._project.development)

    def images(self) -> Images:
        """The images that Dockerfiles and compose files stand on."""
        from stackproof.project.bases import read_images

        images = read_images(self.root)
        for one in images.bases:
            what = "for development" if one.development else "for production"
            self._recorder.add("file", f"{one}"[:300], written=one.written, use=what, trouble=one.trouble)
        return images

    def starts(self) -> Starts:
        """How Dockerfiles, compose files, a Procfile and units of systemd start the service."""
        from stackproof.project.starts import read_starts

        starts = read_starts(self.root)
        for one in starts.found:
            told = [two.program or two.trouble for two in one.programs]
            self._recorder.add("file", f"{one.what} ({one.place})", starts=told, development=one.development)
        return starts

    def hooks(self) -> list[Hook] | None:
        """The hooks of pre-commit; None where the project has no file of them."""
        from stackproof.project.hooks import read_hooks

        hooks = read_hooks(self.root)
        for one in hooks or ():
            ran = "the project's own environment" if one.local else f"{one.repository} {one.revision}"
            self._recorder.add("file", f"{one} runs {one.tool or 'what cannot be told'}", of=ran)
        return hooks

    def mypy(self) -> Mypy | None:
        """mypy's settings, from the file that mypy takes; None where there are none."""
        from stackproof.project.tools import read_mypy

        settings = read_mypy(self.root)
        if settings is not None:
            self._recorder.add("file", f"mypy's settings ({settings.place})", plugins=list(settings.plugins))
        return settings

    def leftovers(self, tool: str) -> list[tuple[str, Place]]:
        """(what, where) of what the project still has of a tool."""
        from stackproof.project.tools import leftovers

        try:
            declared = self.declared().requirements
        except NotAssessed:  # no file declares anything
            declared = ()
        found = leftovers(self.root, tool, declared)
        self._recorder.add("file", f"{len(found)} places in the project's settings name {tool}")
        return found


def is_there(root: Path, name: str) -> bool:
    """Whether the project has a file of that name; a folder is none.

    Raises:
        NotAssessed: something is there that is neither: what it would say is not known.
    """
    path = root / name
    if path.is_file():
        return True
    if path.is_dir() or not os.path.lexists(path):
        return False
    what = "is no regular file, and is not read"
    try:
        path.stat()
    except OSError as error:
        leads = "back to itself" if error.errno == errno.ELOOP else "nowhere"
        what = f"is a link that leads {leads}; mend or remove it"
    raise NotAssessed(f"{name}: {what}")


def text_of(root: Path, name: str) -> str:
    """The text of a file of the project: UTF-8, or UTF-16 with its byte order mark, as PowerShell writes.

    Raises:
        NotAssessed: it is not there, lies outside the folder, is too big, or is no such text.
    """
    path = root / name
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            not_assessed(f"{name}: leads out of the project's folder, and is not read")
        if not is_there(root, name):
            not_assessed(f"{name}: there is no such file in the project")
        if path.stat().st_size > SIZE_CAP:
            not_assessed(f"{name}: has more than {SIZE_CAP // 1024**2} MiB, and is not read")
        read = path.read_bytes()
        return read.decode("utf-16" if read.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        raise NotAssessed(f"{name}: is no UTF-8 text; save it as UTF-8") from None
    except RuntimeError:
        raise NotAssessed(f"{name}: is a link that leads back to itself; mend or remove it") from None
    except ValueError:  # a zero byte
        raise NotAssessed(f"{name!r}: is no name of a file") from None
    except OSError as error:
        raise NotAssessed(f"{name}: cannot be read: {error.strerror}") from None
