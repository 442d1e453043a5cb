"""Retries without back-off and without an end."""


def apply() -> None:
    """Change the one task that retries by itself."""
    from dispatch.background.tasks import flush_expired_tokens

    flush_expired_tokens.retry_backoff = False
    flush_expired_tokens.max_retries = None
