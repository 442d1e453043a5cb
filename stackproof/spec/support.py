"""Until when a project supports a release line: dated facts of `spec/support.toml`, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from stackproof.errors import InfrastructureError
from stackproof.harness import harness_root

SOON = timedelta(days=90)  # before an end it is said beside the verdict
AGEING = timedelta(days=365)  # after which facts are said to be old


@dataclass(frozen=True, slots=True)
class Support:
    """What is known of the support of one component.

    Attributes:
        ends: the last day of each release line.
        source: where that stands; `as_of` is the day that the figures are of.
        lts: the lines with long-term support, where the project tells such lines from others.
        begins: the first day of some lines.
        names: lines by their other names ("bookworm").
    """

    component: str
    ends: Mapping[str, date]
    source: str
    as_of: date
    lts: tuple[str, ...] = ()
    begins: Mapping[str, date] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def line_of(self, version: str) -> str | None:
        """The longest known line that a version belongs to ("16" of "16.15"), or None."""
        fitting = [one for one in self.ends if version == one or version.startswith(f"{one}.")]
        return max(fitting, key=len, default=None)

    def ended(self, day: date) -> tuple[str, ...]:
        """The lines whose last day is past on that day, in the order of the file."""
        return tuple(line for line, last in self.ends.items() if last < day)

    def next_lts(self, line: str, day: date) -> str | None:
        """The newest line with long-term support that came out after this one and by that day."""
        mine = self.begins.get(line)
        later = {self.begins[one]: one for one in self.lts if one in self.begins and self.begins[one] <= day}
        newest = max(later, default=None)
        return later[newest] if newest is not None and mine is not None and newest > mine else None

    def age_on(self, day: date) -> str:
        """A sentence where that day is more than a year past the figures', "" otherwise."""
        if day <= self.as_of + AGEING:
            return ""
        return (
            f"the facts on {self.component} are of {self.as_of}, more than a year before {day}: look them up at "
            f"{self.source}"
        )


def support_of(component: str, file: Path | None = None) -> Support:
    """The facts on a component.

    Raises:
        InfrastructureError: the file does not fit, or says nothing of the component.
    """
    path = file or harness_root() / "spec" / "support.toml"
    known = _read(path)
    if component not in known:
        raise InfrastructureError(f"{path}: says nothing of {component}", hint="reinstall stackproof")
    return known[component]


def support_facts() -> tuple[Support, ...]:
    """Every component's facts, in the order of the file.

    Raises:
        InfrastructureError: the file does not fit.
    """
    return tuple(_read(harness_root() / "spec" / "support.toml").values())


@cache
def _read(path: Path) -> dict[str, Support]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["supported"]
        return {one["component"]: _support(one) for one in entries}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InfrastructureError(f"{path}: cannot be read: {error}", hint="reinstall stackproof") from error


def _support(one: Mapping[str, Any]) -> Support:
    days = {"as_of": one["as_of"], **one["ends"], **one.get("begins", {})}
    wrong = [name for name, day in days.items() if type(day) is not date]
    if wrong:
        raise ValueError(f"{one['component']}: {wrong[0]} is no day")
    lts = tuple(one.get("lts", ()))
    strangers = [line for line in (*lts, *one.get("names", {}).values()) if line not in one["ends"]]
    if strangers:
        raise ValueError(f"{one['component']}: {strangers[0]} has no end")
    return Support(
        one["component"],
        dict(one["ends"]),
        one["source"],
        one["as_of"],
        lts,
        dict(one.get("begins", {})),
        dict(one.get("names", {})),
    )
