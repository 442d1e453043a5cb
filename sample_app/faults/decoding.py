"""What several faults share: decoding with the service's key and fewer questions."""

from typing import Any


def decode_without(**options: Any) -> None:
    """Decode with these options of PyJWT switched off or on, and with neither issuer nor audience."""
    import jwt
    from rest_framework_simplejwt.backends import TokenBackend
    from rest_framework_simplejwt.exceptions import TokenBackendError

    def decode(self: TokenBackend, token: Any, verify: bool = True) -> dict[str, Any]:
        try:
            found: dict[str, Any] = jwt.decode(
                token,
                self.get_verifying_key(token),
                algorithms=[self.algorithm],
                options={"verify_aud": False, "verify_iss": False, "verify_signature": verify, **options},
            )
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("Token is invalid") from error
        return found

    TokenBackend.decode = decode
