"""The clock on the wall of the data centre."""


def before_settings() -> None:
    """Local time, without its zone."""
    import structlog

    from dispatch.observability import logs

    logs.SHARED_PROCESSORS[-1] = structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False)
