"""The defaults of the SDK, which leave the query string alone."""


def before_settings() -> None:
    """Start the SDK with its defaults."""
    import sentry_sdk

    from dispatch.observability import sentry

    sentry.start_sentry = lambda dsn: sentry_sdk.init(dsn=dsn)
