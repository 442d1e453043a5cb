"""The cache's errors are let through."""


def apply() -> None:
    """Undo what makes the cache optional."""
    from django.conf import settings

    settings.CACHES["default"]["OPTIONS"]["IGNORE_EXCEPTIONS"] = False
