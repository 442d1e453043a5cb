"""Where a rehearsal happens: copies of the project in a scratch folder, and a service that comes up there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stackproof.check import View
from stackproof.errors import UsageError
from stackproof.harness import harness_root, put_tree_on_path
from stackproof.ingredients import Ingredients
from stackproof.rehearse.described import MISSING, address_of, relocated
from stackproof.rehearse.environments import Environments, settings_for
from stackproof.rehearse.interpreters import interpreter_of
from stackproof.rehearse.judging import Standing, reference_up
from stackproof.rehearse.locks import Editions
from stackproof.rehearse.pip_project import PINS, PipProject
from stackproof.rehearse.project import commit, copy_project
from stackproof.rehearse.served import Place, serving
from stackproof.rehearse.uv import Uv
from stackproof.rehearse.uv_project import UvProject
from stackproof.rehearse.wishes import PREFIX, Wish

if TYPE_CHECKING:
    from stackproof.descriptor.model import Descriptor
    from stackproof.descriptor.rehearse import Rehearse
    from stackproof.progress import Progress

REFERENCE_GROUPS = ("dev", "clock")


class Grounds:
    """The scratch of one rehearsal; it goes away with the context, and with the harness whatever ends that.

    Attributes:
        project: the one that is rehearsed, which nothing here writes to.
        today, tomorrow: copies of it, the second one for the new edition.
        locking: how its packages are locked.
    """

    def __init__(self, wish: Wish, progress: Progress) -> None:
        self._wish = wish
        self._progress = progress
        self._stack = ExitStack()
        self._environments: Environments | None = None
        self.project = (wish.project or harness_root() / "sample_app").resolve()
        self._descriptor = _descriptor(wish)
        self.locking = self._locking()

    def __enter__(self) -> Grounds:
        put_tree_on_path()
        from fixtures.reaper import Reaper
        from stackproof.reference import working_folder

        with ExitStack() as stack:
            self._folder = stack.enter_context(working_folder())
            self._reaper = stack.enter_context(Reaper())
            self._reaper.folder(self._folder)
            for name in ("uv", "mixed", "logs", "copies"):
                (self._folder / name).mkdir(mode=0o711)
            self.uv = Uv(self._folder / "uv", self._reaper, self._python())
            also = self._rehearse.files if self._rehearse else ()
            self._progress.say("copying the project")
            self.today, self.tomorrow = (
                copy_project(self.project, self._folder / "copies" / name / self.project.name, also)
                for name in ("today", "tomorrow")
            )
            commit(self.today)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def judged(self) -> bool:
        """Whether there is a service to judge."""
        return self._wish.project is None or self._descriptor is not None

    def take(self, editions: Editions) -> Environments:
        """Go on with these editions: the copy for tomorrow has their files, and environments can be made."""
        for name, text in editions.files.items():
            (self.tomorrow / name).write_text(text, encoding="utf-8")
        commit(self.tomorrow)
        mixed = self._folder / "mixed"
        settings_for(self.today, mixed)
        ready = self._reference_python if self._wish.project is None else None
        self._environments = Environments(mixed, self.tomorrow, self.uv, editions, self._progress.say, ready)
        return self._environments

    def _reference_python(self) -> Path:
        """The environment that every run of the reference service has."""
        from fixtures.environments import provision

        return provision(self.today, groups=REFERENCE_GROUPS, pins={}, progress=self._progress.say)

    def up(self, parts: frozenset[str], of: Ingredients, views: frozenset[View]) -> AbstractContextManager[Standing]:
        """A service with just these changes.

        Args:
            of: versions of the services where all of them change.
        """
        environments = self._environments
        assert environments is not None
        packages = frozenset(one for one in parts if not one.startswith(PREFIX))
        python = environments.python(packages)
        copy = self.tomorrow if parts else self.today
        if self._descriptor and self._rehearse:
            return self._described(self._descriptor, self._rehearse, copy, python)
        own = replace(_services_of(parts, of), project=copy, interpreter=python)
        return reference_up(self._wish.trial.services, own, views, self._progress)

    def try_services(self, of: Ingredients) -> None:
        """See whether the servers of these versions can be had.

        Raises:
            InfrastructureError: they cannot, and nothing else takes their place.
        """
        from stackproof.reference import reference_services

        with reference_services(self._wish.trial.services, self._folder / "services", self._progress.say, of=of):
            return

    @property
    def _rehearse(self) -> Rehearse | None:
        return self._descriptor.rehearse if self._descriptor else None

    def _python(self) -> str:
        """The interpreter that the team's service runs on, where its descriptor says so."""
        own = self._descriptor.project.python if self._descriptor and self._descriptor.project else None
        return str(own) if own else interpreter_of(self.project)

    def _locking(self) -> UvProject | PipProject:
        if self._wish.project is None:
            return UvProject(REFERENCE_GROUPS, exported=True)
        if (self.project / "uv.lock").is_file() and (self.project / "pyproject.toml").is_file():
            how = self._rehearse
            return UvProject(how.groups, how.extras) if how else UvProject()
        if (self.project / PINS).is_file():
            return PipProject()
        raise UsageError(
            f"{self.project}: has neither pyproject.toml and uv.lock nor {PINS}",
            hint="give the folder of a project whose packages are locked: run `uv lock` in it",
        )

    @contextmanager
    def _described(self, descriptor: Descriptor, how: Rehearse, copy: Path, python: Path) -> Iterator[Standing]:
        secure = urlsplit(descriptor.target.base_url).scheme == "https"
        place = Place(python, copy, address_of(descriptor), secure, self._folder / "logs")
        written = self._folder / f"{copy.parent.name}.toml"
        with serving(how, place, self._reaper, self._progress.say):
            written.write_text(relocated(descriptor, self.project, copy, python), encoding="utf-8")
            yield Standing(written)


def _descriptor(wish: Wish) -> Descriptor | None:
    """The team's, if there is one and it says how the service is started.

    Raises:
        UsageError: it does not, or it describes a service elsewhere.
    """
    from stackproof.descriptor.reading import read_descriptor

    if wish.target is None:
        return None
    descriptor = read_descriptor(wish.target)
    if descriptor.rehearse is None:
        raise UsageError(
            f"{wish.target}: does not say how the service is started in another environment",
            hint=f"add a table such as\n{MISSING}",
        )
    address_of(descriptor)
    return descriptor


def _services_of(parts: frozenset[str], of: Ingredients) -> Ingredients:
    """The versions of those servers that are among the changes."""
    names = {one.removeprefix(PREFIX).lower() for one in parts if one.startswith(PREFIX)}
    redis = bool(names & {"redis", "valkey"})
    return Ingredients(
        postgres=of.postgres if "postgresql" in names else "",
        redis=of.redis if redis else "",
        redis_version=of.redis_version if redis else "",
    )
