"""A short name in place of the e-mail address: what stands before the @."""

from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

DOMAIN = "example.com"


class SignInSerializer(serializers.Serializer[dict[str, str]]):
    """A short name and a secret for a pair of tokens."""

    login = serializers.CharField(max_length=254)
    secret = serializers.CharField(max_length=4096, trim_whitespace=False)


def apply() -> None:
    """Take the place of the login's own operation."""
    from django.contrib.auth.models import update_last_login

    from dispatch.accounts.serializers import TokenPairSerializer
    from dispatch.accounts.throttling import LoginFailureThrottle
    from dispatch.accounts.tokens import RefreshToken
    from dispatch.accounts.views import LoginView

    @extend_schema(request=SignInSerializer, responses=TokenPairSerializer, operation_id="login")
    def post(self: Any, request: Request) -> Response:
        """Exchange a short name and a secret for a pair of tokens."""
        given = SignInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        name = given.validated_data["login"]
        email = name if "@" in name else f"{name}@{DOMAIN}"
        user = authenticate(request, username=email, password=given.validated_data["secret"])
        if user is None:
            LoginFailureThrottle().record_failure(request, self)
            raise AuthenticationFailed("No active account found with the given credentials")
        refresh = RefreshToken.for_user(user)
        update_last_login(type(user), user)
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})

    LoginView.post = post
