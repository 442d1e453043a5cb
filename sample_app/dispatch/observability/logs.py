"""Logs as JSON lines, of this service and of its libraries alike, without secrets."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest

SECRET_NAMES = re.compile(
    r"password|secret|token|authorization|cookie|signing_key|dsn|^(access|refresh)$", re.IGNORECASE
)
SECRET_SHAPES = (
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"(\w+://[^\s:/@]*:)[^\s@]+@"), r"\1[redacted]@"),
    (re.compile(r"(argon2(?:id|i|d)?\$|pbkdf2_sha256\$)\S+"), r"\1[redacted]"),
)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace secrets, known by the name that they are logged under or by their shape, at any depth."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(name: str, value: Any) -> Any:
    if SECRET_NAMES.search(name) and value:
        return "[redacted]"
    if isinstance(value, str):
        for shape, replacement in SECRET_SHAPES:
            value = shape.sub(replacement, value)
    elif isinstance(value, HttpRequest):  # Django's own lines bring it; its text holds the query string
        return f"{value.method} {value.path}"
    elif isinstance(value, Mapping):
        return {key: _redacted(str(key), inner) for key, inner in value.items()}
    elif isinstance(value, list | tuple):
        return [_redacted("", inner) for inner in value]
    return value


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_structlog() -> None:
    """Send structlog's events through the standard library's handlers, so that there is one stream."""
    structlog.configure(
        processors=[
            *SHARED_PROCESSORS,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_config(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything at `level` and above as JSON on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED_PROCESSORS,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    redact,
                    structlog.processors.JSONRenderer(default=str),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # The middleware logs every request; below an error Django would only say it twice.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
