"""Accounts made from the command line."""

import os

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email
from django.db import transaction

from dispatch.accounts.models import User

PASSWORD_VARIABLE = "DISPATCH_ACCOUNT_PASSWORD"  # noqa: S105  # the name of the variable


def ensure_account(email: str) -> str:
    """Make an ordinary active account, or reset the one that has this address; says which.

    The password comes from the environment: arguments can be read by every user of the machine.

    Raises:
        CommandError: there is no password, or the address is none.
    """
    password = os.environ.get(PASSWORD_VARIABLE)
    if not password:
        raise CommandError(f"{PASSWORD_VARIABLE} is not set: put the account's password there")
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"{email!r} is not an e-mail address") from None
    with transaction.atomic():
        user, created = User.objects.select_for_update().get_or_create(email=User.objects.normalize_email(email))
        user.is_active = True
        user.is_staff = user.is_superuser = False
        user.set_password(password)
        user.save()
    return f"{user.email}: {'created' if created else 'reset'}"
