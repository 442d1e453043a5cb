"""Asking for background work, and for its result."""

import json
from typing import ClassVar
from uuid import UUID

import structlog
from celery.exceptions import OperationalError as NoBroker
from django.shortcuts import get_object_or_404
from django_celery_results.models import TaskResult
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.background.models import TaskRequest
from dispatch.background.serializers import AcceptedSerializer, EchoSerializer, TaskSerializer
from dispatch.background.tasks import echo

log = structlog.get_logger(__name__)


class BrokerUnavailable(APIException):
    """The task could not be queued."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Background work is unavailable, try again later."
    default_code = "broker_unavailable"


class EchoView(APIView):
    """Queues the smallest task there is."""

    further_errors: ClassVar = ("503",)

    @extend_schema(request=EchoSerializer, responses={202: AcceptedSerializer}, operation_id="echo")
    def post(self, request: Request) -> Response:
        """Queue a task that answers with the text it was given."""
        serializer = EchoSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        requested = TaskRequest.objects.create(owner=request.user, task=echo.name)  # type: ignore[misc]
        try:
            echo.apply_async(kwargs=serializer.validated_data, task_id=str(requested.pk))
        except NoBroker as error:
            requested.delete()
            log.exception("broker unavailable", task=echo.name)
            raise BrokerUnavailable from error
        return Response({"id": requested.pk}, status=status.HTTP_202_ACCEPTED)


class TaskView(APIView):
    """A task that the account asked for."""

    @extend_schema(responses=TaskSerializer, operation_id="task")
    def get(self, request: Request, task_id: UUID) -> Response:
        """Tell how far a task is, and its result once there is one."""
        requested = get_object_or_404(TaskRequest, pk=task_id, owner=request.user)
        known = TaskResult.objects.filter(task_id=str(requested.pk)).first()
        state = known.status if known else "PENDING"
        result = json.loads(known.result) if known and state == "SUCCESS" and known.result else None
        return Response({"id": requested.pk, "state": state, "result": result})

    @extend_schema(responses={204: None}, operation_id="task_forget")
    def delete(self, request: Request, task_id: UUID) -> Response:
        """Forget a task and its result; one that is queued is done nevertheless."""
        requested = get_object_or_404(TaskRequest, pk=task_id, owner=request.user)
        TaskResult.objects.filter(task_id=str(requested.pk)).delete()
        requested.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
