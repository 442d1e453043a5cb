"""Everything at the end."""

from typing import Any


def apply() -> None:
    """Collect the lines first."""
    from django.http import HttpResponse

    from dispatch.live.views import TicksView, WaitQuery, ticks

    async def get(self: TicksView, request: Any) -> HttpResponse:
        lines = [line async for line in ticks(WaitQuery.seconds_of(request))]
        return HttpResponse(b"".join(lines), content_type="application/x-ndjson")

    TicksView.get = get
