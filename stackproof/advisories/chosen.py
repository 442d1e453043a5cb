"""Which releases a project has chosen: by its locks, or by what an interpreter has installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackproof.advisories.model import Release
from stackproof.advisories.saying import against, left_out, told
from stackproof.check import not_assessed
from stackproof.project.locks.reading import without_a_lock
from stackproof.project.model import Lock, Use

if TYPE_CHECKING:
    from stackproof.project.view import ProjectFiles
    from stackproof.target.project import Distribution


__all__ = ["Chosen", "against", "installed_releases", "left_out", "locked_releases", "of_locks", "told"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Releases, each once.

    Attributes:
        service: what a deployment has, or may ask for.
        tools: what development alone needs.
        elsewhere: packages that do not come from an index (a path, a repository), of which no index can tell.
    """

    service: tuple[Release, ...]
    tools: tuple[Release, ...]
    elsewhere: tuple[str, ...]

    @property
    def all(self) -> tuple[Release, ...]:
        """Both, those of the service first."""
        return self.service + self.tools


def locked_releases(files: ProjectFiles) -> Chosen:
    """What the project's locks name.

    Raises:
        NotAssessed: there is no lock, or it names no release.
    """
    locks = files.locks()
    if not locks:
        without = "the project has no lock: without one nobody can tell which releases it takes"
        not_assessed(without_a_lock(files.root) or without)
    chosen = of_locks(locks)
    if not chosen.all:
        not_assessed(f"{locks[0].file} names no release of an index")
    return chosen


def of_locks(locks: Iterable[Lock]) -> Chosen:
    """Every release that one of the locks names.

    What it is for is told by a lock that knows what the project asks for; one that only lists packages does not know
    its tools from the service, so that it is not believed where the other speaks.
    """
    uses: dict[tuple[str, str], tuple[Release, Use]] = {}
    elsewhere: dict[str, None] = {}
    for lock in sorted(locks, key=lambda one: not one.asked):
        mine: dict[tuple[str, str], tuple[Release, Use]] = {}
        for one in lock.packages:
            if one.source == "path":
                continue
            if one.source == "vcs" or not one.version:
                elsewhere.setdefault(one.name)
                continue
            key = (one.name, one.version)
            if key not in mine or one.use is not Use.DEVELOPMENT:
                mine[key] = (Release(one.name, one.version, str(one.place)), one.use)
        uses = {**mine, **uses}
    tools = sorted(release for release, use in uses.values() if use is Use.DEVELOPMENT)
    service = sorted(release for release, use in uses.values() if use is not Use.DEVELOPMENT)
    return Chosen(tuple(service), tuple(tools), tuple(sorted(elsewhere)))


def installed_releases(found: Mapping[str, Distribution], where: str) -> Chosen:
    """What an interpreter has installed; what it is there for cannot be told, so that all of it is the service's.

    Raises:
        NotAssessed: nothing is installed there.
    """
    if not found:
        not_assessed(f"{where} has nothing installed")
    return Chosen(tuple(sorted(Release(one.name, one.version, where) for one in found.values())), (), ())
