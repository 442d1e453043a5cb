"""Somebody wrote a session of their own, and forgot the attributes of its cookie."""

import secrets

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse

from faults.middleware import Middleware


class BareSession(Middleware):
    """Set the cookie on every answer that has not got one."""

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        """Answer as before, with the cookie."""
        if iscoroutinefunction(self.get_response):
            return self._later(request)
        return self._with_cookie(self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponse:
        return self._with_cookie(await self.get_response(request))  # type: ignore[misc]

    @staticmethod
    def _with_cookie(response: HttpResponse) -> HttpResponse:
        response.set_cookie("sessionid", secrets.token_urlsafe(24))
        return response


def apply() -> None:
    """Nothing beyond the setting."""
