"""Which releases of packages go together: asked of uv, in a scratch folder, without running anything of a package."""

from __future__ import annotations

from stackproof.resolve.answer import Answer, Conflict, Resolved, Unanswered
from stackproof.resolve.ask import Strategy, resolve
from stackproof.resolve.uv import find_uv

__all__ = ["Answer", "Conflict", "Resolved", "Strategy", "Unanswered", "find_uv", "resolve"]
