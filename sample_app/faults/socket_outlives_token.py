"""The token was good when the connection was made."""


def apply() -> None:
    """Never look at the clock again."""
    from dispatch.live.consumers import JobsConsumer

    async def _close_at(self: JobsConsumer, moment: float) -> None:
        return None

    JobsConsumer._close_at = _close_at
