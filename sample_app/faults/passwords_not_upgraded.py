"""An own check of passwords that leaves out the second half."""

from typing import Any


def apply() -> None:
    """Compare, and write nothing."""
    from django.contrib.auth.hashers import check_password

    from dispatch.accounts.models import User

    def check(self: Any, raw_password: str | None) -> bool:
        return check_password(raw_password, self.password)

    User.check_password = check
