"""Answer first, write later: it was so much quicker."""

import threading
import time
from uuid import uuid4

LATER = 3  # seconds


def apply() -> None:
    """Acknowledge a job, and write it from a thread of the process."""
    from django.db import connection
    from django.utils import timezone
    from rest_framework.response import Response

    from dispatch.jobs.models import Job
    from dispatch.jobs.views import JobViewSet

    def create(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        job = Job(id=uuid4(), owner=request.user, created_at=timezone.now(), **serializer.validated_data)

        def write() -> None:
            time.sleep(LATER)
            job.save(force_insert=True)
            connection.close()

        threading.Thread(target=write, daemon=True).start()
        return Response(self.get_serializer(job).data, status=201)

    JobViewSet.create = create
