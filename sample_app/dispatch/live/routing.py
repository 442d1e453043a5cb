"""Routes of WebSockets."""

from channels.routing import URLRouter
from django.conf import settings
from django.urls import path, re_path

from dispatch.live.authentication import TokenAuthentication
from dispatch.live.consumers import JobsConsumer, UnknownPath
from dispatch.live.origins import KnownOrigins

routes = URLRouter(
    [
        path("ws/jobs/", TokenAuthentication(JobsConsumer.as_asgi())),  # type: ignore[arg-type]
        re_path(r"", UnknownPath.as_asgi()),
    ]
)
websocket = KnownOrigins(routes, settings.CORS_ALLOWED_ORIGINS)
