"""The id is for us, somebody said."""

from typing import Any


def apply() -> None:
    """Take the header off again."""
    from dispatch.observability.middleware import HEADER, RequestContextMiddleware

    original = RequestContextMiddleware._end

    def end(self: RequestContextMiddleware, *arguments: Any) -> Any:
        answer = original(self, *arguments)
        del answer.headers[HEADER]
        return answer

    RequestContextMiddleware._end = end
