"""A service against its own OpenAPI document: made-up requests, and answers that have to fit.

The requests are made up in a process without network (`stackproof.api.offline.generate`); they are sent from here,
by the client of the run: to the target alone, at its pace, within its time.
"""

from __future__ import annotations

import base64
import json
import select
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from stackproof.api.client import Api
from stackproof.api.known import Known
from stackproof.api.offline import needs_extra, process_of
from stackproof.api.openapi import references
from stackproof.api.operations import Operation, resolved
from stackproof.check import NotAssessed, not_assessed
from stackproof.target.http import Answer
from stackproof.target.messages import merged

SECONDS = 30.0  # for the requests of one check
START_WITHIN = 60.0  # seconds until the first request is made up
EXAMPLES = 12  # requests of one operation, at most
OPERATIONS = 80  # that are tried
REQUESTS = 240
MUTE = 3  # requests without an answer after which an operation is left alone
_LEFT_ALONE = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "cookie"})


@dataclass(frozen=True, slots=True)
class Deviation:
    """An answer that the document does not foresee; the first of its kind of an operation.

    Attributes:
        request: method and URL.
    """

    operation: str
    status: int
    kind: str
    detail: str
    request: str

    @property
    def described(self) -> str:
        """One line for a reason."""
        return f"{self.request} answered {self.status}: {self.kind}{f' ({self.detail})' if self.detail else ''}"


@dataclass
class Conformance:
    """What was tried and what came of it.

    Attributes:
        chosen: how many operations were to be used.
        statuses: by operation.
        made: (operation, answer) of creations that succeeded.
        known: resources that are there, so that one of each collection is read.
    """

    chosen: int = 0
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    deviations: dict[tuple[str, int, str], Deviation] = field(default_factory=dict)
    unusable: list[str] = field(default_factory=list)
    made: list[tuple[str, Answer]] = field(default_factory=list)
    known: Known = field(default_factory=Known)
    mute: Counter[str] = field(default_factory=Counter)
    cut_short: bool = False

    @property
    def requests(self) -> int:
        """How many were answered."""
        return sum(sum(one.values()) for one in self.statuses.values())

    @property
    def served(self) -> list[str]:
        """Operations that answered with a success at least once."""
        return [name for name, seen in self.statuses.items() if any(200 <= status < 300 for status in seen)]


def try_document(api: Api, operations: Sequence[Operation], remaining: float) -> Conformance:
    """Use each operation a few times with values that its document allows.

    Args:
        remaining: seconds of the run's budget.

    Raises:
        NotAssessed: schemathesis is not installed, or made nothing of the document.
    """
    needs_extra("schemathesis", "requests")
    chosen, left_out = _usable(api, operations)
    if not chosen:
        not_assessed("no operation of the document can be used: every one is excluded or refers to other documents")
    result = Conformance(chosen=len(chosen), unusable=left_out)
    task = {
        "document": without_remote_references(api.document.data),
        "operations": [[one.method, one.template] for one in chosen],
        "base_url": api.root,
        "seconds": max(1.0, min(SECONDS, remaining / 3)),
        "examples": EXAMPLES,
    }
    with process_of("generate") as process:
        _converse(api, process, task, {one.name: one for one in chosen}, result, remaining)
    if not result.requests:
        why = result.unusable[0] if result.unusable else "its time was up" if result.cut_short else "none was possible"
        not_assessed(f"no request could be made up from the document and answered ({why})")
    return result


def without_remote_references(data: Any) -> Any:
    """A copy in which what leads out of the document allows anything."""
    if isinstance(data, dict):
        reference = data.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            return {}
        return {key: without_remote_references(one) for key, one in data.items()}
    return [without_remote_references(one) for one in data] if isinstance(data, list) else data


def _usable(api: Api, operations: Sequence[Operation]) -> tuple[list[Operation], list[str]]:
    """Those that stay inside of the document, spread over it, and the names of those that do not."""
    data = api.document.data
    inside = [one for one in operations if not _leads_out(data, one)]
    outside = [f"{one.name} (refers to another document)" for one in operations if _leads_out(data, one)]
    step = max(1, -(-len(inside) // OPERATIONS))
    return inside[::step], outside


def _leads_out(data: Mapping[str, Any], operation: Operation) -> bool:
    todo, seen = [{"item": operation.item, "parameters": list(operation.parameters)}], set()
    while todo:
        for reference in references(todo.pop()):
            if not reference.startswith("#"):
                return True
            if reference not in seen:
                seen.add(reference)
                todo.append({"target": resolved(data, {"$ref": reference})})
    return False


def _converse(
    api: Api,
    process: subprocess.Popen[bytes],
    task: Mapping[str, Any],
    operations: Mapping[str, Operation],
    result: Conformance,
    remaining: float,
) -> None:
    """Send what the process makes up, and tell it the answers, until it is done or the time is up."""
    until = time.monotonic() + min(START_WITHIN + float(task["seconds"]), remaining)
    if process.stdin is None or process.stdout is None:  # pragma: no cover - both are pipes
        return
    try:
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
        for message in _messages(process, until):
            if message.get("done"):
                result.unusable += [str(one) for one in message["unusable"]]
                result.cut_short = bool(message["cut_short"])
                return
            if "failure" in message:
                _keep(result, message["failure"])
                continue
            told = _answer_to(api, message, operations, result)
            process.stdin.write(json.dumps(told).encode() + b"\n")
            process.stdin.flush()
    except BrokenPipeError:
        pass
    result.cut_short = True


def _messages(process: subprocess.Popen[bytes], until: float) -> Iterator[dict[str, Any]]:
    """Lines of the process, each a JSON object, until it ends or the time is up."""
    stdout = process.stdout
    assert stdout is not None
    buffered = b""
    while True:
        line, newline, rest = buffered.partition(b"\n")
        if newline:
            buffered = rest
            yield json.loads(line)
            continue
        ready, _, _ = select.select([stdout], [], [], max(0.0, until - time.monotonic()))
        chunk = stdout.read1(65_536) if ready else b""  # type: ignore[attr-defined]
        if not chunk:
            return
        buffered += chunk


def _keep(result: Conformance, failure: Mapping[str, Any]) -> None:
    found = Deviation(
        str(failure["operation"]), int(failure["status"]), str(failure["kind"]), str(failure["detail"]),
        str(failure["request"])[:500],
    )  # fmt: skip
    result.deviations.setdefault((found.operation, found.status, found.kind), found)


def _answer_to(
    api: Api, message: Mapping[str, Any], operations: Mapping[str, Operation], result: Conformance
) -> dict[str, Any] | None:
    method, url = str(message["method"]), str(message["url"])
    name = _operation_of(method, url, api.root, operations)
    if result.requests + sum(result.mute.values()) >= REQUESTS or result.mute[name] >= MUTE:
        return None
    if method == "GET" and name in operations and (place := result.known.place_of(operations[name].template)):
        seen = result.statuses.get(name, Counter())
        if not any(200 <= one < 300 for one in seen) or sum(seen.values()) % 2:
            url = api.root + place + url[len(url.partition("?")[0]) :]
    carried = merged(api.carried, api.proof(method))
    headers = {key: value for key, value in message["headers"].items() if key.lower() not in _LEFT_ALONE}
    own = {key.lower() for key in carried.get("headers", {})}
    headers = {key: value for key, value in headers.items() if key.lower() not in own}
    content = base64.b64decode(message["content"])
    given = {"headers": {**headers, **carried.get("headers", {})}, "cookies": carried.get("cookies", {})}
    try:
        answer = api.send(method, url, given, content=content or None)
    except NotAssessed:
        answer = None
    if answer is None:
        result.mute[name] += 1
        return None
    result.statuses.setdefault(name, Counter())[answer.status] += 1
    if method == "POST" and answer.status == 201:
        result.made.append((name, answer))
    if name in operations:
        result.known.learn(method, operations[name].template, answer)
    return {
        "url": url,
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": base64.b64encode(answer.body).decode(),
        "truncated": answer.truncated,
    }


def _operation_of(method: str, url: str, root: str, operations: Mapping[str, Operation]) -> str:
    """The name of the operation that a URL is of: the one whose template has the most literal parts in common."""
    parts = urlsplit(url).path.removeprefix(urlsplit(root).path).split("/")
    best, score = f"{method} {url.partition('?')[0]}", -1
    for name, operation in operations.items():
        template = operation.template.split("/")
        if operation.method != method or len(template) != len(parts):
            continue
        literal = [one == other for one, other in zip(template, parts, strict=True) if "{" not in one]
        if all(literal) and len(literal) > score:
            best, score = name, len(literal)
    return best
