"""A permission class that got lost."""

from uuid import uuid4


def apply() -> None:
    """Accept whatever comes, from whomever."""
    from rest_framework.response import Response

    from dispatch.background.views import EchoView

    EchoView.check_permissions = lambda self, request: None
    EchoView.post = lambda self, request: Response({"id": uuid4()}, status=202)
