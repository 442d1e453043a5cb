"""Signing in, staying signed in, signing out, and the account itself."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError

from dispatch.accounts import tokens
from dispatch.accounts.models import User
from dispatch.accounts.serializers import AccountSerializer, LoginSerializer, RefreshSerializer, TokenPairSerializer
from dispatch.accounts.throttling import LoginFailureThrottle


class PublicView(APIView):
    """A view that asks for no access token, and answers 401 with the scheme that the rest of the API asks for."""

    authentication_classes = ()
    permission_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        """The challenge of RFC 6750, 3: without it DRF would turn 401 into 403."""
        return 'Bearer realm="api"'


class LoginView(PublicView):
    """Signs in with e-mail address and password."""

    throttle_classes = (LoginFailureThrottle,)

    @extend_schema(request=LoginSerializer, responses=TokenPairSerializer, operation_id="login")
    def post(self, request: Request) -> Response:
        """Exchange an e-mail address and a password for a pair of tokens."""
        serializer = LoginSerializer(data=request.data, context={"request": request})
        try:
            serializer.is_valid(raise_exception=True)
        except AuthenticationFailed:
            LoginFailureThrottle().record_failure(request, self)
            raise
        return Response(serializer.validated_data)


class RefreshTokenView(PublicView):
    """What refreshing and signing out share: a refresh token in the body."""

    def refresh_token(self, request: Request) -> str:
        """The token that was handed in."""
        serializer = RefreshSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        token: str = serializer.validated_data["refresh"]
        return token

    def handle_exception(self, exc: Exception) -> Response:
        """A token that is no good is 401, whatever is wrong with it."""
        return super().handle_exception(InvalidToken(exc.args[0]) if isinstance(exc, TokenError) else exc)


class RefreshView(RefreshTokenView):
    """Keeps a client signed in."""

    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer, operation_id="refresh")
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair. A token can be used once."""
        return Response(tokens.rotate(self.refresh_token(request)))


class LogoutView(RefreshTokenView):
    """Signs out."""

    @extend_schema(
        request=RefreshSerializer, responses={204: OpenApiResponse(description="Signed out.")}, operation_id="logout"
    )
    def post(self, request: Request) -> Response:
        """Revoke a refresh token. The access token beside it ends by itself, within fifteen minutes."""
        tokens.revoke(self.refresh_token(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(generics.RetrieveUpdateAPIView[User]):
    """The account that is signed in."""

    serializer_class = AccountSerializer
    http_method_names = ("get", "patch", "head", "options")

    def get_object(self) -> Any:
        """Nobody reaches another account through this view."""
        return self.request.user
