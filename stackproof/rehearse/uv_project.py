"""A project with pyproject.toml and uv.lock: its pins today, and locked anew with other constraints."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stackproof.errors import UsageError
from stackproof.rehearse.declared import (
    constrained_pyproject,
    default_groups,
    edited_pyproject,
    lowest_pyproject,
    roots_of,
)
from stackproof.rehearse.locks import Asked, Editions, Pins, read_pins
from stackproof.rehearse.uv import Uv

FILES = ("pyproject.toml", "uv.lock")


@dataclass(frozen=True, slots=True)
class UvProject:
    """What of the project is installed.

    Attributes:
        groups: dependency groups; None for those that uv installs by default.
        exported: `requirements.txt` is the lock once more, and is written anew with it.
    """

    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] = ()
    exported: bool = False

    def today(self, project: Path, uv: Uv) -> Pins:
        """The pins of the lock as it is."""
        return self._exported(project, uv, _data(project))

    def editions(self, project: Path, asked: Asked, uv: Uv) -> Editions:
        """Lock a copy of the project anew, in place.

        Raises:
            NoSolution: it does not resolve.
        """
        data = _data(project)
        old = self.today(project, uv)
        path = project / "pyproject.toml"
        before = path.read_text(encoding="utf-8")
        bounds = {name: bound for name, bound in asked.bounds().items() if name in old.versions}
        text, declared = edited_pyproject(before, bounds)
        if asked.manner == "set":
            text = constrained_pyproject(text, {name: one for name, one in bounds.items() if name not in declared})
        if asked.manner == "lowest":
            text = lowest_pyproject(text)  # written down, or the lock would be stale for whoever asks uv
        path.write_text(text, encoding="utf-8")
        uv.run(["lock", "-q", "--python", uv.python, *_how(asked, bounds)], project)
        editions = Editions(
            old=old,
            new=old,
            roots=roots_of(data, self._groups(data), self.extras),
            files={},
            absent=tuple(sorted(set(asked.bounds()) - set(old.versions))) if asked.manner == "set" else (),
        )
        return self._read(project, uv, editions)

    def settle(self, project: Path, original: Path, bounds: Mapping[str, str], uv: Uv, editions: Editions) -> Editions:
        """The same edition under the constraints that were chosen for it, all others as the original has them."""
        text, _ = edited_pyproject((original / "pyproject.toml").read_text(encoding="utf-8"), bounds)
        (project / "pyproject.toml").write_text(text, encoding="utf-8")
        uv.run(["lock", "-q", "--python", uv.python], project)
        return self._read(project, uv, editions)

    def _read(self, project: Path, uv: Uv, editions: Editions) -> Editions:
        new = self._exported(project, uv, _data(project))
        names = [*FILES]
        if self.exported:
            words = ["export", "-q", "--frozen", "--all-groups", "--no-emit-project", "--format", "requirements-txt"]
            uv.run([*words, "-o", "requirements.txt"], project)
            names.append("requirements.txt")
        files = {name: (project / name).read_text(encoding="utf-8") for name in names}
        return replace(editions, new=new, files=files)

    def _groups(self, data: dict[str, Any]) -> tuple[str, ...]:
        return default_groups(data) if self.groups is None else self.groups

    def _exported(self, project: Path, uv: Uv, data: dict[str, Any]) -> Pins:
        """What the lock installs on this interpreter."""
        exported, target = (uv.folder / name for name in ("exported.txt", "exported.pins"))
        words = ["export", "-q", "--frozen", "--no-hashes", "--no-annotate", "--no-header", "--no-default-groups"]
        words += [word for one in self._groups(data) for word in ("--group", one)]
        words += [word for one in self.extras for word in ("--extra", one)]
        uv.run([*words, "-o", str(exported)], project)
        everything = exported.read_text(encoding="utf-8")
        listed = read_pins(everything)
        pinned = [line for line in everything.splitlines() if line.strip() not in listed.others]
        exported.write_text("\n".join([*pinned, ""]), encoding="utf-8")
        target.unlink(missing_ok=True)
        uv.compile(exported, target, "--no-deps", cwd=project)  # takes what is meant for other machines out
        return Pins(read_pins(target.read_text(encoding="utf-8")).versions, listed.others)


def _how(asked: Asked, bounds: Sequence[str] | dict[str, str]) -> list[str]:
    if asked.manner == "latest":
        return ["--upgrade"]
    if asked.manner == "lowest":
        return ["--upgrade", "--resolution", "lowest-direct"]
    return [word for name in bounds for word in ("--upgrade-package", name)]


def _data(project: Path) -> dict[str, Any]:
    """What pyproject.toml says, once both files were seen to be sound."""
    try:
        data, _ = (tomllib.loads((project / name).read_text(encoding="utf-8")) for name in FILES)
    except (OSError, ValueError, RecursionError) as error:
        told = f"{project.name}: {' and '.join(FILES)} cannot be read: {error}"
        raise UsageError(told, hint="give a project with a sound pyproject.toml and uv.lock") from None
    return data
