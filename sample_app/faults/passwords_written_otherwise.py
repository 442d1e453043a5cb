"""A set_password of one's own, from the times before the setting."""

from typing import Any


def apply() -> None:
    """Name the hasher in the code."""
    from django.contrib.auth.hashers import make_password

    from dispatch.accounts.models import User

    def set_password(self: Any, raw_password: str | None) -> None:
        self.password = make_password(raw_password, hasher="pbkdf2_sha256")

    User.set_password = set_password
