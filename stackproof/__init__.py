"""Proves, with evidence, that a running service keeps to a written tech-stack specification.

What a check under `suites/` may use is exported here, and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackproof.accounts.hashes import hash_shapes, recognise_hash
    from stackproof.accounts.timing import compare
    from stackproof.api.bad_requests import malformed_requests
    from stackproof.api.client import says_no
    from stackproof.api.conformance import remove_what_was_made, try_document
    from stackproof.api.crossorigin import hostile_origin, look_alikes, unsafe_methods
    from stackproof.api.leaks import debug_page_in, leak_in, words_of
    from stackproof.api.offline import faults_of_document
    from stackproof.check import NotApplicable, NotAssessed, View, Violation, not_applicable, not_assessed, verifies
    from stackproof.drill.parts import recovery
    from stackproof.spec.model import Kind
    from stackproof.target.boots import Boots
    from stackproof.target.concurrency import burst, requests_overlap, warm
    from stackproof.target.cookies import cookies_set_by, token_cookies
    from stackproof.target.deployment import ordinary_headers, stranger_is_refused
    from stackproof.target.endpoints import (
        get_without_tls,
        http_places,
        info_without_tls,
        ping_without_tls,
        postgres_places,
        redis_places,
        survey_of,
    )
    from stackproof.target.http import NoAnswer, Request
    from stackproof.target.messages import is_refusal
    from stackproof.target.replies import other_token_places
    from stackproof.tasks.deaths import killed_child, killed_worker, weakest_tasks
    from stackproof.tasks.limits import longest_task
    from stackproof.tasks.poison import pickled_message, poisoned_messages
    from stackproof.tls import probe as probe_tls
    from stackproof.tls.plain import Ending, is_loopback
    from stackproof.tokens import carriers, claims, forgeries, guessing, malformed, public_keys
    from stackproof.tokens.forge import compact, parts_of
    from stackproof.tokens.gates import AccessGate, Forgery, Gate, Look, Outcome, RefreshGate
    from stackproof.tokens.life import Word
    from stackproof.tokens.life_search import search, seed_of_run
    from stackproof.tokens.listener import key_listener
    from stackproof.tokens.refusal import clear_or_not_assessed, expect_refused, record
    from stackproof.tokens.times import claims_of

_HOME = {
    "AccessGate": "stackproof.tokens.gates",
    "Boots": "stackproof.target.boots",
    "Ending": "stackproof.tls.plain",
    "Forgery": "stackproof.tokens.gates",
    "Gate": "stackproof.tokens.gates",
    "hostile_origin": "stackproof.api.crossorigin",
    "Kind": "stackproof.spec.model",
    "Look": "stackproof.tokens.gates",
    "NoAnswer": "stackproof.target.http",
    "NotApplicable": "stackproof.check",
    "NotAssessed": "stackproof.check",
    "Outcome": "stackproof.tokens.gates",
    "RefreshGate": "stackproof.tokens.gates",
    "Request": "stackproof.target.http",
    "View": "stackproof.check",
    "Violation": "stackproof.check",
    "Word": "stackproof.tokens.life",
    "burst": "stackproof.target.concurrency",
    "carriers": "stackproof.tokens.carriers",
    "claims": "stackproof.tokens.claims",
    "claims_of": "stackproof.tokens.times",
    "clear_or_not_assessed": "stackproof.tokens.refusal",
    "compact": "stackproof.tokens.forge",
    "compare": "stackproof.accounts.timing",
    "cookies_set_by": "stackproof.target.cookies",
    "debug_page_in": "stackproof.api.leaks",
    "expect_refused": "stackproof.tokens.refusal",
    "faults_of_document": "stackproof.api.offline",
    "forgeries": "stackproof.tokens.forgeries",
    "get_without_tls": "stackproof.target.endpoints",
    "guessing": "stackproof.tokens.guessing",
    "hash_shapes": "stackproof.accounts.hashes",
    "http_places": "stackproof.target.endpoints",
    "info_without_tls": "stackproof.target.endpoints",
    "is_loopback": "stackproof.tls.plain",
    "is_refusal": "stackproof.target.messages",
    "key_listener": "stackproof.tokens.listener",
    "killed_child": "stackproof.tasks.deaths",
    "killed_worker": "stackproof.tasks.deaths",
    "leak_in": "stackproof.api.leaks",
    "longest_task": "stackproof.tasks.limits",
    "look_alikes": "stackproof.api.crossorigin",
    "malformed": "stackproof.tokens.malformed",
    "malformed_requests": "stackproof.api.bad_requests",
    "not_applicable": "stackproof.check",
    "not_assessed": "stackproof.check",
    "ordinary_headers": "stackproof.target.deployment",
    "other_token_places": "stackproof.target.replies",
    "parts_of": "stackproof.tokens.forge",
    "pickled_message": "stackproof.tasks.poison",
    "ping_without_tls": "stackproof.target.endpoints",
    "poisoned_messages": "stackproof.tasks.poison",
    "postgres_places": "stackproof.target.endpoints",
    "probe_tls": "stackproof.tls",
    "public_keys": "stackproof.tokens.public_keys",
    "recognise_hash": "stackproof.accounts.hashes",
    "record": "stackproof.tokens.refusal",
    "recovery": "stackproof.drill.parts",
    "redis_places": "stackproof.target.endpoints",
    "remove_what_was_made": "stackproof.api.conformance",
    "requests_overlap": "stackproof.target.concurrency",
    "says_no": "stackproof.api.client",
    "search": "stackproof.tokens.life_search",
    "seed_of_run": "stackproof.tokens.life_search",
    "stranger_is_refused": "stackproof.target.deployment",
    "survey_of": "stackproof.target.endpoints",
    "token_cookies": "stackproof.target.cookies",
    "try_document": "stackproof.api.conformance",
    "unsafe_methods": "stackproof.api.crossorigin",
    "verifies": "stackproof.check",
    "warm": "stackproof.target.concurrency",
    "weakest_tasks": "stackproof.tasks.deaths",
    "words_of": "stackproof.api.leaks",
}

_NAMED_THERE = {"probe_tls": "probe"}  # where the public name is another one

__all__ = [
    "AccessGate",
    "Boots",
    "Ending",
    "Forgery",
    "Gate",
    "Kind",
    "Look",
    "NoAnswer",
    "NotApplicable",
    "NotAssessed",
    "Outcome",
    "RefreshGate",
    "Request",
    "View",
    "Violation",
    "Word",
    "burst",
    "carriers",
    "claims",
    "claims_of",
    "clear_or_not_assessed",
    "compact",
    "compare",
    "cookies_set_by",
    "debug_page_in",
    "expect_refused",
    "faults_of_document",
    "forgeries",
    "get_without_tls",
    "guessing",
    "hash_shapes",
    "hostile_origin",
    "http_places",
    "info_without_tls",
    "is_loopback",
    "is_refusal",
    "key_listener",
    "killed_child",
    "killed_worker",
    "leak_in",
    "longest_task",
    "look_alikes",
    "malformed",
    "malformed_requests",
    "not_applicable",
    "not_assessed",
    "ordinary_headers",
    "other_token_places",
    "parts_of",
    "pickled_message",
    "ping_without_tls",
    "poisoned_messages",
    "postgres_places",
    "probe_tls",
    "public_keys",
    "recognise_hash",
    "record",
    "recovery",
    "redis_places",
    "remove_what_was_made",
    "requests_overlap",
    "says_no",
    "search",
    "seed_of_run",
    "stranger_is_refused",
    "survey_of",
    "token_cookies",
    "try_document",
    "unsafe_methods",
    "verifies",
    "warm",
    "weakest_tasks",
    "words_of",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module at first use, so that `stackproof --help` loads nothing heavy."""
    if name not in _HOME:
        raise AttributeError(f"module 'stackproof' has no attribute {name!r}")
    from importlib import import_module

    home = import_module(_HOME[name])
    if home.__name__.endswith(f".{name}"):
        return home
    return getattr(home, _NAMED_THERE.get(name, name))
