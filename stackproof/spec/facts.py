"""Dated facts about the world, from `spec/licences.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from stackproof.errors import InfrastructureError
from stackproof.harness import harness_root
from stackproof.spec.text import slug


@dataclass(frozen=True, slots=True)
class LicenceFact:
    """Under which licences some release lines of a component are published.

    Attributes:
        component: slug of the component.
        lines: release lines ("7.4"); each stands for every version that begins so.
        names: the licences; a user may choose among them.
        since: first day on which this held; the earliest date there is where it always did.
        source: where it can be looked up.
    """

    component: str
    lines: tuple[str, ...]
    names: tuple[str, ...]
    since: date
    source: str

    def grants(self, claimed: Iterable[str]) -> bool:
        """Whether one of the licences is among those that are claimed: BSD-3-Clause is a BSD licence."""
        names = [slug(name) for name in self.names]
        return any(name.startswith(slug(claim)) for name in names for claim in claimed)

    def holds_for(self, version: str, day: date) -> bool:
        """Whether it is about this version on that day."""
        return self.since <= day and any(line == "" or f"{version}.".startswith(f"{line}.") for line in self.lines)


@cache
def licence_facts() -> tuple[LicenceFact, ...]:
    """Every licence fact, in the order of the file.

    Raises:
        InfrastructureError: the file does not fit; the harness's installation is damaged.
    """
    path = harness_root() / "spec" / "licences.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(
            LicenceFact(
                one["component"], tuple(one["lines"]), tuple(one["names"]), one.get("since", date.min), one["source"]
            )
            for one in data["licence"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InfrastructureError(f"{path}: cannot be read: {error}", hint="reinstall stackproof") from error


def licence_of(component: str, version: str, day: date | None = None) -> LicenceFact | None:
    """Under which licence a version of a component is published, or None where no fact tells.

    Args:
        day: default: today, UTC.
    """
    on = day or datetime.now(UTC).date()
    number = version.lower().lstrip("abcdefghijklmnopqrstuvwxyz-")  # Dragonfly says df-v1.2.3
    return next((one for one in licence_facts() if one.component == component and one.holds_for(number, on)), None)
