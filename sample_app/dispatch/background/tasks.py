"""Tasks of the service itself."""

import time

from celery import shared_task
from django.core.management import call_command
from django.db import OperationalError


@shared_task
def echo(text: str, seconds: float = 0.0) -> dict[str, str]:
    """Answer with `text` after `seconds`: proves that broker, worker and results work together."""
    time.sleep(seconds)
    return {"text": text}


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def flush_expired_tokens() -> None:
    """Delete refresh tokens that have expired, with their rows in the blacklist."""
    call_command("flushexpiredtokens")
