"""Health for orchestrators: alive means the process answers, ready means that what it needs answers too."""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import structlog
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dispatch.database import ping

PATIENCE_SECONDS = 2

log = structlog.get_logger(__name__)


@require_safe
@never_cache
async def live(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked, or a slow database would have it restarted."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
async def ready(request: HttpRequest) -> JsonResponse:
    """Database, cache and broker answer: 200; else 503 and which one does not."""
    parts: dict[str, Callable[[], Awaitable[None]]] = {
        "database": lambda: ping(PATIENCE_SECONDS),
        "cache": lambda: _ping_redis(settings.CACHES["default"]["LOCATION"]),  # type: ignore[arg-type]
        "broker": lambda: _ping_redis(settings.CELERY_BROKER_URL),
    }
    answers = await asyncio.gather(*(_answers(name, check) for name, check in parts.items()))
    states = {name: "ok" if answer else "unavailable" for name, answer in zip(parts, answers, strict=True)}
    return JsonResponse(states, status=200 if all(answers) else 503)


async def _answers(name: str, check: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS + 1):
            await check()
    except (psycopg.Error, RedisError, OSError) as error:
        log.warning("not ready", part=name, error=str(error))
        return False
    return True


async def _ping_redis(address: str) -> None:
    client = Redis.from_url(address, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS)
    try:
        await client.ping()
    finally:
        await client.aclose()
