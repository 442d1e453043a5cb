"""`manage.py ensure_account EMAIL`: an ordinary account that can sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dispatch.accounts.provisioning import PASSWORD_VARIABLE, ensure_account


class Command(BaseCommand):
    """Creates or resets an ordinary active account."""

    help = f"Create or reset an ordinary active account; its password comes from {PASSWORD_VARIABLE}."

    def add_arguments(self, parser: CommandParser) -> None:
        """One address."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it so."""
        self.stdout.write(ensure_account(options["email"]))
