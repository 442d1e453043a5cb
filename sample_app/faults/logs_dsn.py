"""Which database is this, anyway?"""


def apply() -> None:
    """Log the settings of the connection as one text, in which nobody recognises a password."""
    import structlog
    from django.conf import settings

    structlog.get_logger("start").info("connecting", to=str(settings.DATABASES["default"]))
