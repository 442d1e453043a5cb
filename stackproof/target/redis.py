"""One Redis role, by what its server says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from redis import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from stackproof.check import not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.views import redis_url

WITHIN = 5  # seconds

# Celery writes ssl_cert_reqs=CERT_REQUIRED in the same URL for which redis-py wants "required"
CELERYS_WORD = re.compile(r"(?<=ssl_cert_reqs=)CERT_(\w+)")

# Forks say who they are in INFO server; the key that holds the fork's own version
FORKS = {"valkey_version": "Valkey", "redict_version": "Redict", "dragonfly_version": "Dragonfly"}


class RedisView:
    """The server of one role; nothing is written.

    Raises:
        NotAssessed: where the role is not given, or its server cannot be reached or refuses the account.
    """

    def __init__(self, descriptor: Descriptor, role: str, recorder: Recorder, redactor: Redactor) -> None:
        self.role = role
        url = redis_url(getattr(descriptor.redis, role))
        if not url:
            not_assessed(f"stackproof.toml gives no URL for [redis.{role}]: it is url, or in what url_env names")
        self._url = url = CELERYS_WORD.sub(lambda found: found[1].lower(), url)
        self._recorder = recorder
        self._redactor = redactor
        try:
            password = urlsplit(url).password or ""
            redactor.learn(password, unquote(password))
            _ = urlsplit(url).port  # a ValueError where it is none
            self._client = Redis.from_url(
                url, socket_connect_timeout=WITHIN, socket_timeout=WITHIN, decode_responses=True
            )
        except (ValueError, TypeError) as error:
            not_assessed(f"the URL of [redis.{role}] is none: {redactor.text(str(error))}")
        self._server = self.info("server")
        if "redis_version" not in self._server:
            not_assessed(f"the server of the {role} answers INFO server without redis_version: is it a Redis?")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return urlsplit(self._url).scheme == "rediss"

    @property
    def over_network(self) -> bool:
        """Whether the server is reached over TCP, and not through a socket of the machine."""
        return urlsplit(self._url).scheme != "unix"

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Where the server is."""
        parts = urlsplit(self._url)
        return parts.hostname or "localhost", parts.port or 6379

    @property
    def ca_file(self) -> str | None:
        """The trust anchors that the URL names, or None."""
        return parse_qs(urlsplit(self._url).query).get("ssl_ca_certs", [None])[0]

    @property
    def product(self) -> str:
        """ "Redis", or the fork that it is."""
        named = next((name for key, name in FORKS.items() if key in self._server), "")
        told = str(self._server.get("server_name", ""))
        return named or (told.capitalize() if told and told != "redis" else "Redis")

    @property
    def version(self) -> str:
        """The product's own version."""
        own = next((key for key in FORKS if key in self._server), "redis_version")
        return str(self._server.get(own, ""))

    @property
    def compatible_with(self) -> str:
        """The Redis version that it answers with."""
        return str(self._server.get("redis_version", ""))

    @property
    def run_id(self) -> str:
        """Random, made at the server's start: the same one means the same server."""
        return str(self._server.get("run_id", ""))

    def info(self, section: str) -> dict[str, Any]:
        """A section of INFO, recorded as evidence."""
        found = self._asked(f"INFO {section}", lambda: self._client.info(section))
        kept = {key: value for key, value in found.items() if not isinstance(value, dict)}
        self._recorder.add("query", f"INFO {section} of the {self.role}", rows=kept)
        return found

    def config(self, name: str) -> str:
        """A setting of the server, recorded as evidence."""
        found = self._asked(f"CONFIG GET {name}", lambda: self._client.config_get(name))
        if name not in found:
            not_assessed(f"the server of the {self.role} knows no setting {name}")
        self._recorder.add("query", f"CONFIG GET {name} of the {self.role}", rows=found)
        return str(found[name])

    def _asked(self, command: str, ask: Callable[[], Any]) -> dict[str, Any]:
        try:
            found = ask()
        except NoPermissionError:
            not_assessed(f"the account of [redis.{self.role}] may not run {command}")
        except ResponseError as error:
            not_assessed(f"the server of the {self.role} refuses {command}: {self._redactor.text(str(error))}")
        except (RedisError, OSError) as error:
            reason = self._redactor.text(str(error)) or type(error).__name__
            not_assessed(f"the server of the {self.role} cannot be asked: {reason[:300]}")
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            # redis-py has no such option of a URL, or expected another answer of a Redis
            not_assessed(f"the URL of [redis.{self.role}] does not lead to a Redis: {self._redactor.text(str(error))}")
        if not isinstance(found, dict):
            not_assessed(f"the server of the {self.role} answers {command} with something else: is it a Redis?")
        return found
