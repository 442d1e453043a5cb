"""Where a finding is shown: a line of the project where a check saw one, and the clause of the specification."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from stackproof.report.model import Report, RequirementPart
from stackproof.verdict import Verdict

MOST = 10  # places of one finding
# What ends like a file of a project: db.example.com:5432 is a place to connect to, and no line of a file.
_ENDINGS = "py|toml|txt|lock|cfg|ini|in|json|ya?ml|env|conf|md|sh|sql|html|js|ts|service|Dockerfile|Containerfile"
_LINE = re.compile(
    rf"(?<![\w/.:@-])((?:[\w.@+-]{{1,80}}/){{0,12}}(?:[\w.@+-]{{0,80}}\.)?(?:{_ENDINGS})):(\d{{1,7}})\b(?!\.\d)"
)


def places_of(one: RequirementPart, report: Report) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(locations, related locations): lines of the project first, else the clause, which is always related."""
    clause = _location(report.specification.path, one.line, f"the clause: {one.text}")
    found = dict.fromkeys(_lines(one))
    project = [_location(path, line, "") for path, line in list(found)[:MOST]]
    return (project or [_location(report.specification.path, one.line, "")], [{"id": 1, **clause}])


def _lines(one: RequirementPart) -> Iterator[tuple[str, int]]:
    """file:line of what the violated checks saw, told in words or kept as evidence."""
    for check in one.checks:
        if check.verdict is not Verdict.VIOLATED:
            continue
        for text in (check.seen, *(part.title for part in check.evidence if part.kind == "file")):
            for path, line in _LINE.findall(text[:4_000]):
                yield path, max(1, int(line))
        for part in check.evidence:
            if part.kind in {"file", "setting", "command"}:
                yield from _kept(part.detail)


def _kept(value: Any, depth: int = 0) -> Iterator[tuple[str, int]]:
    """`{"file": …, "line": …}` wherever it stands in a detail."""
    if depth > 4:
        return
    if isinstance(value, Mapping):
        path, line = value.get("file"), value.get("line")
        if isinstance(path, str) and isinstance(line, int) and line > 0 and 0 < len(path) < 400:
            yield path, line
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        for one in value[:100]:
            yield from _kept(one, depth + 1)
    elif isinstance(value, str) and depth:
        for path, line in _LINE.findall(value[:400]):
            yield path, max(1, int(line))


def _location(path: str, line: int, message: str) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": uri_of(path)}, "region": {"startLine": max(1, line)}}
    }
    return place | ({"message": {"text": message}} if message else {})


def uri_of(path: str) -> str:
    """A path as a URI: a relative one stays relative, so that a host finds it in the repository."""
    if path.startswith("/") and path.endswith("/spec/tech-stack.md"):  # the harness's own, wherever it is installed
        return "spec/tech-stack.md"
    encoded = quote(path.encode("utf-8", "replace").replace(b"\\", b"/"), safe="/")[:2_000]
    return f"file://{encoded}" if path.startswith("/") else encoded or "specification"
