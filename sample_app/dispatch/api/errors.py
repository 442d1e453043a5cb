"""Answers for errors outside DRF, in the shape of DRF's own."""

from typing import Any

from django.http import HttpRequest, JsonResponse


def bad_request(request: HttpRequest, exception: Exception, *args: Any) -> JsonResponse:
    """400."""
    return JsonResponse({"detail": "Bad request."}, status=400)


def not_found(request: HttpRequest, exception: Exception, *args: Any) -> JsonResponse:
    """404."""
    return JsonResponse({"detail": "Not found."}, status=404)


def server_error(request: HttpRequest, *args: Any) -> JsonResponse:
    """500: the details are in the log, under the request id that the response carries."""
    return JsonResponse({"detail": "Internal server error."}, status=500)
