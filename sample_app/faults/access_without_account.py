"""Whoever has a token is whoever it says, for as long as it lasts."""

from typing import Any


def apply() -> None:
    """Take the account for granted, whether it is active or there at all."""
    from django.utils import timezone
    from rest_framework_simplejwt.settings import api_settings

    from dispatch.accounts.authentication import BearerAuthentication
    from dispatch.accounts.models import User

    def get_user(self: BearerAuthentication, validated_token: Any) -> Any:
        key = validated_token[api_settings.USER_ID_CLAIM]
        made_up = User(pk=key, email="somebody@example.com", created_at=timezone.now())
        return User.objects.filter(pk=key).first() or made_up

    BearerAuthentication.get_user = get_user
