"""Dated facts from `facts.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


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


@cache
def licence_facts() -> tuple[LicenceFact, ...]:
    """Every licence fact, in the order of the file."""
    data = tomllib.loads(files("stackproof.spec").joinpath("facts.toml").read_text(encoding="utf-8"))
    return tuple(
        LicenceFact(
            one["component"], tuple(one["lines"]), tuple(one["names"]), one.get("since", date.min), one["source"]
        )
        for one in data["licence"]
    )
