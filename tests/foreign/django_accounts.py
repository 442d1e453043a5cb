"""Django projects on the packages that teams take for accounts, each set up as its own documentation has it.

One flag chooses: `--djoser` (JWT), `--djoser-tokens`, `--dj-rest-auth` (JWT in the body), `--dj-rest-auth-cookies`,
`--authtoken` (DRF's own), `--allauth` (headless, session tokens of its app client), `--allauth-jwt` (headless, JWT).
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import secrets
import sys
from typing import Any

import cryptography.hazmat.primitives.ciphers.modes  # noqa: F401 - allauth finds what somebody has imported
import django
from django.conf import settings

from tests.foreign.django_stock import Quiet, Server

FAMILIES = ("djoser", "djoser-tokens", "dj-rest-auth", "dj-rest-auth-cookies", "authtoken", "allauth", "allauth-jwt")


def descriptor(base_url: str, flags: Any = ()) -> str:
    """Nobody has described it: init shall."""
    return f'[target]\nbase_url = "{base_url}"\n'


def applications(family: str) -> list[str]:
    """INSTALLED_APPS."""
    own = {
        "djoser": ["rest_framework_simplejwt.token_blacklist", "djoser"],
        "djoser-tokens": ["rest_framework.authtoken", "djoser"],
        "dj-rest-auth": ["rest_framework_simplejwt.token_blacklist", "dj_rest_auth"],
        "dj-rest-auth-cookies": ["rest_framework_simplejwt.token_blacklist", "dj_rest_auth"],
        "authtoken": ["rest_framework.authtoken"],
        "allauth": ["django.contrib.sessions", "django.contrib.messages", "allauth", "allauth.account",
                    "allauth.headless"],
    }[family.removesuffix("-jwt")]  # fmt: skip
    return ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", *own]


def authentication(family: str) -> str:
    """DRF's default authentication class."""
    if family in {"djoser-tokens", "authtoken"}:
        return "rest_framework.authentication.TokenAuthentication"
    if family == "dj-rest-auth-cookies":
        return "dj_rest_auth.jwt_auth.JWTCookieAuthentication"
    if family == "allauth":
        return "allauth.headless.contrib.rest_framework.authentication.XSessionTokenAuthentication"
    if family == "allauth-jwt":
        return "allauth.headless.contrib.rest_framework.authentication.JWTTokenAuthentication"
    return "rest_framework_simplejwt.authentication.JWTAuthentication"


def configure(family: str) -> None:
    """Settings that a project would have in a file."""
    middleware, allauth = [], family.startswith("allauth")
    if allauth:
        middleware = [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ]
    settings.configure(
        SECRET_KEY=secrets.token_hex(32),
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="__main__",
        INSTALLED_APPS=applications(family),
        MIDDLEWARE=middleware,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "accounts.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        AUTHENTICATION_BACKENDS=[
            "django.contrib.auth.backends.ModelBackend",
            *(["allauth.account.auth_backends.AuthenticationBackend"] if allauth else []),
        ],
        HEADLESS_ONLY=True,
        HEADLESS_TOKEN_STRATEGY="allauth.headless.tokens.strategies."
        + ("jwt.JWTTokenStrategy" if family == "allauth-jwt" else "sessions.SessionTokenStrategy"),
        HEADLESS_JWT_ALGORITHM="HS256",
        HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN=900,
        HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN=7 * 24 * 3600,
        HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED=True,
        ACCOUNT_EMAIL_VERIFICATION="none",
        ACCOUNT_RATE_LIMITS=False,
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [authentication(family)],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
        REST_AUTH={
            "USE_JWT": True,
            "TOKEN_MODEL": None,
            "SESSION_LOGIN": False,
            **(
                {"JWT_AUTH_COOKIE": "site-auth", "JWT_AUTH_REFRESH_COOKIE": "site-refresh", "JWT_AUTH_HTTPONLY": True}
                if family == "dj-rest-auth-cookies"
                else {"JWT_AUTH_HTTPONLY": False}
            ),
        },
        SIMPLE_JWT={
            "ACCESS_TOKEN_LIFETIME": datetime.timedelta(minutes=15),
            "REFRESH_TOKEN_LIFETIME": datetime.timedelta(days=7),
            "ROTATE_REFRESH_TOKENS": True,
            "BLACKLIST_AFTER_ROTATION": True,
            "AUTH_HEADER_TYPES": ("JWT",) if family == "djoser" else ("Bearer",),
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.ScryptPasswordHasher"],
    )
    django.setup()


def routes(family: str) -> list[Any]:
    """The URL configuration, by the package's documentation."""
    from django.urls import include, path
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Me(APIView):
        """The account."""

        permission_classes = (IsAuthenticated,)

        def get(self, request: Request) -> Response:
            """Its name."""
            return Response({"username": request.user.get_username()})

    if family == "djoser":
        return [path("auth/", include("djoser.urls")), path("auth/", include("djoser.urls.jwt"))]
    if family == "djoser-tokens":
        return [path("auth/", include("djoser.urls")), path("auth/", include("djoser.urls.authtoken"))]
    if family.startswith("dj-rest-auth"):
        return [path("dj-rest-auth/", include("dj_rest_auth.urls"))]
    if family == "authtoken":
        from rest_framework.authtoken.views import obtain_auth_token

        return [path("api-token-auth/", obtain_auth_token), path("api/me/", Me.as_view())]
    return [
        path("accounts/", include("allauth.urls")),
        path("_allauth/", include("allauth.headless.urls")),
        path("api/me/", Me.as_view()),
    ]


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    chosen = parser.add_mutually_exclusive_group(required=True)
    for name in FAMILIES:
        chosen.add_argument(f"--{name}", dest="family", action="store_const", const=name)
    family: str = parser.parse_args().family
    configure(family)
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    sys.modules["__main__"].urlpatterns = routes(family)  # type: ignore[attr-defined]
    call_command("migrate", verbosity=0)
    username = os.environ["FOREIGN_USERNAME"]
    get_user_model().objects.create_user(username, email=username, password=os.environ["FOREIGN_PASSWORD"])
    from wsgiref.simple_server import make_server

    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet)
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
