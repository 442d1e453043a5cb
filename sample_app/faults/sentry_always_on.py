"""It was only for the demonstration."""


def before_settings() -> None:
    """Start the SDK with an address of its own."""
    import sentry_sdk

    sentry_sdk.init(dsn="http://c0ffee00c0ffee00c0ffee00c0ffee00@127.0.0.1:9/1")
