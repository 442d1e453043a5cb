"""A project with requirements.txt, and maybe requirements.in, as pip-tools and `uv pip compile` keep them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import UsageError
from stackproof.rehearse.declared import edited_requirements, loosened
from stackproof.rehearse.locks import Asked, Editions, Pins, read_pins
from stackproof.rehearse.uv import Uv

PINS = "requirements.txt"
SOURCE = "requirements.in"


@dataclass(frozen=True, slots=True)
class PipProject:
    """A project whose pins stand in one file."""

    def today(self, project: Path, uv: Uv) -> Pins:
        """The pins as they are, for this interpreter.

        Raises:
            UsageError: the file pins nothing, or does not go together.
        """
        target = uv.folder / "today.txt"
        target.unlink(missing_ok=True)
        uv.compile(project / PINS, target, "--no-strip-extras", cwd=project)
        pins = read_pins(target.read_text(encoding="utf-8"))
        if not pins.versions:
            raise UsageError(
                f"{PINS}: pins no package", hint="give a project whose requirements.txt pins what it needs"
            )
        return pins

    def editions(self, project: Path, asked: Asked, uv: Uv) -> Editions:
        """Pin the packages of a copy of the project anew, in place.

        Raises:
            NoSolution: it does not resolve.
        """
        old = self.today(project, uv)
        bounds = {name: bound for name, bound in asked.bounds().items() if name in old.versions}
        self._source(project, bounds)
        self._compile(project, uv, bounds, _how(asked, bounds))
        absent = tuple(sorted(set(asked.bounds()) - set(old.versions))) if asked.manner == "set" else ()
        roots = tuple(f"{name}{old.extras.get(name, '')}" for name in sorted(old.versions))
        return self._read(project, uv, Editions(old, old, roots, {}, absent))

    def settle(self, project: Path, original: Path, bounds: Mapping[str, str], uv: Uv, editions: Editions) -> Editions:
        """The same edition under the constraints that were chosen for it, all others as the original has them."""
        if (original / SOURCE).is_file():
            shutil.copyfile(original / SOURCE, project / SOURCE)
        self._source(project, bounds)
        self._compile(project, uv, bounds, [])
        return self._read(project, uv, editions)

    def _source(self, project: Path, bounds: Mapping[str, str]) -> None:
        path = project / SOURCE
        if path.is_file():
            path.write_text(edited_requirements(path.read_text(encoding="utf-8"), bounds), encoding="utf-8")

    def _compile(self, project: Path, uv: Uv, bounds: Mapping[str, str], how: list[str]) -> None:
        pinned = (project / PINS).read_text(encoding="utf-8")
        source, constraints = project / SOURCE, uv.folder / "bounds.txt"
        if not source.is_file():
            source = project / f".{PINS}.loosened"
            source.write_text(edited_requirements(loosened(pinned), bounds), encoding="utf-8")
        bounded = [f"{name}{bound}" for name, bound in sorted(bounds.items()) if bound not in {"*", "any"}]
        constraints.write_text("\n".join([*bounded, ""]), encoding="utf-8")
        options = ["--no-strip-extras", "-c", str(constraints), *how]
        options += ["--generate-hashes"] if "--hash=" in pinned else []
        try:
            uv.compile(source, project / PINS, *options, cwd=project)
        finally:
            (project / f".{PINS}.loosened").unlink(missing_ok=True)

    def _read(self, project: Path, uv: Uv, editions: Editions) -> Editions:
        target = uv.folder / "new.txt"
        target.unlink(missing_ok=True)
        uv.compile(project / PINS, target, "--no-strip-extras", "--no-deps", cwd=project)
        new = read_pins(target.read_text(encoding="utf-8"))
        files = {
            name: (project / name).read_text(encoding="utf-8") for name in (SOURCE, PINS) if (project / name).is_file()
        }
        kept = set(new.versions) & set(editions.old.versions)
        roots = tuple(one for one in editions.roots if one.partition("[")[0] in kept)
        return Editions(editions.old, new, roots, files, editions.absent)


def _how(asked: Asked, bounds: Mapping[str, str]) -> list[str]:
    if asked.manner == "latest":
        return ["--upgrade"]
    if asked.manner == "lowest":
        return ["--upgrade", "--resolution", "lowest-direct"]
    return [word for name in bounds for word in ("--upgrade-package", name)]
