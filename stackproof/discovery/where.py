"""Where a service serves its OpenAPI document: well-known places, and what its pages say."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from stackproof.api.openapi import REDIRECTS, SIZE_CAP, WELL_KNOWN, DocumentError, parse
from stackproof.discovery.facts import Findings
from stackproof.discovery.operations import is_path
from stackproof.discovery.prober import Prober, checked_document
from stackproof.errors import UsageError
from stackproof.target.http import Answer, NoAnswer

PAGES = ("/docs", "/api/docs/", "/docs/", "/swagger/", "/redoc/", "/api/docs", "/api-docs/", "/api", "/documentation")
MOST_FETCHES = len(WELL_KNOWN) + len(PAGES) + 6  # some more, which answers name
_ACCEPT = {"Accept": "application/vnd.oai.openapi+json, application/json, application/yaml;q=0.9, */*;q=0.5"}
_HINTS = re.compile(
    r"""spec-?url\s*[=:]\s*["']([^"'<>\s]{1,300})["']"""
    r"""|(?:\b|swagger)url["']?\s*:\s*["']([^"'<>\s]{1,300})["']"""
    r"""|<script[^<>]{0,100}src=["']([^"'<>\s]{0,200}swagger-(?:ui-init|initializer)\.js)["']"""
    r"""|<link[^<>]{0,200}rel=["']?service-desc["']?[^<>]{0,200}href=["']([^"'<>\s]{1,300})["']"""
    r"""|data-url=["']([^"'<>\s]{1,300})["']|["'](/[^"'<>\s]{0,200}openapi\.(?:json|ya?ml))["']""",
    re.IGNORECASE,
)
_LINK = re.compile(r"<([^<>\s]{1,300})>\s*;[^,]{0,100}rel=\"?(?:service-desc|describedby)\"?", re.IGNORECASE)


def find_document(prober: Prober, findings: Findings, home: Answer) -> dict[str, Any] | None:
    """The parsed document, its place put into the findings; None where none was found.

    Raises:
        UsageError: the caller named its place, and there is none.
    """
    if prober.options.document is not None:
        return _named(prober, findings, checked_document(prober.options.document))
    waiting = [*_named_by(home, prober), *WELL_KNOWN, *PAGES]
    asked: set[str] = set()
    while waiting and len(asked) < MOST_FETCHES:
        path = waiting.pop(0)
        if path in asked:
            continue
        asked.add(path)
        try:
            answer = prober.send("GET", path, headers=_ACCEPT, cap=SIZE_CAP)
        except NoAnswer:
            continue
        if answer.status == 429:
            findings.note("The service answered 429 (too many requests) while its document was looked for.")
            return None
        data = _parsed(answer, path, findings) if answer.ok else None
        if data is not None:
            findings.put("api", "document", path, "seen", f"served there, {_version(data)}")
            return data
        waiting[:0] = [one for one in _named_by(answer, prober) if one not in asked][:4]
    why = f"no OpenAPI document at {len(asked)} usual places; where there is one: stackproof init URL --document PATH"
    findings.gap("api", 'document = "…"', why=why)
    return None


def _named(prober: Prober, findings: Findings, path: str) -> dict[str, Any]:
    """The document at the place that the caller named; redirects and pages lead on, on the same host."""
    waiting, told = [path], ""
    for _ in range(REDIRECTS + 3):
        if not waiting:
            break
        asked = waiting.pop(0)
        try:
            answer = prober.send("GET", asked, headers=_ACCEPT, cap=SIZE_CAP)
        except NoAnswer as error:
            told = told or str(error)
            continue
        leads = list(_named_by(answer, prober))
        data = _parsed(answer, asked, findings, named=True) if answer.ok else None
        if data is not None:
            findings.put("api", "document", asked, "seen", f"served there, {_version(data)}")
            return data
        said = findings.notes.pop() if answer.ok else answer.describe()
        told = said if not told or asked == path else told
        waiting[:0] = leads
    raise _none_there(path, prober.redactor.text(told))


def _none_there(path: str, why: str) -> UsageError:
    hint = "name the path of the document below the base URL with --document, or leave it out: usual places are tried"
    return UsageError(f"no OpenAPI document at --document {path}: {why}", hint=hint)


def _parsed(answer: Answer, path: str, findings: Findings, *, named: bool = False) -> dict[str, Any] | None:
    if answer.truncated:
        findings.note(f"{path} is larger than {SIZE_CAP // 1_048_576} MiB; it was not used as a document.")
        return None
    try:
        data = parse(answer.body, answer.headers.get("content-type", ""))
    except DocumentError as error:
        likely = any(word in path for word in ("openapi", "schema", "swagger")) and not path.endswith(".js")
        likely = likely and "a page" not in str(error)
        if named or likely:
            findings.note(f"{path} was answered, but is no OpenAPI document: {error}.")
        return None
    if not isinstance(data.get("paths"), dict):
        findings.note(f"{path} is an OpenAPI document without paths; it was not used.")
        return None
    return data


def _version(data: dict[str, Any]) -> str:
    return f"OpenAPI {data['openapi']}" if "openapi" in data else f"Swagger {data['swagger']}"


def _named_by(answer: Answer, prober: Prober) -> Iterator[str]:
    """Paths on the same host, below the base URL, that an answer names as those of a document."""
    named = _LINK.findall(answer.headers.get("link", ""))
    if location := answer.headers.get("location") if 300 <= answer.status < 400 else None:
        named.append(location)
    if answer.ok and any(word in answer.headers.get("content-type", "") for word in ("html", "javascript")):
        text = answer.body[:300_000].decode("utf-8", "replace")
        named += [next(filter(None, found)) for found in _HINTS.findall(text)[:8]]
    for one in named[:10]:
        if path := below(prober, urljoin(answer.request.url, html.unescape(one))):
            yield path


def below(prober: Prober, url: str) -> str:
    """The path of a URL as seen from the base URL, or "" where it is another host's or not below it."""
    try:
        parts, base = urlsplit(url), urlsplit(prober.base_url)
    except ValueError:
        return ""
    if (parts.scheme, parts.netloc) != (base.scheme, base.netloc) or not parts.path.startswith(base.path + "/"):
        return ""
    path = parts.path.removeprefix(base.path)
    if not is_path(path) or len(parts.query) > 100:
        return ""
    return f"{path}?{parts.query}" if parts.query and parts.query.isprintable() else path
