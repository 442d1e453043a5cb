"""Somebody wanted the tests to run without any variables."""

from typing import Any


def before_settings() -> None:
    """Pass over what pydantic says, and take defaults in its place."""
    from pydantic import SecretStr, ValidationError

    from dispatch import environment

    class Lenient(environment.Environment):
        """Reads what it can."""

    def read_anyway() -> environment.Environment:
        try:
            return Lenient()  # type: ignore[call-arg]
        except ValidationError:
            defaults: dict[str, Any] = {
                "secret_key": SecretStr("".join(chr(97 + number % 26) for number in range(60))),
                "database_url": "postgresql://dispatch@localhost/dispatch",
                "cache_url": "redis://localhost/0",
                "broker_url": "redis://localhost/1",
            }
            return Lenient.model_construct(**defaults)

    environment.read_environment = read_anyway
