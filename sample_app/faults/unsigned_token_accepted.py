"""A library of old: whoever says that a token needs no signature is believed."""

from typing import Any


def apply() -> None:
    """Skip verification where the header says alg none, in any spelling."""
    import jwt
    from rest_framework_simplejwt.backends import TokenBackend

    original = TokenBackend.decode

    def decode(self: TokenBackend, token: Any, verify: bool = True) -> dict[str, Any]:
        try:
            unsigned = str(jwt.get_unverified_header(token).get("alg")).lower() == "none"
        except jwt.PyJWTError:
            unsigned = False
        return original(self, token, verify=verify and not unsigned)

    TokenBackend.decode = decode
