"""What the service takes from its environment: variables `DISPATCH_*`, typed and checked before anything starts."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MINIMUM_KEY_BYTES = 32
"""HS256 keys shorter than the hash are guessable (RFC 7518, 3.2)."""

DATABASE_PATIENCE = 3
"""Seconds that a request waits for a connection: clients give up after ten, and silence tells them less than a 503."""


def _long_enough(value: SecretStr) -> SecretStr:
    size = len(value.get_secret_value().encode())
    if size < MINIMUM_KEY_BYTES:
        raise ValueError(f"has {size} bytes, needs at least {MINIMUM_KEY_BYTES}")
    return value


def _address_of(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            complete = parts.scheme in schemes and bool(parts.hostname or parse_qsl(parts.query)) and parts.port != 0
        except ValueError:
            complete = False
        if not complete:
            raise ValueError(
                "must be an address such as " + " or ".join(f"{scheme}://host:port/name" for scheme in schemes)
            )
        return value

    return AfterValidator(check)


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Key = Annotated[SecretStr, AfterValidator(_long_enough)]
PostgresAddress = Annotated[str, _address_of("postgresql", "postgres")]
RedisAddress = Annotated[str, _address_of("redis", "rediss")]
Names = Annotated[list[str], NoDecode, BeforeValidator(_split)]


class Environment(BaseSettings):
    """The environment of one process of the service. Secrets stay wrapped until settings unwrap them."""

    model_config = SettingsConfigDict(env_prefix="DISPATCH_", hide_input_in_errors=True)

    secret_key: Key
    jwt_signing_key: Key | None = None
    database_url: PostgresAddress
    database_pool_size: int = 16
    cache_url: RedisAddress
    broker_url: RedisAddress
    channels_url: RedisAddress | None = None
    allowed_hosts: Names = ["localhost", "127.0.0.1"]
    cors_allowed_origins: Names = []
    login_failures_per_minute: int = 120
    debug: bool = False
    tls_redirect: bool = True
    sentry_dsn: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    def signing_key(self) -> str:
        """The key that signs tokens: its own where there is one, so that it can be replaced alone."""
        return (self.jwt_signing_key or self.secret_key).get_secret_value()

    def database(self) -> dict[str, Any]:
        """Django's DATABASES entry. Query parameters are libpq's own; without `sslmode` TLS is required."""
        parts = urlsplit(self.database_url)
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        options.setdefault("sslmode", "prefer" if self.debug else "require")
        options.setdefault("connect_timeout", "3")
        host = options.pop("host", None) or parts.hostname or ""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            # Every request has a thread of its own under ASGI: connections come from a pool, none belongs to a thread.
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options
            | {
                "pool": {
                    "min_size": 1,
                    "max_size": self.database_pool_size,
                    "timeout": DATABASE_PATIENCE,
                    # Attempts grow further and further apart; a new series begins at once when a request needs one.
                    "reconnect_timeout": DATABASE_PATIENCE,
                }
            },
        }


def read_environment() -> Environment:
    """Read and check the variables.

    Raises:
        ImproperlyConfigured: names each variable that is missing or wrong; never its value.
    """
    try:
        return Environment()  # type: ignore[call-arg]  # the values come from the environment
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_input=False, include_url=False):
            name = "DISPATCH_" + str(problem["loc"][0]).upper()
            said = "is not set" if problem["type"] == "missing" else problem["msg"].removeprefix("Value error, ")
            lines.append(f"  {name}: {said}")
        raise ImproperlyConfigured("the environment is incomplete or wrong:\n" + "\n".join(lines)) from None
