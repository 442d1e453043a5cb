"""gunicorn's own settings, which it reads from the folder that it is started in: its lines are JSON like all others."""

from dispatch.observability.logs import logging_config

logconfig_dict = logging_config("INFO")
for name in ("gunicorn.error", "gunicorn.access"):
    logconfig_dict["loggers"][name] = {"handlers": [], "propagate": True}
