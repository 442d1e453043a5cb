"""Asking a service about itself: reading, and empty requests; counted, paced and bounded in time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from stackproof.descriptor.model import About, Descriptor
from stackproof.discovery.operations import is_path
from stackproof.errors import UsageError
from stackproof.evidence import Redactor
from stackproof.target.http import BODY_CAP, Answer, HttpClient, NoAnswer, Request
from stackproof.target.traffic import Traffic

PER_SECOND = 20.0  # requests
MOST_PROBES = 75  # requests that look for routes
TIMEOUT = 5.0  # seconds for one exchange
_SLASH = "/"


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller gave.

    Attributes:
        budget: seconds for everything.
        client_certificate, client_key: PEM files that the harness identifies itself with.
        document: the path of the service's OpenAPI document, where the caller knows it.
    """

    url: str
    ca: Path | None = None
    budget: float = 30.0
    resolve: Mapping[str, str] | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    document: str | None = None


class Prober:
    """The service at one base URL.

    Raises:
        UsageError: the URL, or the CA file, is none.
    """

    def __init__(self, options: Options, deadline: float = 0.0) -> None:
        self.base_url = options.url.rstrip("/")
        self.deadline = deadline or time.monotonic() + options.budget
        self.redactor = Redactor()
        self.options = options
        self.sent = 0
        self.about = About(
            base_url=self.base_url,
            ca=options.ca,
            client_certificate=options.client_certificate,
            client_key=options.client_key,
            timeout=TIMEOUT,
            resolve=dict(options.resolve or {}),
        )
        self.traffic = Traffic(self.base_url, PER_SECOND, self.deadline)
        self.http = HttpClient(Descriptor(target=self.about), self.redactor, self.traffic)
        self._probes = 0
        self._random: dict[tuple[str, str, str], int] = {}

    def url(self, path: str) -> str:
        """The whole URL of a path below the base URL."""
        return urljoin(self.base_url + _SLASH, path.lstrip(_SLASH))

    def send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, cap: int = BODY_CAP) -> Answer:
        """One request below the base URL; a POST carries an empty object.

        Args:
            cap: bytes of the answer that are read.

        Raises:
            NoAnswer: there was none.
        """
        self.sent += 1
        body: dict[str, str] | None = {} if method == "POST" else None
        request = Request(method, self.url(path), headers=headers or {}, body=body, cap=cap)
        return self.http.send(request, patient=False)

    def probe(self, method: str, path: str) -> Answer | None:
        """One request of the search for routes; None where there is no answer or the search has asked enough."""
        if self._probes >= MOST_PROBES:
            return None
        self._probes += 1
        try:
            return self.send(method, path)
        except NoAnswer:
            return None

    def is_there(self, method: str, path: str, statuses: frozenset[int]) -> Answer | None:
        """The answer where an operation shows itself by one of those statuses and a made-up neighbour does not."""
        answer = self.probe(method, path)
        if answer is None or answer.status not in statuses:
            return None
        return answer if self._neighbour(method, path) not in {0, answer.status} else None

    def _neighbour(self, method: str, path: str) -> int:
        """The status of a path that nobody has, in the same folder; 0 where it gave no answer."""
        slash = _SLASH if path.endswith(_SLASH) else ""
        folder = path.rstrip(_SLASH).rpartition(_SLASH)[0]
        key = (method, folder, slash)
        if key not in self._random:
            answer = self.probe(method, f"{folder}/{secrets.token_hex(8)}{slash}")
            self._random[key] = answer.status if answer else 0
        return self._random[key]


def checked_document(path: str) -> str:
    """The path of a document below the base URL, where it is one.

    Raises:
        UsageError: it is none.
    """
    place = path if path.startswith(_SLASH) else f"{_SLASH}{path}"
    bare, _, query = place.partition("?")
    if "://" in path or path.startswith("//") or not path or not is_path(bare) or not query.isprintable():
        hint = "the path below the base URL, such as --document /api/v2/openapi.json"
        raise UsageError(f"--document {path!r} is no path of the service", hint=hint)
    return place


def checked_url(url: str) -> str:
    """The URL, without its query, where it is one.

    Raises:
        UsageError: it is none.
    """
    hint = "give the address of the service, such as https://staging.example.com"
    try:
        parts = urlsplit(url)
        bad = parts.scheme not in {"http", "https"} or not parts.hostname or (parts.port or 1) < 1
    except ValueError:
        raise UsageError(f"{url!r} is no URL", hint=hint) from None
    if bad or not url.isprintable() or " " in url:
        raise UsageError(f"{url!r} is no http or https URL", hint=hint)
    if parts.username or parts.password:
        raise UsageError(
            "the URL carries credentials", hint="leave them out; set STACKPROOF_USERNAME and STACKPROOF_PASSWORD"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip(_SLASH)
