"""The line that starts the SDK was lost in a merge."""


def before_settings() -> None:
    """Start nothing."""
    from dispatch.observability import sentry

    sentry.start_sentry = lambda dsn: None
