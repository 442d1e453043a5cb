"""Proves, with evidence, that a running service keeps to a written tech-stack specification.

What a check under `suites/` may use is exported here, and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackproof.check import NotApplicable, NotAssessed, View, Violation, not_applicable, not_assessed, verifies
    from stackproof.spec.model import Kind
    from stackproof.target.concurrency import burst, requests_overlap, warm
    from stackproof.target.crossorigin import HOSTILE as HOSTILE_ORIGIN
    from stackproof.target.crossorigin import look_alikes, unsafe_methods
    from stackproof.target.forge import compact, parts_of
    from stackproof.target.replies import other_token_places
    from stackproof.target.token import claims_of
    from stackproof.tls import probe as probe_tls

_HOME = {
    "HOSTILE_ORIGIN": "stackproof.target.crossorigin",
    "Kind": "stackproof.spec.model",
    "NotApplicable": "stackproof.check",
    "NotAssessed": "stackproof.check",
    "View": "stackproof.check",
    "Violation": "stackproof.check",
    "burst": "stackproof.target.concurrency",
    "compact": "stackproof.target.forge",
    "claims_of": "stackproof.target.token",
    "look_alikes": "stackproof.target.crossorigin",
    "not_applicable": "stackproof.check",
    "not_assessed": "stackproof.check",
    "parts_of": "stackproof.target.forge",
    "other_token_places": "stackproof.target.replies",
    "probe_tls": "stackproof.tls",
    "requests_overlap": "stackproof.target.concurrency",
    "unsafe_methods": "stackproof.target.crossorigin",
    "verifies": "stackproof.check",
    "warm": "stackproof.target.concurrency",
}

__all__ = [
    "HOSTILE_ORIGIN",
    "Kind",
    "NotApplicable",
    "NotAssessed",
    "View",
    "Violation",
    "burst",
    "claims_of",
    "compact",
    "look_alikes",
    "not_applicable",
    "not_assessed",
    "other_token_places",
    "parts_of",
    "probe_tls",
    "requests_overlap",
    "unsafe_methods",
    "verifies",
    "warm",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module at first use, so that `stackproof --help` loads nothing heavy."""
    if name not in _HOME:
        raise AttributeError(f"module 'stackproof' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), {"probe_tls": "probe", "HOSTILE_ORIGIN": "HOSTILE"}.get(name, name))
