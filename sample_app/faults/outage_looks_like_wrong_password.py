"""Whatever goes wrong at the login is the user's mistake."""


def apply() -> None:
    """Refuse the credentials where they cannot be looked at."""
    from django.db import OperationalError
    from rest_framework.exceptions import AuthenticationFailed

    from dispatch.accounts.serializers import LoginSerializer

    original = LoginSerializer.validate

    def validate(self, attrs):
        try:
            return original(self, attrs)
        except OperationalError as error:
            raise AuthenticationFailed from error

    LoginSerializer.validate = validate
