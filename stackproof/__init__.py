"""Proves, with evidence, that a running service keeps to a written tech-stack specification.

What a check under `suites/` may use is exported here, and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackproof.accounts.hashes import hash_shapes, recognise_hash
    from stackproof.accounts.timing import compare
    from stackproof.advisories import chosen
    from stackproof.api.bad_requests import malformed_requests
    from stackproof.api.client import says_no
    from stackproof.api.conformance import try_document
    from stackproof.api.crossorigin import hostile_origin, look_alikes, unsafe_methods
    from stackproof.api.leaks import debug_page_in, leak_in, words_of
    from stackproof.api.offline import faults_of_document
    from stackproof.check import NotApplicable, NotAssessed, View, Violation, not_applicable, not_assessed, verifies
    from stackproof.drill.memory import pressure, refused_for_its_disk
    from stackproof.drill.outage import Outage, answered_at_once
    from stackproof.drill.parts import recovery
    from stackproof.drill.renewal import presented, watched
    from stackproof.observability.lines import faults_of_line, glimpse, is_binary, other_field
    from stackproof.project import alignment, chosen_lines, history, locks, pins
    from stackproof.serving import framing
    from stackproof.serving.load import headers_of as oversized_headers
    from stackproof.serving.load import steady_load
    from stackproof.serving.rounds import Question, measure_crowd
    from stackproof.serving.streams import leave, read_stream
    from stackproof.serving.wire import Wire
    from stackproof.spec.facts import licence_of
    from stackproof.spec.model import Kind
    from stackproof.spec.support import support_of
    from stackproof.spec.supported import asks_for_support, is_inside_support, is_lts, is_supported
    from stackproof.target import archiving
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
    from stackproof.target.frames import malformed_frames, text_frame, unexpected_messages
    from stackproof.target.http import NoAnswer, Request
    from stackproof.target.messages import is_refusal, text_at, value_at
    from stackproof.target.redis_access import open_commands, seen_without_a_password, users_without_a_password
    from stackproof.target.replies import other_token_places
    from stackproof.target.sockets import bad_tokens, expect_socket_refused, refusal_is_told
    from stackproof.target.standing_in import needs_own_login
    from stackproof.target.waking import lateness
    from stackproof.tasks.deaths import killed_child, killed_worker, weakest_tasks
    from stackproof.tasks.limits import longest_task
    from stackproof.tasks.poison import pickled_message, poisoned_messages
    from stackproof.tls import probe as probe_tls
    from stackproof.tls.plain import Ending, is_loopback
    from stackproof.tokens import carriers, claims, forgeries, guessing, malformed, public_keys
    from stackproof.tokens.causes import libraries_of
    from stackproof.tokens.forge import compact, parts_of
    from stackproof.tokens.gates import AccessGate, Gate, RefreshGate
    from stackproof.tokens.life import Ways, Word
    from stackproof.tokens.life_search import search, seed_of_run
    from stackproof.tokens.listener import key_listener
    from stackproof.tokens.looks import Forgery, Look, Outcome
    from stackproof.tokens.refusal import clear_or_not_assessed, expect_refused, record
    from stackproof.tokens.times import claims_of

_HOME = {
    "AccessGate": "stackproof.tokens.gates",
    "Boots": "stackproof.target.boots",
    "Ending": "stackproof.tls.plain",
    "Forgery": "stackproof.tokens.looks",
    "Gate": "stackproof.tokens.gates",
    "Kind": "stackproof.spec.model",
    "Look": "stackproof.tokens.looks",
    "NoAnswer": "stackproof.target.http",
    "NotApplicable": "stackproof.check",
    "NotAssessed": "stackproof.check",
    "Outage": "stackproof.drill.outage",
    "Outcome": "stackproof.tokens.looks",
    "Question": "stackproof.serving.rounds",
    "RefreshGate": "stackproof.tokens.gates",
    "Request": "stackproof.target.http",
    "View": "stackproof.check",
    "Violation": "stackproof.check",
    "Ways": "stackproof.tokens.life",
    "Wire": "stackproof.serving.wire",
    "Word": "stackproof.tokens.life",
    "alignment": "stackproof.project.alignment",
    "answered_at_once": "stackproof.drill.outage",
    "archiving": "stackproof.target.archiving",
    "asks_for_support": "stackproof.spec.supported",
    "bad_tokens": "stackproof.target.sockets",
    "burst": "stackproof.target.concurrency",
    "carriers": "stackproof.tokens.carriers",
    "chosen": "stackproof.advisories.chosen",
    "chosen_lines": "stackproof.project.chosen_lines",
    "claims": "stackproof.tokens.claims",
    "claims_of": "stackproof.tokens.times",
    "clear_or_not_assessed": "stackproof.tokens.refusal",
    "compact": "stackproof.tokens.forge",
    "compare": "stackproof.accounts.timing",
    "cookies_set_by": "stackproof.target.cookies",
    "debug_page_in": "stackproof.api.leaks",
    "expect_refused": "stackproof.tokens.refusal",
    "expect_socket_refused": "stackproof.target.sockets",
    "faults_of_document": "stackproof.api.offline",
    "faults_of_line": "stackproof.observability.lines",
    "forgeries": "stackproof.tokens.forgeries",
    "framing": "stackproof.serving.framing",
    "get_without_tls": "stackproof.target.endpoints",
    "glimpse": "stackproof.observability.lines",
    "guessing": "stackproof.tokens.guessing",
    "hash_shapes": "stackproof.accounts.hashes",
    "history": "stackproof.project.history",
    "hostile_origin": "stackproof.api.crossorigin",
    "http_places": "stackproof.target.endpoints",
    "info_without_tls": "stackproof.target.endpoints",
    "is_binary": "stackproof.observability.lines",
    "is_inside_support": "stackproof.spec.supported",
    "is_loopback": "stackproof.tls.plain",
    "is_lts": "stackproof.spec.supported",
    "is_refusal": "stackproof.target.messages",
    "is_supported": "stackproof.spec.supported",
    "key_listener": "stackproof.tokens.listener",
    "killed_child": "stackproof.tasks.deaths",
    "killed_worker": "stackproof.tasks.deaths",
    "lateness": "stackproof.target.waking",
    "leak_in": "stackproof.api.leaks",
    "leave": "stackproof.serving.streams",
    "libraries_of": "stackproof.tokens.causes",
    "licence_of": "stackproof.spec.facts",
    "locks": "stackproof.project.locks",
    "longest_task": "stackproof.tasks.limits",
    "look_alikes": "stackproof.api.crossorigin",
    "malformed": "stackproof.tokens.malformed",
    "malformed_frames": "stackproof.target.frames",
    "malformed_requests": "stackproof.api.bad_requests",
    "measure_crowd": "stackproof.serving.rounds",
    "needs_own_login": "stackproof.target.standing_in",
    "not_applicable": "stackproof.check",
    "not_assessed": "stackproof.check",
    "open_commands": "stackproof.target.redis_access",
    "ordinary_headers": "stackproof.target.deployment",
    "other_field": "stackproof.observability.lines",
    "other_token_places": "stackproof.target.replies",
    "oversized_headers": "stackproof.serving.load",
    "parts_of": "stackproof.tokens.forge",
    "pickled_message": "stackproof.tasks.poison",
    "ping_without_tls": "stackproof.target.endpoints",
    "pins": "stackproof.project.pins",
    "poisoned_messages": "stackproof.tasks.poison",
    "postgres_places": "stackproof.target.endpoints",
    "presented": "stackproof.drill.renewal",
    "pressure": "stackproof.drill.memory",
    "probe_tls": "stackproof.tls",
    "public_keys": "stackproof.tokens.public_keys",
    "read_stream": "stackproof.serving.streams",
    "recognise_hash": "stackproof.accounts.hashes",
    "record": "stackproof.tokens.refusal",
    "recovery": "stackproof.drill.parts",
    "redis_places": "stackproof.target.endpoints",
    "refusal_is_told": "stackproof.target.sockets",
    "refused_for_its_disk": "stackproof.drill.memory",
    "remove_what_was_made": "stackproof.api.leftovers",
    "requests_overlap": "stackproof.target.concurrency",
    "says_no": "stackproof.api.client",
    "search": "stackproof.tokens.life_search",
    "seconds_ahead": "stackproof.tokens.times",
    "seed_of_run": "stackproof.tokens.life_search",
    "seen_without_a_password": "stackproof.target.redis_access",
    "steady_load": "stackproof.serving.load",
    "stranger_is_refused": "stackproof.target.deployment",
    "support_of": "stackproof.spec.support",
    "survey_of": "stackproof.target.endpoints",
    "text_at": "stackproof.target.messages",
    "text_frame": "stackproof.target.frames",
    "token_cookies": "stackproof.target.cookies",
    "try_document": "stackproof.api.conformance",
    "unexpected_messages": "stackproof.target.frames",
    "unsafe_methods": "stackproof.api.crossorigin",
    "users_without_a_password": "stackproof.target.redis_access",
    "value_at": "stackproof.target.messages",
    "verifies": "stackproof.check",
    "warm": "stackproof.target.concurrency",
    "watched": "stackproof.drill.renewal",
    "weakest_tasks": "stackproof.tasks.deaths",
    "words_of": "stackproof.api.leaks",
}

_NAMED_THERE = {"oversized_headers": "headers_of", "probe_tls": "probe"}  # where the public name is another one

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
    "Outage",
    "Outcome",
    "Question",
    "RefreshGate",
    "Request",
    "View",
    "Violation",
    "Ways",
    "Wire",
    "Word",
    "alignment",
    "answered_at_once",
    "archiving",
    "asks_for_support",
    "bad_tokens",
    "burst",
    "carriers",
    "chosen",
    "chosen_lines",
    "claims",
    "claims_of",
    "clear_or_not_assessed",
    "compact",
    "compare",
    "cookies_set_by",
    "debug_page_in",
    "expect_refused",
    "expect_socket_refused",
    "faults_of_document",
    "faults_of_line",
    "forgeries",
    "framing",
    "get_without_tls",
    "glimpse",
    "guessing",
    "hash_shapes",
    "history",
    "hostile_origin",
    "http_places",
    "info_without_tls",
    "is_binary",
    "is_inside_support",
    "is_loopback",
    "is_lts",
    "is_refusal",
    "is_supported",
    "key_listener",
    "killed_child",
    "killed_worker",
    "lateness",
    "leak_in",
    "leave",
    "libraries_of",
    "licence_of",
    "locks",
    "longest_task",
    "look_alikes",
    "malformed",
    "malformed_frames",
    "malformed_requests",
    "measure_crowd",
    "needs_own_login",
    "not_applicable",
    "not_assessed",
    "open_commands",
    "ordinary_headers",
    "other_field",
    "other_token_places",
    "oversized_headers",
    "parts_of",
    "pickled_message",
    "ping_without_tls",
    "pins",
    "poisoned_messages",
    "postgres_places",
    "presented",
    "pressure",
    "probe_tls",
    "public_keys",
    "read_stream",
    "recognise_hash",
    "record",
    "recovery",
    "redis_places",
    "refusal_is_told",
    "refused_for_its_disk",
    "remove_what_was_made",
    "requests_overlap",
    "says_no",
    "search",
    "seconds_ahead",
    "seed_of_run",
    "seen_without_a_password",
    "steady_load",
    "stranger_is_refused",
    "support_of",
    "survey_of",
    "text_at",
    "text_frame",
    "token_cookies",
    "try_document",
    "unexpected_messages",
    "unsafe_methods",
    "users_without_a_password",
    "value_at",
    "verifies",
    "warm",
    "watched",
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
