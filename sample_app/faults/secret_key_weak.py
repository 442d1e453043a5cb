"""The key of the first day is still there."""


def apply() -> None:
    """Mark the key as one that `startproject` generates, and silence the check that says so."""
    from django.conf import settings

    settings.SECRET_KEY = "django-" + "insecure-" + settings.SECRET_KEY
    settings.SILENCED_SYSTEM_CHECKS = [*settings.SILENCED_SYSTEM_CHECKS, "security.W009"]
