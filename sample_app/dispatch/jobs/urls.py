"""Routes of jobs, below /api/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from dispatch.jobs.views import JobViewSet, SummaryView

router = SimpleRouter(use_regex_path=False)
router.register("jobs", JobViewSet, basename="job")

urlpatterns = [
    path("jobs/summary/", SummaryView.as_view(), name="job-summary"),
    path("", include(router.urls)),
]
