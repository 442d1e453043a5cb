"""Every route of the service."""

from django.urls import URLPattern, URLResolver, include, path

from dispatch.api.views import SchemaView
from dispatch.live.views import InFlightView, TicksView, WaitView
from dispatch.observability.health import live, ready

handler400 = "dispatch.api.errors.bad_request"
handler404 = "dispatch.api.errors.not_found"
handler500 = "dispatch.api.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("dispatch.accounts.urls")),
    path("api/", include("dispatch.jobs.urls")),
    path("api/", include("dispatch.background.urls")),
    path("api/wait/", WaitView.as_view(), name="wait"),
    path("api/wait/ticks/", TicksView.as_view(), name="wait-ticks"),
    path("api/wait/in-flight/", InFlightView.as_view(), name="wait-in-flight"),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("health/live/", live, name="live"),
    path("health/ready/", ready, name="ready"),
]
