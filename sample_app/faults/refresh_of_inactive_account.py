"""What older releases of simplejwt do."""

from typing import Any


def apply() -> None:
    """Ask only whether the account is there."""
    from rest_framework_simplejwt.exceptions import TokenError
    from rest_framework_simplejwt.settings import api_settings

    from dispatch.accounts import tokens
    from dispatch.accounts.models import User

    def exists(token: Any) -> None:
        if not User.objects.filter(pk=token[api_settings.USER_ID_CLAIM]).exists():
            raise TokenError("No account found for the given token")

    tokens.require_active_account = exists
