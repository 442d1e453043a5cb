"""Proves, with evidence, that a running service keeps to a written tech-stack specification.

What a check under `suites/` may use is exported here, and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackproof.check import NotApplicable, NotAssessed, View, Violation, not_applicable, not_assessed, verifies
    from stackproof.spec.model import Kind
    from stackproof.target.concurrency import burst, requests_overlap, warm
    from stackproof.target.cookies import cookies_set_by, token_cookies
    from stackproof.target.endpoints import (
        get_without_tls,
        http_places,
        info_without_tls,
        ping_without_tls,
        postgres_places,
        redis_places,
        survey_of,
    )
    from stackproof.target.forge import compact, parts_of
    from stackproof.target.http import NoAnswer, Request
    from stackproof.target.replies import other_token_places
    from stackproof.target.token import claims_of
    from stackproof.tls import probe as probe_tls
    from stackproof.tls.plain import Ending, is_loopback

_HOME = {
    "Ending": "stackproof.tls.plain",
    "Kind": "stackproof.spec.model",
    "NoAnswer": "stackproof.target.http",
    "NotApplicable": "stackproof.check",
    "NotAssessed": "stackproof.check",
    "Request": "stackproof.target.http",
    "View": "stackproof.check",
    "Violation": "stackproof.check",
    "burst": "stackproof.target.concurrency",
    "claims_of": "stackproof.target.token",
    "compact": "stackproof.target.forge",
    "cookies_set_by": "stackproof.target.cookies",
    "get_without_tls": "stackproof.target.endpoints",
    "http_places": "stackproof.target.endpoints",
    "info_without_tls": "stackproof.target.endpoints",
    "is_loopback": "stackproof.tls.plain",
    "not_applicable": "stackproof.check",
    "not_assessed": "stackproof.check",
    "other_token_places": "stackproof.target.replies",
    "parts_of": "stackproof.target.forge",
    "ping_without_tls": "stackproof.target.endpoints",
    "postgres_places": "stackproof.target.endpoints",
    "probe_tls": "stackproof.tls",
    "redis_places": "stackproof.target.endpoints",
    "requests_overlap": "stackproof.target.concurrency",
    "survey_of": "stackproof.target.endpoints",
    "token_cookies": "stackproof.target.cookies",
    "verifies": "stackproof.check",
    "warm": "stackproof.target.concurrency",
}

__all__ = [
    "Ending",
    "Kind",
    "NoAnswer",
    "NotApplicable",
    "NotAssessed",
    "Request",
    "View",
    "Violation",
    "burst",
    "claims_of",
    "compact",
    "cookies_set_by",
    "get_without_tls",
    "http_places",
    "info_without_tls",
    "is_loopback",
    "not_applicable",
    "not_assessed",
    "other_token_places",
    "parts_of",
    "ping_without_tls",
    "postgres_places",
    "probe_tls",
    "redis_places",
    "requests_overlap",
    "survey_of",
    "token_cookies",
    "verifies",
    "warm",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module at first use, so that `stackproof --help` loads nothing heavy."""
    if name not in _HOME:
        raise AttributeError(f"module 'stackproof' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), "probe" if name == "probe_tls" else name)
