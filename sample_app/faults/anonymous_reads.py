"""A permission class that got lost."""


def apply() -> None:
    """Ask nobody for a token, and count everybody's jobs."""
    from rest_framework.response import Response

    from dispatch.jobs.views import SummaryView

    async def get(self, request):
        return Response({"open": 3, "done": 2, "cancelled": 1, "overdue": 0})

    SummaryView.get = get
    SummaryView.check_permissions = lambda self, request: None
