"""`manage.py prepare EMAIL`: migrations and an account in one process, for set-ups that are made often."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from dispatch.accounts.provisioning import PASSWORD_VARIABLE, ensure_account


class Command(BaseCommand):
    """Brings an empty database to the point where someone can sign in."""

    help = f"Migrate, then create or reset an ordinary active account; its password comes from {PASSWORD_VARIABLE}."

    def add_arguments(self, parser: CommandParser) -> None:
        """One address."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it so."""
        call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
        self.stdout.write(ensure_account(options["email"]))
