"""Environments of a rehearsal: one for each set of changes, made when it is first needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from stackproof.rehearse.locks import Editions, Pins, spoken_of
from stackproof.rehearse.uv import NoSolution, Uv

CONFIGURED = frozenset(
    "index index-url extra-index-url find-links no-index index-strategy prerelease override-dependencies"
    " no-build no-binary no-build-package no-binary-package no-build-isolation-package exclude-newer".split()
)


@dataclass(slots=True)
class Environments:
    """What is made below a folder of the scratch.

    Attributes:
        folder: of the environments, and of the questions to the resolver; uv finds its settings there.
        project: the copy that relative paths among the pins are taken from.
        today: gives the environment without any change, where there is one already.
    """

    folder: Path
    project: Path
    uv: Uv
    editions: Editions
    say: Callable[[str], None]
    today: Callable[[], Path] | None = None
    _mixed: dict[frozenset[str], Pins | NoSolution] = field(default_factory=dict)

    def conflict(self, packages: frozenset[str]) -> frozenset[str] | None:
        """None where only these packages can change, else those that the resolver speaks of."""
        found = self._pins(packages)
        return spoken_of(found, self.editions.changed) if isinstance(found, NoSolution) else None

    def python(self, packages: frozenset[str]) -> Path:
        """The interpreter of the environment in which only these packages have changed.

        Raises:
            NoSolution: they do not go together.
            InfrastructureError: it cannot be installed.
        """
        if self.today and not packages:
            return self.today()
        pins = self._pins(packages)
        if isinstance(pins, NoSolution):
            raise pins
        lines = pins.lines()
        name = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
        place = self.folder / name
        if not (place / ".complete").exists():
            self.say(f"building an environment of {len(lines)} packages")
            asked = self.folder / f"{name}.txt"
            asked.write_text("\n".join([*lines, ""]), encoding="utf-8")
            self.uv.install(asked, place, self.project)
            (place / ".complete").touch()
        return place / "bin" / "python"

    def _pins(self, packages: frozenset[str]) -> Pins | NoSolution:
        editions = self.editions
        if not packages:
            return editions.old
        if packages == frozenset(editions.changed):
            return editions.new
        if packages not in self._mixed:
            try:
                self._mixed[packages] = editions.mixed(packages, self.uv, self.folder)
            except NoSolution as refusal:
                self._mixed[packages] = refusal
        return self._mixed[packages]


def settings_for(project: Path, folder: Path) -> None:
    """Give uv in a folder what the project says about where packages come from, and nothing else of it."""
    import tomllib

    import tomlkit

    kept: dict[str, object] = {}
    for name, path in (("pyproject.toml", ("tool", "uv")), ("uv.toml", ())):
        try:
            data = tomllib.loads((project / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        for key in path:
            data = data.get(key, {})
        kept |= {key: _rooted(key, value, project) for key, value in data.items() if key in CONFIGURED}
    if kept:
        (folder / "uv.toml").write_text(tomlkit.dumps(kept), encoding="utf-8")


def _rooted(key: str, value: object, project: Path) -> object:
    """Relative folders of wheels, taken from the project's."""
    if key == "find-links" and isinstance(value, list):
        return [str(project / one) if "://" not in str(one) else one for one in value]
    if key == "index" and isinstance(value, list):
        return [
            one | {"url": str(project / one["url"])} if "://" not in str(one.get("url", "://")) else one
            for one in value
            if isinstance(one, dict)
        ]
    return value
