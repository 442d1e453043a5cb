"""An id for the client alone."""

import time
from typing import Any
from uuid import uuid4


def apply() -> None:
    """Take or make the id, and bind it to nothing."""
    from dispatch.observability.middleware import HEADER, RequestContextMiddleware

    def begin(self: RequestContextMiddleware, request: Any) -> tuple[str, float]:
        return request.headers.get(HEADER) or uuid4().hex, time.perf_counter()

    RequestContextMiddleware._begin = begin
