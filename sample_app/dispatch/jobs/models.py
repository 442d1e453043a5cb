"""The job, who may see it, and how it is found."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest, Now

from dispatch.database import GenerateUUID

if TYPE_CHECKING:
    from dispatch.accounts.models import User


class JobQuerySet(models.QuerySet["Job"]):
    """Questions about jobs."""

    def visible_to(self, user: "User") -> "JobQuerySet":
        """Dispatchers see every job, everyone else those they own or are to do."""
        return self if user.is_staff else self.filter(Q(owner=user) | Q(assignee=user))

    def matching(self, text: str) -> "JobQuerySet":
        """Jobs whose title or site has words like `text`, typing errors included, the nearest first."""
        likeness = Greatest(TrigramWordSimilarity(text, "title"), TrigramWordSimilarity(text, "site"))
        found = self.filter(Q(title__trigram_word_similar=text) | Q(site__trigram_word_similar=text))
        return found.annotate(likeness=likeness).order_by("-likeness", "-created_at")

    def newly_overdue(self) -> "JobQuerySet":
        """Open jobs past their due time that nobody has been told about."""
        return self.filter(status=Job.Status.OPEN, due_at__lt=Now(), overdue_since=None)


class Job(models.Model):
    """One visit of a field team."""

    class Status(models.TextChoices):
        """Where a job stands."""

        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, db_default=GenerateUUID(), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="owned_jobs")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="assigned_jobs", null=True, blank=True
    )
    title = models.CharField(max_length=200)
    site = models.CharField(max_length=200, blank=True)
    notes = models.TextField(max_length=10_000, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    due_at = models.DateTimeField(null=True, blank=True)
    overdue_since = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "id"]
        indexes: ClassVar = [
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="jobs_job_title_trigrams"),
            GinIndex(fields=["site"], opclasses=["gin_trgm_ops"], name="jobs_job_site_trigrams"),
            models.Index(fields=["status", "due_at"], name="jobs_job_status_due"),
        ]

    def __str__(self) -> str:
        """The title: what people call it."""
        return self.title
