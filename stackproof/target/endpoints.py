"""The addresses at which a target is spoken to, as the descriptor names them, for a look at their TLS.

Nothing is connected here but by `survey_of` and `say_plainly`: an address that cannot be reached, or whose certificate
no client accepts, must not keep another from being looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from stackproof.check import not_assessed
from stackproof.descriptor.model import NO_DSN, Descriptor, from_environment
from stackproof.descriptor.redis import RedisRole
from stackproof.target.urls import url_at
from stackproof.target.views import redis_url
from stackproof.tls.endpoint import Identity
from stackproof.tls.model import Starttls, TlsSurvey
from stackproof.tls.plain import PlainAnswer, ask_plainly, get_plainly
from stackproof.tls.survey import probe

PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
URLS_CAP = 4  # of one address that are asked for
SURVEY_WITHIN = 10.0  # seconds for one address
DEFAULT_REDIS_PORT = 6379


@dataclass(frozen=True, slots=True)
class Place:
    """One address.

    Attributes:
        names: what of the descriptor leads here: "target.base_url", "redis.cache".
        encrypted: TLS is what the descriptor promises there.
        address: connect there in place of what `host` resolves to; "" where the descriptor pins nothing.
        ca_file: trust anchors, None for the machine's own store.
        urls: what may be read there with GET (HTTP alone).
        plain_port: where else the same server might listen, and whether the descriptor says so (Redis alone).
    """

    names: tuple[str, ...]
    host: str
    port: int
    encrypted: bool
    scheme: str = ""
    address: str = ""
    ca_file: str | None = None
    identity: Identity = field(default=None, repr=False)
    starttls: Starttls = "none"
    urls: tuple[str, ...] = ()
    plain_port: tuple[int, bool] = (0, False)

    @property
    def label(self) -> str:
        """host:port."""
        return f"{self.host}:{self.port}"

    def has(self, url: str) -> bool:
        """Whether a URL is at this address."""
        parts = urlsplit(url)
        return (parts.hostname, parts.port or PORTS.get(parts.scheme)) == (self.host, self.port)

    @property
    def origin(self) -> str:
        """scheme://host, with the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS.get(self.scheme) else f":{self.port}")

    def on(self, host: str, address: str = "") -> Place:
        """The same place under another name."""
        return replace(self, host=host, address=address)


def survey_of(place: Place, within: float = SURVEY_WITHIN) -> TlsSurvey:
    """What the address shows in TLS, in at most so many seconds."""
    return probe(
        place.host,
        place.port,
        ca_file=place.ca_file,
        starttls=place.starttls,
        address=place.address,
        identity=place.identity,
        deadline_seconds=within,
    )


def get_without_tls(place: Place, port: int, path: str, within: float = SURVEY_WITHIN) -> PlainAnswer:
    """A GET over plain HTTP at a port of the same host."""
    return get_plainly(place.host, port, path, address=place.address, within=within)


def ping_without_tls(place: Place, port: int, within: float = SURVEY_WITHIN) -> PlainAnswer:
    """A PING in Redis's protocol, without TLS and without a password, at a port of the same host."""
    return ask_plainly(place.host, port, b"PING\r\n", address=place.address, end=b"\r\n", within=within)


def info_without_tls(place: Place, port: int, within: float = SURVEY_WITHIN) -> PlainAnswer:
    """INFO server in Redis's protocol, without TLS and without a password: it names the server's own run."""
    request = b"INFO server\r\n"
    return ask_plainly(place.host, port, request, address=place.address, end=b"\r\n\r\n", within=within)


def http_places(descriptor: Descriptor) -> tuple[Place, ...]:
    """Every address of HTTP and WebSocket that the descriptor names; the clock's instance is not the service."""
    about = descriptor.target
    identity = None
    if about.client_certificate:
        identity = (str(about.client_certificate), str(about.client_key) if about.client_key else None)
    found: dict[tuple[bool, str, int], dict[str, Any]] = {}
    for name, url, readable in _urls(descriptor):
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        encrypted = parts.scheme in {"https", "wss"}
        one = found.setdefault((encrypted, host, port), {"scheme": parts.scheme, "names": {}, "urls": {}})
        one["names"][name] = None
        one["urls"].update(dict.fromkeys(readable))
    return tuple(
        Place(
            tuple(one["names"]),
            host,
            port,
            encrypted,
            one["scheme"],
            about.resolve.get(host, ""),
            str(about.ca) if about.ca else None,
            identity,
            urls=tuple(one["urls"])[:URLS_CAP],
        )
        for (encrypted, host, port), one in found.items()
    )


def _urls(descriptor: Descriptor) -> Iterator[tuple[str, str, list[str]]]:
    """(key, URL, URLs that may be read there) of everything that the descriptor names."""
    auth, about = descriptor.auth, descriptor.target
    named = [auth.protected.path, auth.login.path] if auth else []
    own = [path for path in named if path.startswith("/")]
    bases = {"target.base_url": about.base_url}
    bases |= {f"target.also.{number}": url for number, url in enumerate(about.also)}
    for key, base in bases.items():
        yield key, base, [url_at(base, path) for path in (*own, "/")]
    others = [*(auth.judged_paths() if auth else ()), descriptor.api.document or "", *descriptor.cors.paths]
    for url in others:
        if url.startswith(("http://", "https://")):
            yield "another host of the descriptor", url, [url]
    if descriptor.websocket:
        path = descriptor.websocket.path
        yield "websocket.path", url_at(about.base_url, path), []


def postgres_places(descriptor: Descriptor) -> tuple[Place, ...]:
    """Every server that the DSN names and that is reached over a network.

    Raises:
        NotAssessed: there is no DSN, it is none, or it leads through a socket of the machine.
    """
    from psycopg import Error as PostgresError
    from psycopg.conninfo import conninfo_to_dict

    given = descriptor.postgres
    dsn = given.own_dsn if given else ""
    try:
        parameters = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value} if dsn else {}
    except PostgresError:
        not_assessed(NO_DSN)
    hosts = (parameters.get("host") or parameters.get("hostaddr") or from_environment("PGHOST")).split(",")
    ports = (parameters.get("port") or from_environment("PGPORT") or "5432").split(",")
    addresses = parameters.get("hostaddr", "").split(",")
    places = []
    for number, host in enumerate(hosts):
        if host.startswith(("/", "@")) or not host:
            continue
        port = ports[number] if len(ports) > number else ports[0]
        if not port.isdigit():
            not_assessed(f"the DSN of PostgreSQL has no port, but {port[:20]!r}")
        address = addresses[number] if len(addresses) == len(hosts) else ""
        places.append(
            Place(
                ("postgres.dsn",),
                host,
                int(port),
                True,
                address=address,
                ca_file=_readable(parameters.get("sslrootcert", "")),
                identity=_identity(parameters.get("sslcert", ""), parameters.get("sslkey", "")),
                starttls="postgres",
            )
        )
    if not places:
        not_assessed("PostgreSQL is reached through a socket of the machine, not over a network")
    return tuple(places)


def redis_places(descriptor: Descriptor) -> tuple[Place, ...]:
    """The server of each role that has a URL and is reached over a network; one place for both where it is the same."""
    found: dict[tuple[str, int, bool], Place] = {}
    for name in ("cache", "broker"):
        role: RedisRole | None = getattr(descriptor.redis, name)
        parts = _split(redis_url(role))
        if role is None or parts is None or parts.scheme not in {"redis", "rediss"}:
            continue
        options = {key: values[0] for key, values in parse_qs(parts.query).items()}
        host, port, encrypted = parts.hostname or "localhost", _port(parts), parts.scheme == "rediss"
        known = found.get((host, port, encrypted))
        found[host, port, encrypted] = Place(
            ((*known.names, f"redis.{name}") if known else (f"redis.{name}",)),
            host,
            port,
            encrypted,
            parts.scheme,
            ca_file=_readable(options.get("ssl_ca_certs", "")) or (known.ca_file if known else None),
            identity=_identity(options.get("ssl_certfile", ""), options.get("ssl_keyfile", "")),
            plain_port=(role.plain_port, "plain_port" in role.model_fields_set),
        )
    return tuple(found.values())


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or DEFAULT_REDIS_PORT


def _readable(path: str) -> str | None:
    """The path of a CA file that can be opened; libpq passes over one that is not there, and "system" is no file."""
    try:
        with open(path, "rb"):  # noqa: PTH123 - "" is no path
            return path
    except OSError:
        return None


def _identity(certificate: str, key: str) -> Identity:
    return (certificate, key or None) if _readable(certificate) else None
