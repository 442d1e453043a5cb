"""A Django project in one file, with simplejwt's own views at its documentation's routes and no document of them.

`--djoser` puts them where djoser has them, with the scheme word JWT.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import secrets
import sys
from collections.abc import Sequence
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings

SATISFIED = dict.fromkeys(
    ("jwt.access-token-lifetime", "jwt.refresh-token-lifetime", "jwt.rotation", "jwt.blacklist"), "satisfied"
)
EXPECTED: dict[str | None, dict[str, str]] = {None: SATISFIED}


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The project's stackproof.toml, as simplejwt's documentation has it."""
    return f"""
[target]
base_url = "{base_url}"
profile = "remote"

[auth.login]
path = "/api/token/"

[auth.refresh]
path = "/api/token/refresh/"

[auth.logout]
path = "/api/token/blacklist/"

[auth.protected]
path = "/api/me/"
"""


def configure(options: argparse.Namespace) -> None:
    """Settings that a project would have in a file."""
    settings.configure(
        SECRET_KEY=secrets.token_hex(32),
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="__main__",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "rest_framework",
            "rest_framework_simplejwt.token_blacklist",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "stock.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
        SIMPLE_JWT={
            "ACCESS_TOKEN_LIFETIME": datetime.timedelta(minutes=15),
            "REFRESH_TOKEN_LIFETIME": datetime.timedelta(days=7),
            "ROTATE_REFRESH_TOKENS": True,
            "BLACKLIST_AFTER_ROTATION": True,
            "AUTH_HEADER_TYPES": ("JWT",) if options.djoser else ("Bearer",),
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.ScryptPasswordHasher"],
    )
    django.setup()


def routes(options: argparse.Namespace) -> list[Any]:
    """The URL configuration."""
    from django.urls import path
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView
    from rest_framework_simplejwt import views

    class Me(APIView):
        """The account."""

        permission_classes = (IsAuthenticated,)

        def get(self, request: Request) -> Response:
            """Its name."""
            return Response({"username": request.user.get_username()})

    below = "auth/jwt/create/" if options.djoser else "api/token/"
    folder = "auth/jwt/" if options.djoser else "api/token/"
    return [
        path(below, views.TokenObtainPairView.as_view()),
        path(f"{folder}refresh/", views.TokenRefreshView.as_view()),
        path(f"{folder}verify/", views.TokenVerifyView.as_view()),
        path(f"{folder}blacklist/", views.TokenBlacklistView.as_view()),
        path("auth/users/me/" if options.djoser else "api/me/", Me.as_view()),
    ]


class Server(ThreadingMixIn, WSGIServer):
    """A thread a request."""

    daemon_threads = True
    request_queue_size = 64


class Quiet(WSGIRequestHandler):
    """Without a log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--djoser", action="store_true")
    options = parser.parse_args()
    configure(options)
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    sys.modules["__main__"].urlpatterns = routes(options)  # type: ignore[attr-defined]
    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user(os.environ["FOREIGN_USERNAME"], password=os.environ["FOREIGN_PASSWORD"])
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet)
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
