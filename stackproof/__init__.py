"""Proves, with evidence, that a running service keeps to a written tech-stack specification.

What a check under `suites/` may use is exported here, and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackproof.check import NotApplicable, NotAssessed, View, Violation, not_applicable, not_assessed, verifies
    from stackproof.spec.model import Kind
    from stackproof.target.api import says_no
    from stackproof.target.concurrency import burst, requests_overlap, warm
    from stackproof.target.conformance import remove_what_was_made, try_document
    from stackproof.target.crossorigin import HOSTILE as HOSTILE_ORIGIN
    from stackproof.target.crossorigin import look_alikes, unsafe_methods
    from stackproof.target.forge import compact, parts_of
    from stackproof.target.leaks import debug_page_in, leak_in, words_of
    from stackproof.target.malformed import malformed_requests
    from stackproof.target.messages import is_refusal
    from stackproof.target.offline import faults_of_document
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
    "claims_of": "stackproof.target.token",
    "compact": "stackproof.target.forge",
    "debug_page_in": "stackproof.target.leaks",
    "faults_of_document": "stackproof.target.offline",
    "is_refusal": "stackproof.target.messages",
    "leak_in": "stackproof.target.leaks",
    "look_alikes": "stackproof.target.crossorigin",
    "malformed_requests": "stackproof.target.malformed",
    "not_applicable": "stackproof.check",
    "not_assessed": "stackproof.check",
    "other_token_places": "stackproof.target.replies",
    "parts_of": "stackproof.target.forge",
    "probe_tls": "stackproof.tls",
    "remove_what_was_made": "stackproof.target.conformance",
    "requests_overlap": "stackproof.target.concurrency",
    "says_no": "stackproof.target.api",
    "try_document": "stackproof.target.conformance",
    "unsafe_methods": "stackproof.target.crossorigin",
    "verifies": "stackproof.check",
    "warm": "stackproof.target.concurrency",
    "words_of": "stackproof.target.leaks",
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
    "debug_page_in",
    "faults_of_document",
    "is_refusal",
    "leak_in",
    "look_alikes",
    "malformed_requests",
    "not_applicable",
    "not_assessed",
    "other_token_places",
    "parts_of",
    "probe_tls",
    "remove_what_was_made",
    "requests_overlap",
    "says_no",
    "try_document",
    "unsafe_methods",
    "verifies",
    "warm",
    "words_of",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module at first use, so that `stackproof --help` loads nothing heavy."""
    if name not in _HOME:
        raise AttributeError(f"module 'stackproof' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), {"probe_tls": "probe", "HOSTILE_ORIGIN": "HOSTILE"}.get(name, name))
