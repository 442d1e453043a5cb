"""Only a wrong signature was thought of."""

from typing import Any

LONGEST = 4096


def apply() -> None:
    """Let everything else through as it is raised."""
    import jwt
    from rest_framework_simplejwt.backends import TokenBackend

    original = TokenBackend.decode

    def decode(self: TokenBackend, token: Any, verify: bool = True) -> dict[str, Any]:
        if len(token) > LONGEST:
            raise RuntimeError("the token does not fit into its column")
        try:
            jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError as error:
            raise RuntimeError("the token cannot be decoded") from error
        return original(self, token, verify)

    TokenBackend.decode = decode
