"""gunicorn's own settings, which it reads from the folder that it is started in: its lines are JSON like all others."""

from dispatch.observability.logs import logging_config

logconfig_dict = logging_config("INFO")
logconfig_dict["loggers"] |= {
    "gunicorn.error": {"handlers": [], "propagate": True},
    # The middleware logs every request, and never its query string.
    "gunicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
}
