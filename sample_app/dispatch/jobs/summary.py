"""Counts of a person's jobs, kept in the cache: the first screen of the mobile client asks for them all the time."""

from django.core.cache import cache
from django.db.models import Count, Q

from dispatch.accounts.models import User
from dispatch.jobs.models import Job

SECONDS_KEPT = 30


def _key(user_id: object) -> str:
    return f"jobs-summary:{user_id}"


async def summary_for(user: User) -> dict[str, int]:
    """Counts by status, from the cache where they are fresh."""
    kept: dict[str, int] | None = await cache.aget(_key(user.pk))
    if kept is None:
        counts = {status.value: Count("pk", filter=Q(status=status)) for status in Job.Status}
        overdue = Count("pk", filter=Q(status=Job.Status.OPEN, overdue_since__isnull=False))
        kept = await Job.objects.visible_to(user).order_by().aaggregate(**counts, overdue=overdue)
        await cache.aset(_key(user.pk), kept, SECONDS_KEPT)
    return kept


def forget_summaries(*user_ids: object) -> None:
    """Drop the counts of these people, because one of their jobs has changed."""
    cache.delete_many([_key(user_id) for user_id in user_ids])
