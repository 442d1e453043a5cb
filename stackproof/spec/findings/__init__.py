"""What a specification says that cannot all be true: one module a sort of contradiction."""

from __future__ import annotations

from stackproof.spec.findings.finding import Finding, Severity

__all__ = ["Finding", "Severity"]
