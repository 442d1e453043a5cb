"""What is shown to a gate, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a gate made of a token."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    BROKEN = "broken"  # 5xx
    UNCLEAR = "unclear"
    CLOSED = "closed"  # the connection ended without an answer


@dataclass(frozen=True, slots=True)
class Forgery:
    """A token that must not be accepted, and what is wrong with it."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Look:
    """One try at a gate."""

    name: str
    outcome: Outcome
    described: str
    status: int = 0
