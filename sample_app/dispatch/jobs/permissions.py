"""Who may do what with a job."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from dispatch.jobs.models import Job


class OwnsJobOrReads(BasePermission):
    """The owner and dispatchers change a job; the assignee reads it. Others do not even find it (see the queryset)."""

    def has_object_permission(self, request: Request, view: Any, obj: Job) -> bool:
        """Decide about one job."""
        return request.method in SAFE_METHODS or request.user.is_staff or obj.owner_id == request.user.pk


class TakesPartInJob(BasePermission):
    """Owner, assignee and dispatchers report a job as done."""

    def has_object_permission(self, request: Request, view: Any, obj: Job) -> bool:
        """Decide about one job."""
        return request.user.is_staff or request.user.pk in {obj.owner_id, obj.assignee_id}
