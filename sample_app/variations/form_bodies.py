"""Forms in place of JSON, with the same bound."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import FormParser

from dispatch.api.parsers import BodyTooLarge


class BoundedFormParser(FormParser):
    """A form, never more than `API_MAX_BODY_BYTES` of it."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Read and decode the body.

        Raises:
            BodyTooLarge: 413.
        """
        body = stream.read(settings.API_MAX_BODY_BYTES + 1)
        if len(body) > settings.API_MAX_BODY_BYTES:
            raise BodyTooLarge
        return super().parse(BytesIO(body), media_type, parser_context)


def apply() -> None:
    """Make the operations take forms alone."""
    from dispatch.accounts.views import LoginView, LogoutView, RefreshView
    from dispatch.background.views import EchoView

    for view in (LoginView, RefreshView, LogoutView, EchoView):
        view.parser_classes = (BoundedFormParser,)
