"""One Redis role, by what its server says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from redis import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.views import redis_url

WITHIN = 5  # seconds

# Celery writes ssl_cert_reqs=CERT_REQUIRED in the same URL for which redis-py wants "required"
CELERYS_WORD = re.compile(r"(?<=ssl_cert_reqs=)CERT_(\w+)")

# Forks say who they are in INFO server: the key that holds the fork's own version, or the program's name
FORKS = {
    "valkey_version": "Valkey",
    "redict_version": "Redict",
    "dragonfly_version": "Dragonfly",
    "garnet_version": "Garnet",
    "kvrocks_version": "Kvrocks",
}
PROGRAMS = {"keydb": "KeyDB", "valkey": "Valkey", "redict": "Redict", "dragonfly": "Dragonfly"}
MANAGED = {"/opt/redislabs/": "Redis Enterprise", "amazon": "Amazon ElastiCache", "upstash": "Upstash"}

WHO = ("username", "password", "ssl_certfile", "ssl_keyfile")  # options of a URL that identify

# What a server says before anything else where TLS is spoken to its plain port, or the reverse
NO_TLS_THERE = re.compile(
    r"(?i)wrong.version.number|record.layer.failure|unexpected.eof|packet.length.too.long|timeout connecting"
)
UNKNOWN_AUTHORITY = re.compile(r"(?i)self.signed certificate|unable to get (?:local )?issuer certificate")
TLS_THERE = re.compile(r"(?i)connection closed by server|connection reset|protocol error: b'\\x15|unknown response")


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
        self._is_the_roles_own()

    def _is_the_roles_own(self) -> None:
        """What a replica, a Sentinel or a node of a cluster says of itself need not hold for the role.

        Raises:
            NotAssessed: it is one of these.
        """
        mode = str(self._server.get("redis_mode", "standalone"))
        named = f"the URL of [redis.{self.role}] leads to"
        if mode == "sentinel":
            not_assessed(f"{named} a Sentinel, which holds no data: name the primary that it watches")
        if mode == "cluster":
            not_assessed(f"{named} one node of a cluster, and what holds for it need not hold for the others")
        try:
            replication = self._object("INFO replication", lambda: self._client.info("replication"))
        except NotAssessed:
            return
        if replication.get("role") == "slave":
            not_assessed(
                f"{named} a replica: its settings are not the primary's, which the service writes to; name that"
            )

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
    def address(self) -> str:
        """Its URL without whatever tells the server who connects."""
        parts = urlsplit(self._url)
        kept = [(key, value) for key, value in parse_qsl(parts.query) if key not in WHO]
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=urlencode(kept)))

    @property
    def certificate_file(self) -> str:
        """The certificate that the harness identifies itself with, or ""."""
        return parse_qs(urlsplit(self._url).query).get("ssl_certfile", [""])[0]

    @property
    def product(self) -> str:
        """ "Redis", or the fork that it is."""
        named = next((name for key, name in FORKS.items() if key in self._server), "")
        told = str(self._server.get("server_name", ""))
        program = str(self._server.get("executable", "")).rpartition("/")[2].lower()
        by_program = next((name for word, name in PROGRAMS.items() if word in program), "")
        return named or (told.capitalize() if told and told != "redis" else by_program or "Redis")

    @property
    def managed(self) -> str:
        """The service that sells it, where the server says so; "" otherwise."""
        told = f"{self._server.get('executable', '')} {self._server.get('os', '')}".lower()
        by_key = "Redis Enterprise" if "rlec_version" in self._server else ""
        return by_key or next((name for word, name in MANAGED.items() if word in told), "")

    @property
    def modules(self) -> tuple[str, ...]:
        """Names of the modules that it has loaded; empty where it does not tell."""
        try:
            loaded = self.info("modules").get("modules", [])
        except NotAssessed:
            return ()
        return tuple(str(one.get("name", "")) for one in loaded if isinstance(one, dict))

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
        found = self._object(f"INFO {section}", lambda: self._client.info(section))
        kept = {key: value for key, value in found.items() if not isinstance(value, dict)}
        self._recorder.add("query", f"INFO {section} of the {self.role}", rows=kept)
        return found

    def config(self, name: str) -> str:
        """A setting of the server, recorded as evidence."""
        found = self._object(f"CONFIG GET {name}", lambda: self._client.config_get(name))
        if name not in found:
            not_assessed(f"the server of the {self.role} knows no setting {name}")
        self._recorder.add("query", f"CONFIG GET {name} of the {self.role}", rows=found)
        return str(found[name])

    def says(self, *words: str | int) -> Any:
        """The answer to any command; not recorded, for it may hold anything.

        Raises:
            NotAssessed: the command is refused or not answered; the server's own words are the reason.
        """
        shown = " ".join(str(one) for one in words[:2])
        client: Any = self._client
        return self._asked(shown, lambda: client.execute_command(*words))

    def holds(self, key: str, database: int | None = None) -> bool:
        """Whether a key is there, in the database of the URL or in another one."""
        with self.client(database) as client:
            found = bool(self._asked("EXISTS", lambda: client.exists(key)))
        self._recorder.add("query", f"EXISTS at the {self.role}", key=key, database=database, found=found)
        return found

    def length(self, key: str, database: int | None = None) -> int:
        """The length of a list; 0 where there is none."""
        with self.client(database) as client:
            found = int(self._asked("LLEN", lambda: client.llen(key)))
        self._recorder.add("query", f"LLEN at the {self.role}", key=key, database=database, length=found)
        return found

    @contextmanager
    def client(self, database: int | None = None) -> Iterator[Any]:
        """A connection of its own, of another database where one is named; errors are redis-py's."""
        made = Redis.from_url(self._url, socket_connect_timeout=WITHIN, socket_timeout=WITHIN, decode_responses=True)
        if database is not None:  # the number in the URL would win over an argument
            made.connection_pool.connection_kwargs["db"] = database
        try:
            yield made
        finally:
            made.close()

    def _object(self, command: str, ask: Callable[[], Any]) -> dict[str, Any]:
        found = self._asked(command, ask)
        if not isinstance(found, dict):
            not_assessed(f"the server of the {self.role} answers {command} with something else: is it a Redis?")
        return found

    def _asked(self, command: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except NoPermissionError:
            not_assessed(
                f"the account of [redis.{self.role}] may not run {command}; {_rule(command)} in its ACL lets it"
            )
        except ResponseError as error:
            said = self._redactor.text(str(error).partition(", with args")[0])
            hint = f"; {RENAMED}" if said.lower().startswith("unknown command") else ""
            not_assessed(f"the server of the {self.role} refuses {command}: {said}{hint}")
        except (RedisError, OSError) as error:
            reason = self._redactor.text(str(error)) or type(error).__name__
            not_assessed(f"the server of the {self.role} cannot be asked: {reason[:300]}{self._cure(reason)}")
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            # redis-py has no such option of a URL, or expected another answer of a Redis
            not_assessed(f"the URL of [redis.{self.role}] does not lead to a Redis: {self._redactor.text(str(error))}")

    def _cure(self, reason: str) -> str:
        """What may help, where TLS is spoken on one side alone, or nobody is known who signed the certificate."""
        if self.tls and UNKNOWN_AUTHORITY.search(reason):
            return f" (a private authority is named in the URL of [redis.{self.role}]: ?ssl_ca_certs=authority.pem)"
        if self.tls and NO_TLS_THERE.search(reason):
            return " (no TLS seems to be spoken there: redis:// instead of rediss://, or another port?)"
        if not self.tls and self.over_network and TLS_THERE.search(reason):
            return " (TLS may be spoken there: rediss:// instead of redis://, or another port?)"
        return ""


RENAMED = "it has another name there, or a managed service took it away: an attestation settles what it would tell"


def _rule(command: str) -> str:
    """The rule of an ACL that lets an account run a command: +info, +config|get (Redis 7, ACL)."""
    words = command.lower().split()
    return f"+{words[0]}|{words[1]}" if words[0] in {"config", "acl", "client"} and len(words) > 1 else f"+{words[0]}"
