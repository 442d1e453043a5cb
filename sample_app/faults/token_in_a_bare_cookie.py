"""The front end wanted to find its token again after a reload."""

from typing import Any


def apply() -> None:
    """Set a cookie with no flags."""
    from dispatch.accounts.views import LoginView

    original = LoginView.post

    def post(self: LoginView, request: Any) -> Any:
        response = original(self, request)
        response.set_cookie("dispatch_token", response.data["access"])
        return response

    LoginView.post = post
