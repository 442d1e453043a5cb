"""Somebody made the pool larger to get rid of waiting requests."""


def before_settings() -> None:
    """Let each process open three hundred connections."""
    import os

    os.environ["DISPATCH_DATABASE_POOL_SIZE"] = "300"
