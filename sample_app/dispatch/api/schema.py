"""The OpenAPI document says which errors an operation answers with."""

from typing import Any, ClassVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class DocumentedErrors(AutoSchema):
    """Adds the error responses that follow from how an operation is built."""

    ERRORS: ClassVar[dict[str, str]] = {
        "400": "The request is malformed or does not validate.",
        "401": "There is no valid token, or the credentials are wrong.",
        "403": "The account may not do this.",
        "404": "There is no such resource for this account.",
        "406": "No acceptable representation.",
        "413": "The request body is too large.",
        "415": "The request body is not JSON.",
        "429": "Too many failed logins from this address.",
        "503": "A part of the service is unavailable.",
    }

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)  # type: ignore[arg-type]
        if direction == "response":
            for status in self._possible_errors():
                responses.setdefault(status, {"description": self.ERRORS[status]})
        return responses

    def _possible_errors(self) -> list[str]:
        errors = ["406", "503"]
        has_body = self.method in {"POST", "PUT", "PATCH"}
        if has_body:
            errors += ["400", "413", "415"]
        if self.get_auth() or not self.view.permission_classes:
            errors.append("401")
        if "{" in self.path:
            errors += ["404"] + (["403"] if self.method != "GET" else [])
        if self._is_list_view():
            errors += ["400", "404"]
        if self.view.throttle_classes:
            errors.append("429")
        return sorted({*errors, *getattr(self.view, "further_errors", ())})


class BearerScheme(OpenApiAuthenticationExtension):
    """Says of each operation that asks for a token that it does, and how the token travels."""

    target_class = "dispatch.accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """An access token in the Authorization header (RFC 6750)."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class ClaimsScheme(BearerScheme):
    """The same token, judged by its claims alone."""

    target_class = "dispatch.accounts.authentication.ClaimsAuthentication"
    name = "bearerClaims"
