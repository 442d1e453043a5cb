"""Both Redis roles of the target."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stackproof.descriptor.places import Table


class RedisRole(Table):
    """One Redis role. Give the URL in an environment variable where it has a password."""

    url: str = ""
    url_env: str = ""
    plain_port: int = Field(6379, ge=0, le=65535, description="Port to look for plain text at, where TLS is promised.")
    user: str = Field("", description="The service's own user there; default: the one in its settings ([project]).")
    unused: bool = Field(False, description="true: the service has no Redis in this role; another broker, for one.")
    pressure: bool = Field(False, description="true: --drill may fill its memory for a moment (512 MiB at most).")


class CacheRole(RedisRole):
    """The cache."""

    needed: bool = Field(False, description="true: without its cache the service refuses with a 5xx, by design.")


class Redis(Table):
    """Both roles; a role that is not given is not looked at."""

    cache: CacheRole | None = None
    broker: RedisRole | None = None

    def is_unused(self, role: Literal["cache", "broker"]) -> bool:
        """Whether the descriptor says that the service has no Redis in that role."""
        given = self.cache if role == "cache" else self.broker
        return given is not None and given.unused
