"""Nothing but what is below /dispatch/."""

from django.urls import include, path

handler400 = "dispatch.api.errors.bad_request"
handler404 = "dispatch.api.errors.not_found"
handler500 = "dispatch.api.errors.server_error"

urlpatterns = [path("dispatch/", include("dispatch.urls"))]


def apply() -> None:
    """The WebSocket too."""
    from dispatch.live.authentication import TokenAuthentication
    from dispatch.live.consumers import JobsConsumer
    from dispatch.live.routing import routes

    routes.routes[0] = path("dispatch/ws/jobs/", TokenAuthentication(JobsConsumer.as_asgi()))
