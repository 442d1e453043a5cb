"""An access log by hand."""

import sys

from django.http import HttpRequest

from faults.middleware import Middleware


class PlainLog(Middleware):
    """Writes paths."""

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        """Log, and answer as before."""
        sys.stderr.write(f"{request.method} {request.path}\n")
        return self.get_response(request)


def apply() -> None:
    """Nothing beyond the setting."""
