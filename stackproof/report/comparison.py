"""What changed between two reports, as data; its JSON Schema is generated from here (`stackproof schema diff`)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

from pydantic import Field

from stackproof.report.model import Part, ServicePart
from stackproof.verdict import Level, Verdict


class Movement(StrEnum):
    """What became of one requirement. Every requirement of either report has exactly one of them."""

    NEWLY_VIOLATED = "newly-violated"
    NEWLY_IN_ERROR = "newly-in-error"
    NEWLY_NOT_ASSESSED = "newly-not-assessed"
    MENDED = "mended"  # violated or waived before, and seen to be satisfied now
    NEWLY_ASSESSED = "newly-assessed"  # satisfied now, where nobody or only a person had looked
    NEWLY_WAIVED = "newly-waived"
    NEWLY_ATTESTED = "newly-attested"
    NEWLY_NOT_APPLICABLE = "newly-not-applicable"
    NO_LONGER_IN_ERROR = "no-longer-in-error"  # and not assessed either
    ADDED = "added"
    REMOVED = "removed"
    OUTSIDE = "outside"  # one of the runs, or both, were not asked for it
    UNCHANGED = "unchanged"


class Worse(StrEnum):
    """What a change means for the exit code."""

    NO = "no"
    VIOLATED = "violated"
    UNSEEN = "unseen"  # nobody can tell any more, or could tell before


class Look(Part):
    """A requirement as one report has it."""

    verdict: Verdict
    reason: str
    demand: str = Field(description="the value in words")
    line: int
    required: bool
    seen: str = Field("", description="what the checks that found it violated saw")


class Change(Part):
    """A requirement that differs between the reports, or is still violated or in error."""

    id: str
    chapter: str
    text: str
    movement: Movement
    worse: Worse = Worse.NO
    before: Look | None = Field(description="null where the first report does not have it")
    after: Look | None = Field(description="null where the second report does not have it")
    value_changed: bool = Field(False, description="the two specifications demand something else")
    seen_changed: bool = Field(False, description="violated in both, and something else was seen")


class Side(Part):
    """What a report was about."""

    where: str = Field("", description="where it was read from")
    run_id: str
    started: datetime.datetime
    stackproof_version: str
    level: Level
    exit_code: int
    partial_reason: str = ""
    profile: str
    strict: bool
    specification: str
    sha256: str
    target: str
    base_url: str
    kind: Literal["reference", "described"]
    python: str = ""
    services: tuple[ServicePart, ...] = ()
    counts: dict[str, int]
    derived_counts: dict[str, int]


class Comparison(Part):
    """Two reports side by side."""

    schema_version: Literal["1"] = "1"
    before: Side
    after: Side
    exit_code: int = Field(description="0 nothing got worse, 1 something did, 4 nobody can tell")
    outcome: str = Field(description="the exit code in a sentence")
    compared: int = Field(description="clauses that both runs were asked for")
    counts: dict[str, int] = Field(description="clauses of either report by movement; they add up")
    derived_counts: dict[str, int] = Field(description="derived requirements of either report by movement")
    notes: tuple[str, ...] = Field((), description="what else differs between the two runs")
    new_faults: tuple[str, ...] = Field((), description="waivers and attestations that came out of order")
    gone_faults: tuple[str, ...] = ()
    changes: tuple[Change, ...]
    derived: tuple[Change, ...] = Field((), description="requirements that clauses imply through public standards")
    strict: bool = Field(False, description="derived requirements count for the exit code")

    def of(self, *movements: Movement, derived: bool = False) -> tuple[Change, ...]:
        """The changes of these kinds, in the order of the specification."""
        return tuple(one for one in (self.derived if derived else self.changes) if one.movement in movements)

    @property
    def newly_violated(self) -> tuple[Change, ...]:
        """Clauses that are violated now and were not, also those that are new."""
        found = (one for one in self.changes if one.after and one.after.verdict is Verdict.VIOLATED)
        return tuple(one for one in found if one.movement in {Movement.NEWLY_VIOLATED, Movement.ADDED})

    @property
    def changed_values(self) -> tuple[Change, ...]:
        """Clauses that demand something else than before."""
        return tuple(one for one in self.changes if one.value_changed)

    def still(self, verdict: Verdict, *, derived: bool = False) -> Iterator[Change]:
        """Requirements with the same verdict in both."""
        for one in self.of(Movement.UNCHANGED, derived=derived):
            if one.after and one.after.verdict is verdict:
                yield one
