"""Guessing passwords is slow here; signing in often is not."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class LoginFailureThrottle(SimpleRateThrottle):
    """Limits the failed logins per minute and client address. Only failures count, see `record_failure`."""

    scope = "login-failures"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """One counter per client address."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def throttle_success(self) -> bool:
        """Let the request pass without counting it: nobody knows yet whether it fails."""
        return True

    def record_failure(self, request: Request, view: Any) -> None:
        """Count one failed login for this client."""
        if self.rate is not None and self.allow_request(request, view):
            super().throttle_success()
