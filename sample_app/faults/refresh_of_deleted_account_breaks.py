"""What stock simplejwt does."""

from typing import Any


def apply() -> None:
    """Get the account, and let it be an error where it is not there."""
    from rest_framework_simplejwt.exceptions import TokenError
    from rest_framework_simplejwt.settings import api_settings

    from dispatch.accounts import tokens
    from dispatch.accounts.models import User

    def get(token: Any) -> None:
        if not User.objects.get(pk=token[api_settings.USER_ID_CLAIM]).is_active:
            raise TokenError("No active account found for the given token")

    tokens.require_active_account = get
