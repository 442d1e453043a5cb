"""A finding of the lint, and the view of the document that every rule looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from stackproof.spec.matrix import columns_of
from stackproof.spec.model import Requirement, VersionRule
from stackproof.spec.outline import Row
from stackproof.spec.packages import package_of
from stackproof.spec.reader import Draft
from stackproof.spec.releases import release
from stackproof.spec.text import slug


class Severity(StrEnum):
    """Whether a finding is a contradiction or something to look at."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the lint found.

    Attributes:
        code: stable name of the rule, "tree-disagrees".
        message: what contradicts what.
        lines: 1-based lines that take part, in the order in which the message names them; one where both are there.
        cure: what to do about it, as a sentence.
        severity: errors contradict each other; warnings do not, but somebody should look.
    """

    code: str
    message: str
    lines: tuple[int, ...]
    cure: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class Subject:
    """A document and the day on which it is judged."""

    draft: Draft
    as_of: date
    rows: tuple[tuple[Requirement, VersionRule], ...] = field(init=False)

    def __post_init__(self) -> None:
        rows = tuple((one, one.value) for one in self.draft.requirements if isinstance(one.value, VersionRule))
        object.__setattr__(self, "rows", rows)

    @cached_property
    def _by_name(self) -> dict[str, tuple[Requirement, VersionRule]]:
        found: dict[str, tuple[Requirement, VersionRule]] = {}
        for row in self.rows:
            found.setdefault(slug(row[1].component), row)
        for row in self.rows:
            if row[1].package:
                found.setdefault(f"pypi:{row[1].package}", row)
        return found

    def row(self, component: str) -> tuple[Requirement, VersionRule] | None:
        """The row of a component by its name or by the package that the name means; None if there is none."""
        return self._by_name.get(slug(component)) or self._by_name.get(f"pypi:{package_of(component)}")

    def stated(self, prefix: str) -> Iterator[Requirement]:
        """The understood requirements whose id begins so."""
        return (one for one in self.draft.requirements if one.id.startswith(prefix) and one.understood)

    def rationale(self, one: Requirement) -> str:
        """The rationale cell of the row that states a requirement; empty without one."""
        row = self._by_line.get(one.line)
        index = columns_of(row.headers).get("rationale") if row is not None else None
        return row.cells[index].text if row is not None and index is not None else ""

    @cached_property
    def _by_line(self) -> dict[int, Row]:
        return {block.line: block for block in self.draft.outline.blocks if isinstance(block, Row)}


def agrees(written: str, rule: VersionRule) -> bool:
    """Whether a version that stands elsewhere in the document lies in the row's line, or holds it ("5" and "5.2.x").

    What cannot be read as a version disagrees with nothing.
    """
    here, there = release(written), release(rule.line)
    if here is None or there is None:
        return True
    shorter = min(len(here), len(there))
    return here[:shorter] == there[:shorter]
