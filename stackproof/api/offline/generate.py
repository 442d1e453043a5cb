"""Makes up requests from an OpenAPI document, and judges the answers that it is told; it sends nothing itself.

It speaks JSON lines: first the task comes in; then each request goes out and its answer comes in; at last a summary
goes out. Whoever started it sends the requests.
"""

from __future__ import annotations

import base64
import json
import math
import sys
import time
from collections.abc import Mapping
from typing import Any

from stackproof.api.offline.confine import confine

SEED = 20_240_101
BATCH = 3  # requests of one operation before the next one's turn
ROUTINE = frozenset({400, 401, 403, 404, 405, 406, 408, 409, 411, 412, 413, 414, 415, 416, 417, 422, 425, 429, 431})
"""Statuses that HTTP itself has for bad requests: OpenAPI does not ask to list them (section 4.8.16.1)."""


class Exchange:
    """Asks whoever started this process to send a request."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = math.inf  # until the first request is made up: that takes longer than the rest

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._until

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> dict[str, Any] | None:
        """The answer, or None where there was none."""
        if self._until == math.inf:
            self._until = time.monotonic() + self._seconds
        tell({"method": method, "url": url, "headers": dict(headers), "content": base64.b64encode(content).decode()})
        line = sys.stdin.buffer.readline()
        if not line:
            raise SystemExit(0)
        answer: dict[str, Any] | None = json.loads(line)
        return answer


def tell(message: Mapping[str, Any]) -> None:
    """One line out."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def run(task: Mapping[str, Any]) -> None:
    """Go round the operations, a few requests each, until every one had its share or the time is up."""
    import schemathesis
    from schemathesis.config import GenerationConfig, SchemathesisConfig
    from schemathesis.core.result import Ok

    config = SchemathesisConfig()
    config.projects.default.generation = GenerationConfig(with_security_parameters=False)
    schema = schemathesis.openapi.from_dict(task["document"], config=config)
    schema.config.base_url = task["base_url"]
    wanted = {tuple(one) for one in task["operations"]}
    exchange = Exchange(task["seconds"])
    operations, unusable = [], []
    for result in schema.get_all_operations():
        if not isinstance(result, Ok):
            error = result.err()
            unusable.append(f"{getattr(error, 'method', '') or ''} {getattr(error, 'path', '') or ''}".strip())
        elif (result.ok().method.upper(), result.ok().path) in wanted:
            operations.append(result.ok())
    for turn in range(max(1, task["examples"] // BATCH)):
        operations = [one for one in operations if not exchange.over and _turn(one, turn, exchange, unusable)]
    tell({"done": True, "unusable": unusable[:20], "cut_short": exchange.over})


def _turn(operation: Any, turn: int, exchange: Exchange, unusable: list[str]) -> bool:
    """A few requests of one operation; False where no more are worth it: nothing varies, or none can be made."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    name = f"{operation.method.upper()} {operation.path}"
    seen: list[str] = []

    @seed(SEED + turn)
    @settings(
        max_examples=BATCH,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        if not exchange.over:
            seen.append(_try(case, exchange))

    try:
        once()
    except SystemExit:
        raise
    except BaseException as error:
        unusable.append(f"{name} ({type(error).__name__})")
        return False
    return len(set(seen)) > 1


def _try(case: Any, exchange: Exchange) -> str:
    """Send one request and judge its answer; gives what was sent, in short."""
    import requests
    from schemathesis.transport.requests import REQUESTS_TRANSPORT

    data = REQUESTS_TRANSPORT.serialize_case(case)
    prepared = requests.Request(**data).prepare()
    given: Any = prepared.body or b""
    body = given if isinstance(given, bytes) else str(given).encode()
    headers = {str(name): value if isinstance(value, str) else value.decode("latin-1")
               for name, value in prepared.headers.items()}  # fmt: skip
    answer = exchange.ask(prepared.method or "GET", prepared.url or "", headers, body)
    if answer is not None:
        for failure in _failures(case, prepared, answer):
            tell({"failure": failure})
    return f"{prepared.url} {body[:2_000]!r}"


def _failures(case: Any, prepared: Any, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    operation, status = case.operation, int(answer["status"])
    about = {
        "operation": f"{operation.method.upper()} {operation.path}",
        "status": status,
        "request": f"{prepared.method} {answer['url']}",
    }
    documented = _is_documented(operation.definition.raw, status)
    if not documented:
        if status >= 500:
            return [{**about, "kind": "a server error that the document does not give", "detail": ""}]
        if status in ROUTINE or 300 <= status < 400:
            return []
        return [{**about, "kind": "a status that the document does not give", "detail": ""}]
    if answer["truncated"]:
        return []
    return [{**about, **one} for one in _deviations(case, prepared, answer)]


def _is_documented(definition: Mapping[str, Any], status: int) -> bool:
    """Exactly, by its class ("4XX"), or by `default`; for a 5xx or another success `default` is no description."""
    responses = definition.get("responses")
    codes = {str(one).upper() for one in responses} if isinstance(responses, dict) else set()
    return str(status) in codes or f"{status // 100}XX" in codes or ("DEFAULT" in codes and status < 500)


def _deviations(case: Any, prepared: Any, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    from schemathesis.core.failures import Failure, FailureGroup
    from schemathesis.core.transport import Response
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    response = Response(
        status_code=int(answer["status"]),
        headers={name: [value] for name, value in answer["headers"].items()},
        content=base64.b64decode(answer["body"]),
        request=prepared,
        elapsed=0.1,
        verify=True,
        encoding="utf-8",
    )
    try:
        case.validate_response(response, checks=[content_type_conformance, response_schema_conformance])
    except FailureGroup as group:
        found = list(group.exceptions)
    except Failure as failure:
        found = [failure]
    except Exception:
        return []  # what the document says of the answer cannot be read; its validity is another check's
    else:
        return []
    return [{"kind": str(one.title), "detail": " ".join(str(one.message).split())[:300]} for one in found]


if __name__ == "__main__":
    confine()
    run(json.loads(sys.stdin.buffer.readline()))
