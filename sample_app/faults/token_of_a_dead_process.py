"""Sessions belong to the process that began them."""

import os
from pathlib import Path


def apply() -> None:
    """Take an access token only as long as the process that issued it lives."""
    from rest_framework_simplejwt.exceptions import InvalidToken

    from dispatch.accounts.authentication import BearerAuthentication
    from dispatch.accounts.tokens import RefreshToken

    original, get_user = RefreshToken.access_token.fget, BearerAuthentication.get_user

    def access_token(self):
        token = original(self)
        token["process"] = os.getpid()
        return token

    def of_a_living_process(self, token):
        if not Path(f"/proc/{token.get('process', 0)}").exists():
            raise InvalidToken("The session is gone.")
        return get_user(self, token)

    RefreshToken.access_token = property(access_token)
    BearerAuthentication.get_user = of_a_living_process
