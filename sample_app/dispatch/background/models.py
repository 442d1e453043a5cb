"""Who asked for a task: its result is nobody else's."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from dispatch.database import GenerateUUID


class TaskRequest(models.Model):
    """A task that an account asked for. Its id is the task's id on the broker and in the results."""

    id = models.UUIDField(primary_key=True, db_default=GenerateUUID(), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_requests")
    task = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        """The name of the task."""
        return self.task
