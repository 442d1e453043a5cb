"""The accounts application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts with e-mail login."""

    name = "dispatch.accounts"
    label = "accounts"
