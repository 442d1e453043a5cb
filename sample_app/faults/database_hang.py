"""A pool whose time-out was raised once, against errors at night."""


def apply() -> None:
    """Let a request wait for a connection as long as it takes."""
    from django.conf import settings

    settings.DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 600
