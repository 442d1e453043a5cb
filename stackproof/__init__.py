"""Proves, with evidence, that a running service keeps to a written tech-stack specification.

What a check under `suites/` may use is exported here, and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackproof.check import NotApplicable, NotAssessed, View, Violation, not_applicable, not_assessed, verifies
    from stackproof.spec.model import Kind
    from stackproof.target import carriers, claims, forgeries, guessing, malformed, public_keys
    from stackproof.target.concurrency import burst, requests_overlap, warm
    from stackproof.target.forge import compact, parts_of
    from stackproof.target.gates import AccessGate, Forgery, Gate, Look, Outcome, RefreshGate
    from stackproof.target.listener import key_listener
    from stackproof.target.refusal import clear_or_not_assessed, expect_refused, record
    from stackproof.target.replies import other_token_places
    from stackproof.target.token import claims_of
    from stackproof.tls import probe as probe_tls

_HOME = {
    "AccessGate": "stackproof.target.gates",
    "Forgery": "stackproof.target.gates",
    "Gate": "stackproof.target.gates",
    "Kind": "stackproof.spec.model",
    "Look": "stackproof.target.gates",
    "NotApplicable": "stackproof.check",
    "NotAssessed": "stackproof.check",
    "Outcome": "stackproof.target.gates",
    "RefreshGate": "stackproof.target.gates",
    "View": "stackproof.check",
    "Violation": "stackproof.check",
    "burst": "stackproof.target.concurrency",
    "carriers": "stackproof.target.carriers",
    "claims": "stackproof.target.claims",
    "claims_of": "stackproof.target.token",
    "clear_or_not_assessed": "stackproof.target.refusal",
    "compact": "stackproof.target.forge",
    "expect_refused": "stackproof.target.refusal",
    "forgeries": "stackproof.target.forgeries",
    "guessing": "stackproof.target.guessing",
    "key_listener": "stackproof.target.listener",
    "malformed": "stackproof.target.malformed",
    "not_applicable": "stackproof.check",
    "not_assessed": "stackproof.check",
    "other_token_places": "stackproof.target.replies",
    "parts_of": "stackproof.target.forge",
    "probe_tls": "stackproof.tls",
    "public_keys": "stackproof.target.public_keys",
    "record": "stackproof.target.refusal",
    "requests_overlap": "stackproof.target.concurrency",
    "verifies": "stackproof.check",
    "warm": "stackproof.target.concurrency",
}

__all__ = [
    "AccessGate",
    "Forgery",
    "Gate",
    "Kind",
    "Look",
    "NotApplicable",
    "NotAssessed",
    "Outcome",
    "RefreshGate",
    "View",
    "Violation",
    "burst",
    "carriers",
    "claims",
    "claims_of",
    "clear_or_not_assessed",
    "compact",
    "expect_refused",
    "forgeries",
    "guessing",
    "key_listener",
    "malformed",
    "not_applicable",
    "not_assessed",
    "other_token_places",
    "parts_of",
    "probe_tls",
    "public_keys",
    "record",
    "requests_overlap",
    "verifies",
    "warm",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module at first use, so that `stackproof --help` loads nothing heavy."""
    if name not in _HOME:
        raise AttributeError(f"module 'stackproof' has no attribute {name!r}")
    from importlib import import_module

    home = import_module(_HOME[name])
    if home.__name__.endswith(f".{name}"):
        return home
    return getattr(home, "probe" if name == "probe_tls" else name)
