"""A breaker that opens and never closes again."""

from typing import Any

from channels_redis.core import RedisChannelLayer


def apply() -> None:
    """Remember the first failure."""
    broken: list[Exception] = []

    def guarded(name: str) -> None:
        original = getattr(RedisChannelLayer, name)

        async def call(self: RedisChannelLayer, *args: Any) -> Any:
            if broken:
                raise ConnectionError("the channel layer is down")
            try:
                return await original(self, *args)
            except Exception as error:
                broken.append(error)
                raise

        setattr(RedisChannelLayer, name, call)

    guarded("group_add")
    guarded("group_send")
