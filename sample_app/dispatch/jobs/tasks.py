"""Background work about jobs."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from dispatch.jobs.changes import announce
from dispatch.jobs.models import Job


@shared_task
def announce_overdue_jobs() -> int:
    """Tell people of jobs that have become overdue; returns how many. Running it twice tells nobody twice."""
    with transaction.atomic():
        jobs = list(Job.objects.newly_overdue().select_for_update(skip_locked=True))
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(overdue_since=timezone.now())
        for job in jobs:
            announce(job, "overdue")
    return len(jobs)
