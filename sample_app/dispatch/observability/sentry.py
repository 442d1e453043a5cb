"""Error tracking, for deployments that have a DSN. This module is imported by no other."""

import sentry_sdk


def start_sentry(dsn: str) -> None:
    """Report unhandled errors; no personal data, no request bodies."""
    sentry_sdk.init(dsn=dsn, send_default_pii=False, max_request_body_size="never", include_local_variables=False)
