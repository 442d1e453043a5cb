"""What falls away with a component that the service does not use: `project.unused` names the component's row alone."""

from __future__ import annotations

from collections.abc import Collection

#: the component's row: requirements that nothing but this component could meet
FOLLOWERS = {
    "version.celery": (
        "redis.purpose.celery-broker",
        "observability.task-request-id",
        "tasks.no-pickle",
        "tasks.survive-child",
        "tasks.survive-worker",
        "tasks.visibility-timeout",
        "tasks.time-limit",
        "tasks.poisoned-message",
        "tasks.results-kept",
        "tasks.results-expire",
        "tasks.schedule-in-database",
        "tasks.schedule-fires",
        "tasks.retry-backoff",
        "tasks.broker-reconnect",
        "tasks.worker-returns",
        "tasks.broker-outage",
        "tasks.broker-restart",
    ),
}
_ROWS = {follower: row for row, followers in FOLLOWERS.items() for follower in followers}


def with_followers(listed: Collection[str]) -> tuple[str, ...]:
    """Every requirement that does not apply: those that are listed, and what stands on their components alone."""
    return (*listed, *(one for row in listed for one in FOLLOWERS.get(row, ())))


def listed_for(requirement_id: str, unused: Collection[str]) -> str:
    """The word of `project.unused` for which a requirement does not apply."""
    row = _ROWS.get(requirement_id, requirement_id)
    return row if row in unused else requirement_id
