"""Somebody found a more precise status."""


def apply() -> None:
    """Answer the summary with 203."""
    from dispatch.jobs.views import SummaryView

    original = SummaryView.get

    async def get(self, request):
        answer = await original(self, request)
        answer.status_code = 203
        return answer

    SummaryView.get = get
