"""What discovery found out, how sure it is of each thing, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Sure = Literal["seen", "documented", "guessed"]
TABLES = (
    "target",
    "auth",
    "auth.client",
    "auth.login",
    "auth.refresh",
    "auth.verify",
    "auth.logout",
    "auth.protected",
    "auth.password_change",
    "auth.csrf",
    "accounts",
    "api",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the file.

    Attributes:
        sure: "seen" by using it, "documented" by the service itself, or "guessed" from a convention that fits.
        why: half a sentence.
    """

    value: Any
    sure: Sure
    why: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What was not found out: lines to fill in, and the reason."""

    table: str
    lines: tuple[str, ...]
    why: str


@dataclass(slots=True)
class Findings:
    """Everything that was found out about one service.

    Attributes:
        signed_in: whether the account could sign in; None where nobody tried.
    """

    base_url: str
    tables: dict[str, dict[str, Fact]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requests: int = 0
    signed_in: bool | None = None

    def put(self, table: str, key: str, value: Any, sure: Sure, why: str) -> None:
        """Learn one thing; what is known more surely is not forgotten."""
        order = ("guessed", "documented", "seen")
        before = self.tables.setdefault(table, {}).get(key)
        if before is None or order.index(sure) >= order.index(before.sure):
            self.tables[table][key] = Fact(value, sure, why)

    def get(self, table: str, key: str, otherwise: Any = "") -> Any:
        """The value of a line."""
        fact = self.tables.get(table, {}).get(key)
        return otherwise if fact is None else fact.value

    def has(self, table: str) -> bool:
        """Whether the operation of that table is known."""
        return "path" in self.tables.get(table, {})

    def drop(self, table: str) -> None:
        """Forget a table."""
        self.tables.pop(table, None)

    def gap(self, table: str, *lines: str, why: str) -> None:
        """Remember what is missing; a table has one gap, the first one told."""
        if not any(one.table == table for one in self.gaps):
            self.gaps.append(Gap(table, lines, why))

    def forget_gap(self, table: str) -> None:
        """It is not missing after all."""
        self.gaps = [one for one in self.gaps if one.table != table]

    def note(self, text: str) -> None:
        """Remember a remark for the table."""
        if text not in self.notes:
            self.notes.append(text)

    def lines(self) -> Iterator[tuple[str, str, Fact]]:
        """(table, key, fact) in the order of the file."""
        for table in TABLES:
            for key, fact in self.tables.get(table, {}).items():
                yield table, key, fact

    @property
    def can_sign_in(self) -> bool:
        """Whether the file can have an [auth] table: it takes a login and a protected resource."""
        return self.has("auth.login") and self.has("auth.protected")

    @property
    def complete(self) -> bool:
        """Whether everything that the JWT clauses need was found, and nothing is left to fill in at the login."""
        filled = not any(one.table in {"auth.login", "auth.client"} for one in self.gaps)
        return self.can_sign_in and filled and self.has("auth.refresh") and self.has("auth.logout")
