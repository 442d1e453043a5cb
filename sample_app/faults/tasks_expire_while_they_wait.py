"""Tasks expire sooner than a worker starts."""


def apply() -> None:
    """Give the task that clients may ask for one second."""
    from dispatch.background.tasks import echo

    echo.expires = 1
