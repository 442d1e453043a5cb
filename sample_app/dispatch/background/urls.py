"""Routes of background work, below /api/."""

from django.urls import path

from dispatch.background.views import EchoView, TaskView

urlpatterns = [
    path("tasks/echo/", EchoView.as_view(), name="task-echo"),
    path("tasks/<uuid:task_id>/", TaskView.as_view(), name="task"),
]
