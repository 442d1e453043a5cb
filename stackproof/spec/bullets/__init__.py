"""List items into requirements: one module a part of the stack, tried in turn; the first that knows the item wins."""

from __future__ import annotations

from stackproof.spec.bullets.reader import read_bullet

__all__ = ["read_bullet"]
