"""A task logs under the id of the request that asked for it."""

from typing import Any

import structlog
from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

HEADER = "dispatch_request_id"


@before_task_publish.connect
def send_request_id(headers: dict[str, Any], **_: Any) -> None:
    """Put the current request's id beside the message."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers[HEADER] = request_id


@task_prerun.connect
def bind_request_id(task_id: str, task: Task, **_: Any) -> None:
    """Bind the ids to everything that the task logs."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
    request_id = getattr(task.request, HEADER, None)
    if request_id:
        structlog.contextvars.bind_contextvars(request_id=request_id)


@task_postrun.connect
def forget_request_id(**_: Any) -> None:
    """The next task of this process is another story."""
    structlog.contextvars.clear_contextvars()
