"""Signing in, staying signed in and signing out with cookies."""

from typing import Any

from django.conf import settings
from django.middleware.csrf import get_token
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import InvalidToken

from dispatch.accounts import tokens, views
from dispatch.accounts.serializers import LoginSerializer
from dispatch.api.views import SchemaView
from dispatch.live.views import WaitView
from dispatch.observability.health import live, ready
from variations.cookie_authentication import ACCESS, REFRESH, CookieClaims, require_csrf

handler400 = "dispatch.api.errors.bad_request"
handler404 = "dispatch.api.errors.not_found"
handler500 = "dispatch.api.errors.server_error"
PATHS = {ACCESS: "/api/", REFRESH: "/api/auth/"}
LIFETIMES = {ACCESS: "ACCESS_TOKEN_LIFETIME", REFRESH: "REFRESH_TOKEN_LIFETIME"}


class SignedInSerializer(serializers.Serializer[dict[str, Any]]):
    """That it worked."""

    signed_in = serializers.BooleanField()


class ProofSerializer(serializers.Serializer[dict[str, Any]]):
    """What goes back in a header."""

    csrf = serializers.CharField()


def with_cookies(pair: dict[str, str]) -> Response:
    """The tokens where no script can read them."""
    response = Response({"signed_in": True})
    for name, value in pair.items():
        response.set_cookie(
            name,
            value,
            max_age=settings.SIMPLE_JWT[LIFETIMES[name]],
            path=PATHS[name],
            secure=True,
            httponly=True,
            samesite="Strict",
        )
    return response


class Proved:
    """Asks for the CSRF proof before anything else."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what another site may have sent."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]  # the view that this goes into
        require_csrf(request)


class CsrfView(views.PublicView):
    """Gives the proof: once as a cookie, once in the answer."""

    @extend_schema(responses=ProofSerializer, operation_id="csrf")
    def get(self, request: Request) -> Response:
        """The proof."""
        return Response({"csrf": get_token(request._request)})


class LoginView(Proved, views.LoginView):
    """Signs in."""

    @extend_schema(request=LoginSerializer, responses=SignedInSerializer, operation_id="login")
    def post(self, request: Request) -> Response:
        """Exchange an e-mail address and a password for cookies."""
        return with_cookies(super().post(request).data)


class CookieToken(Proved, views.RefreshTokenView):
    """The refresh token from its cookie."""

    def refresh_token(self, request: Request) -> str:
        """The token that came along.

        Raises:
            InvalidToken: none did.
        """
        raw = request.COOKIES.get(REFRESH)
        if not raw:
            raise InvalidToken("There is no refresh cookie")
        return raw


class RefreshView(CookieToken):
    """Keeps a client signed in."""

    @extend_schema(request=None, responses=SignedInSerializer, operation_id="refresh")
    def post(self, request: Request) -> Response:
        """Exchange the refresh cookie for new cookies."""
        return with_cookies(tokens.rotate(self.refresh_token(request)))


class LogoutView(CookieToken):
    """Signs out."""

    @extend_schema(request=None, responses={204: None}, operation_id="logout")
    def post(self, request: Request) -> Response:
        """Revoke the refresh token and take the cookies back."""
        tokens.revoke(self.refresh_token(request))
        response = Response(status=204)
        for name, where in PATHS.items():
            response.delete_cookie(name, path=where, samesite="Strict")
        return response


def apply() -> None:
    """Let the one view with an authentication of its own take the cookie, too."""
    WaitView.authentication_classes = (CookieClaims,)


urlpatterns = [
    path("api/auth/csrf/", CsrfView.as_view()),
    path("api/auth/login/", LoginView.as_view()),
    path("api/auth/refresh/", RefreshView.as_view()),
    path("api/auth/logout/", LogoutView.as_view()),
    path("api/me/", views.MeView.as_view()),
    path("api/", include("dispatch.jobs.urls")),
    path("api/", include("dispatch.background.urls")),
    path("api/wait/", WaitView.as_view()),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("health/live/", live),
    path("health/ready/", ready),
]
