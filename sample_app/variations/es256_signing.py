"""The public key, published (RFC 7517)."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from jwt.algorithms import ECAlgorithm

handler400 = "dispatch.api.errors.bad_request"
handler404 = "dispatch.api.errors.not_found"
handler500 = "dispatch.api.errors.server_error"


def keys(_request: HttpRequest) -> JsonResponse:
    """The set of one key."""
    algorithm = ECAlgorithm(ECAlgorithm.SHA256)
    key = algorithm.prepare_key(settings.SIMPLE_JWT["VERIFYING_KEY"])
    public: dict[str, Any] = json.loads(algorithm.to_jwk(key))
    return JsonResponse({"keys": [public | {"use": "sig", "alg": "ES256"}]})


urlpatterns = [path(".well-known/jwks.json", keys), path("", include("dispatch.urls"))]
