"""How the OpenAPI document speaks of cookies."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from dispatch.api.schema import DocumentedErrors
from variations.cookie_authentication import ACCESS


class CookieScheme(OpenApiAuthenticationExtension):
    """How the document says it."""

    target_class = "variations.cookie_authentication.CookieAuthentication"
    name = "accessCookie"
    match_subclasses = True

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """An API key in a cookie."""
        return {"type": "apiKey", "in": "cookie", "name": ACCESS}


class CookieClaimsScheme(CookieScheme):
    """The same for views that do not look at the database."""

    target_class = "variations.cookie_authentication.CookieClaims"


class DocumentedRefusals(DocumentedErrors):
    """What changes anything may be refused for want of a CSRF proof."""

    def _possible_errors(self) -> list[str]:
        return sorted({*super()._possible_errors(), "401", "403"})
