"""Bases of views, and the API's own description."""

from typing import Any

from asgiref.sync import sync_to_async
from django.http.response import HttpResponseBase
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.views import APIView


class AsyncAPIView(APIView):
    """An APIView whose handlers are coroutines: authentication and errors are DRF's, waiting costs no thread."""

    async def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """DRF's life of a request; what may touch the database runs in a thread, the handler on the loop."""
        self.args, self.kwargs = args, kwargs
        self.request = request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            await sync_to_async(self.initial)(request, *args, **kwargs)
            handler = getattr(self, request.method.lower(), None) if request.method in self.allowed_methods else None
            if handler is None:
                self.http_method_not_allowed(request)
            response = await handler(request, *args, **kwargs)  # type: ignore[misc]
        except Exception as error:
            response = self.handle_exception(error)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        return self.response

    async def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """What DRF answers; Django wants either every handler to be a coroutine or none."""
        return await sync_to_async(super().options)(request, *args, **kwargs)


class SchemaView(SpectacularJSONAPIView):
    """The OpenAPI 3.1 document, for everyone."""

    authentication_classes = ()
