"""Other routes and other names for the same operations."""

from typing import Any

from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.accounts import tokens, views
from dispatch.accounts.serializers import LoginSerializer
from dispatch.api.views import SchemaView
from dispatch.live.views import InFlightView, TicksView, WaitView
from dispatch.observability.health import live, ready

handler400 = "dispatch.api.errors.bad_request"
handler404 = "dispatch.api.errors.not_found"
handler500 = "dispatch.api.errors.server_error"


class TokensSerializer(serializers.Serializer[dict[str, str]]):
    """Both tokens."""

    access_token = serializers.CharField()
    refresh_token = serializers.CharField()


class WrappedSerializer(serializers.Serializer[dict[str, Any]]):
    """An object in an object."""

    data = TokensSerializer()


class RenewalSerializer(serializers.Serializer[dict[str, str]]):
    """A refresh token, handed in."""

    refresh_token = serializers.CharField(max_length=4096)


def wrapped(pair: dict[str, str]) -> Response:
    """The pair under its other names."""
    return Response({"data": {"access_token": pair["access"], "refresh_token": pair["refresh"]}})


class LoginView(views.LoginView):
    """Signs in."""

    @extend_schema(request=LoginSerializer, responses=WrappedSerializer, operation_id="login")
    def post(self, request: Request) -> Response:
        """Exchange an e-mail address and a password for a pair of tokens."""
        return wrapped(super().post(request).data)


class RenamedToken(views.RefreshTokenView):
    """The refresh token under its other name."""

    def refresh_token(self, request: Request) -> str:
        """The token that was handed in."""
        serializer = RenewalSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return str(serializer.validated_data["refresh_token"])


class RefreshView(RenamedToken):
    """Keeps a client signed in."""

    @extend_schema(request=RenewalSerializer, responses=WrappedSerializer, operation_id="refresh")
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair."""
        return wrapped(tokens.rotate(self.refresh_token(request)))


class LogoutView(RenamedToken):
    """Signs out."""

    @extend_schema(request=RenewalSerializer, responses={204: None}, operation_id="logout")
    def post(self, request: Request) -> Response:
        """Revoke a refresh token."""
        tokens.revoke(self.refresh_token(request))
        return Response(status=204)


urlpatterns = [
    path("v2/session", LoginView.as_view()),
    path("v2/session/renewal", RefreshView.as_view()),
    path("v2/session/end", LogoutView.as_view()),
    path("v2/profile", views.MeView.as_view()),
    path("v2/pause", WaitView.as_view()),
    path("v2/pause/ticks", TicksView.as_view()),
    path("v2/pauses", InFlightView.as_view()),
    path("v2/", include("dispatch.jobs.urls")),
    path("v2/", include("dispatch.background.urls")),
    path("openapi.json", SchemaView.as_view(), name="schema"),
    path("status/live", live),
    path("status/ready", ready),
]
