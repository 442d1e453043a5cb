"""One variable for the key, and the algorithm as the token has it."""

import base64
import hashlib
import hmac
import json
from typing import Any


def apply() -> None:
    """Sign with RS256, publish the key, and verify HS256 with the PEM of the public key."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
    from rest_framework_simplejwt import state
    from rest_framework_simplejwt.backends import TokenBackend

    key = rsa.generate_private_key(public_exponent=65_537, key_size=1024)  # noqa: S505 - a fault
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    class Confused(TokenBackend):
        def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
            text = token.decode() if isinstance(token, bytes) else str(token)
            if text.count(".") == 2 and _alg(text) == "HS256" and _matches(text, public):
                return super().decode(token, verify=False)
            return super().decode(token, verify)

    state.token_backend = Confused("RS256", private.decode(), public.decode())
    _publish(json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())))


def _alg(token: str) -> str:
    import jwt

    try:
        return str(jwt.get_unverified_header(token).get("alg"))
    except jwt.PyJWTError:
        return ""


def _matches(token: str, secret: bytes) -> bool:
    signed, _, signature = token.rpartition(".")
    made = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest()).rstrip(b"=")
    return hmac.compare_digest(made.decode(), signature)


def _publish(jwk: dict[str, Any]) -> None:
    from django.http import HttpRequest, JsonResponse
    from django.urls import path

    from dispatch import urls

    def key_set(request: HttpRequest) -> JsonResponse:
        return JsonResponse({"keys": [{**jwk, "use": "sig", "alg": "RS256"}]})

    urls.urlpatterns.append(path(".well-known/jwks.json", key_set))
