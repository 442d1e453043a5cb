"""Until when a project supports a release line: dated facts of `spec/support.toml`, each with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stackproof.errors import InfrastructureError
from stackproof.harness import harness_root


@dataclass(frozen=True, slots=True)
class Support:
    """What is known of the support of one component.

    Attributes:
        ends: the last day of each release line.
        source: where that stands; `as_of` is the day on which it was read.
        lts: the lines with long-term support, where the project tells such lines from others.
    """

    component: str
    ends: dict[str, date]
    source: str
    as_of: date
    lts: tuple[str, ...] = ()

    def line_of(self, version: str) -> str | None:
        """The longest known line that a version belongs to ("16" of "16.15"), or None."""
        fitting = [one for one in self.ends if version == one or version.startswith(f"{one}.")]
        return max(fitting, key=len, default=None)


def support_of(component: str, file: Path | None = None) -> Support:
    """The facts on a component.

    Raises:
        InfrastructureError: the file does not fit, or says nothing of the component.
    """
    path = file or harness_root() / "spec" / "support.toml"
    try:
        for one in tomllib.loads(path.read_text(encoding="utf-8"))["supported"]:
            if one["component"] == component:
                lts = tuple(one.get("lts", ()))
                return Support(component, dict(one["ends"]), one["source"], one["as_of"], lts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InfrastructureError(f"{path}: cannot be read: {error}", hint="reinstall stackproof") from error
    raise InfrastructureError(f"{path}: says nothing of {component}", hint="reinstall stackproof")
