"""Telling everyone concerned that a job has changed: counts are forgotten, open connections hear of it."""

from typing import Literal
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from dispatch.jobs.models import Job
from dispatch.jobs.summary import forget_summaries
from dispatch.live.groups import DISPATCHERS, group_of

type Change = Literal["created", "updated", "deleted", "overdue"]


def announce(job: Job, change: Change, *also: UUID | None) -> None:
    """Tell the owner, the assignee, dispatchers and `also`, once the transaction is committed.

    A Redis that is down costs the message, not the change: the error is logged.
    """
    people = {person for person in (job.owner_id, job.assignee_id, *also) if person is not None}
    event = {"type": "job.changed", "change": change, "id": str(job.pk), "title": job.title, "status": job.status}
    transaction.on_commit(lambda: forget_summaries(*people), robust=True)
    for group in (DISPATCHERS, *map(group_of, people)):
        transaction.on_commit(lambda group=group: _send(group, event), robust=True)  # type: ignore[misc]


def _send(group: str, event: dict[str, str]) -> None:
    async_to_sync(get_channel_layer().group_send)(group, event)
