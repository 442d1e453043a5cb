"""List items into requirements: one module a part of the stack, tried in turn; the first that knows the item wins."""

from __future__ import annotations

from stackproof.spec.bullets.reader import ambiguous, read_bullet

__all__ = ["ambiguous", "read_bullet"]
