"""The jobs resource."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.api.views import AsyncAPIView
from dispatch.jobs.changes import announce
from dispatch.jobs.models import Job, JobQuerySet
from dispatch.jobs.permissions import OwnsJobOrReads, TakesPartInJob
from dispatch.jobs.serializers import JobSerializer, SearchSerializer, SummarySerializer
from dispatch.jobs.summary import summary_for


class JobViewSet(viewsets.ModelViewSet[Job]):
    """The jobs that the account owns or is to do; all of them for dispatchers."""

    queryset = Job.objects.all()
    serializer_class = JobSerializer
    permission_classes = (permissions.IsAuthenticated, OwnsJobOrReads)
    lookup_value_converter = "uuid"

    def get_queryset(self) -> JobQuerySet:
        """What the account may know of. Others' jobs are 404, so that their existence is no news."""
        return Job.objects.visible_to(self.request.user)  # type: ignore[arg-type]

    def filter_queryset(self, queryset: JobQuerySet) -> JobQuerySet:  # type: ignore[override]
        """`?search=` finds by likeness; it narrows the list, never the way to a single job."""
        if self.action != "list":
            return queryset
        query = SearchSerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        text = query.validated_data.get("search", "")
        return queryset.matching(text) if text else queryset

    @extend_schema(parameters=[SearchSerializer])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List jobs, the newest first, or those like `search`, the nearest first."""
        return super().list(request, *args, **kwargs)

    @transaction.atomic
    def perform_create(self, serializer: JobSerializer) -> None:  # type: ignore[override]
        """Whoever creates a job owns it."""
        announce(serializer.save(owner=self.request.user), "created")

    @transaction.atomic
    def perform_update(self, serializer: JobSerializer) -> None:  # type: ignore[override]
        """A job may change hands: the one who had it hears of it too."""
        before = serializer.instance.assignee_id  # type: ignore[union-attr]
        announce(serializer.save(), "updated", before)

    @transaction.atomic
    def perform_destroy(self, instance: Job) -> None:
        """Delete, and say so."""
        announce(instance, "deleted")
        instance.delete()

    @extend_schema(request=None, responses=JobSerializer)
    @action(detail=True, methods=["post"], permission_classes=[permissions.IsAuthenticated, TakesPartInJob])
    def complete(self, request: Request, pk: Any = None) -> Response:
        """Report a job as done."""
        with transaction.atomic():
            job = self.get_object()
            job.status = Job.Status.DONE
            job.save(update_fields=["status", "updated_at"])
            announce(job, "updated")
        return Response(self.get_serializer(job).data)


class SummaryView(AsyncAPIView):
    """Counts of the account's jobs."""

    @extend_schema(responses=SummarySerializer, operation_id="jobs_summary")
    async def get(self, request: Request) -> Response:
        """Count the account's jobs by status; at most half a minute old."""
        return Response(await summary_for(request.user))  # type: ignore[arg-type]
