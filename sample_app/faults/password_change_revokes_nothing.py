"""The setting is on, and what would look at it was overridden."""

from typing import Any


def apply() -> None:
    """Look the account up as before the setting was there."""
    from rest_framework_simplejwt.exceptions import AuthenticationFailed
    from rest_framework_simplejwt.settings import api_settings

    from dispatch.accounts.authentication import BearerAuthentication
    from dispatch.accounts.models import User

    def get_user(self: BearerAuthentication, validated_token: Any) -> Any:
        user = User.objects.filter(pk=validated_token[api_settings.USER_ID_CLAIM], is_active=True).first()
        if user is None:
            raise AuthenticationFailed("No active account")
        return user

    BearerAuthentication.get_user = get_user
