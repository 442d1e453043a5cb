"""A friendlier message."""

from typing import Any


def apply() -> None:
    """Say what was wrong, after the same work."""
    from rest_framework.exceptions import AuthenticationFailed

    from dispatch.accounts.models import User
    from dispatch.accounts.serializers import LoginSerializer

    original = LoginSerializer.validate

    def validate(self: LoginSerializer, attrs: dict[str, Any]) -> Any:
        try:
            return original(self, attrs)
        except AuthenticationFailed:
            known = User.objects.filter(email=User.objects.normalize_email(attrs["email"])).exists()
            raise AuthenticationFailed("The password is wrong." if known else "There is no such account.") from None

    LoginSerializer.validate = validate
