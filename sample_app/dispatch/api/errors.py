"""Answers for errors outside DRF, in the shape of DRF's own, and for a database that is away."""

from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

RETRY_AFTER_SECONDS = 5

log = structlog.get_logger(__name__)


class Unavailable(APIException):
    """503: nothing is wrong with the request, and it may be sent again."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The service is unavailable for the moment."
    default_code = "unavailable"
    wait = RETRY_AFTER_SECONDS  # DRF's own handler makes a Retry-After of it


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answer; the database's absence is nobody's mistake and no defect of the code."""
    if isinstance(error, OperationalError | InterfaceError):
        log.error("database unavailable", error=type(error).__name__, reason=str(error).strip())
        error = Unavailable()
    return exception_handler(error, context)


def bad_request(request: HttpRequest, exception: Exception, *args: Any) -> JsonResponse:
    """400."""
    return JsonResponse({"detail": "Bad request."}, status=400)


def not_found(request: HttpRequest, exception: Exception, *args: Any) -> JsonResponse:
    """404."""
    return JsonResponse({"detail": "Not found."}, status=404)


def server_error(request: HttpRequest, *args: Any) -> JsonResponse:
    """500: the details are in the log, under the request id that the response carries."""
    return JsonResponse({"detail": "Internal server error."}, status=500)
