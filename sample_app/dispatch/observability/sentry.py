"""Error tracking, for deployments that have a DSN. This module is imported by no other."""

import sentry_sdk
from sentry_sdk.types import Event, Hint


def without_query(event: Event, _hint: Hint) -> Event:
    """Clients put tokens into query strings, and the SDK hides none there."""
    request = event.get("request", {})
    request.pop("query_string", None)
    return event


def start_sentry(dsn: str) -> None:
    """Report unhandled errors; no personal data, no request bodies, no query strings."""
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=without_query,
    )
