"""Signing out everywhere, meant well: the rows of the blacklist hang on those that were deleted."""

from typing import Any


def apply() -> None:
    """Delete the account's outstanding tokens wherever its password is set."""
    from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

    from dispatch.accounts.models import User

    save = User.save

    def sign_out_everywhere(self: User, *args: Any, **values: Any) -> None:
        changed = self.pk and getattr(self, "_password", None) is not None
        save(self, *args, **values)
        if changed:
            OutstandingToken.objects.filter(user_id=self.pk).delete()

    User.save = sign_out_everywhere
