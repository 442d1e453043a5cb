"""Asking a service what it lets scripts of another origin do (Fetch standard, CORS protocol)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from stackproof.check import not_assessed
from stackproof.descriptor.model import Cors, Descriptor
from stackproof.descriptor.places import Endpoint, split_place
from stackproof.evidence import Recorder
from stackproof.target.http import Answer, HttpClient, NoAnswer, Request
from stackproof.target.messages import UNDECIDED
from stackproof.target.session import Session
from stackproof.target.urls import url_at

hostile_origin = "https://evil-origin.test"  # a name that nobody can register (RFC 6761, section 6.2)
SAFELISTED_METHODS = frozenset({"GET", "HEAD", "POST"})  # Fetch, section 2.2.1
SAFELISTED_HEADERS = frozenset({"accept", "accept-language", "content-language"})
_BUSY = UNDECIDED | {502, 503, 504}  # whoever asks
SHOWN = ("access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods",
         "access-control-allow-headers", "vary", "cache-control")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer to a request of some origin.

    Attributes:
        origin: what the request said, "" for a request without.
        what: the request in words.
        preflight: it asked for permission alone, and read nothing.
    """

    origin: str
    what: str
    answer: Answer
    preflight: bool = False

    @property
    def was_read(self) -> bool:
        """Whether the resource itself was answered."""
        return self.answer.ok and not self.preflight

    @property
    def allowed_origin(self) -> str:
        """Access-Control-Allow-Origin as it was sent; "" where it was not."""
        return str(self.answer.headers.get("access-control-allow-origin", "")).strip()

    @property
    def wildcard(self) -> bool:
        """Whether every origin may read the answer of a request without credentials."""
        return self.allowed_origin == "*"

    @property
    def named(self) -> bool:
        """Whether the origin of the request may read the answer by its own name (compared byte by byte)."""
        return bool(self.origin) and self.allowed_origin == self.origin

    @property
    def credentials(self) -> bool:
        """Whether the answer says so for requests with cookies too."""
        return str(self.answer.headers.get("access-control-allow-credentials", "")).strip() == "true"

    @property
    def vary(self) -> frozenset[str]:
        """Lower-case names of Vary."""
        return self.listed("vary")

    def listed(self, header: str) -> frozenset[str]:
        """The lower-case words of a comma separated header."""
        text = ",".join(self.answer.headers.get_list(header))
        return frozenset(one.strip().lower() for one in text.split(",") if one.strip())

    @property
    def described(self) -> str:
        """One line for a reason."""
        allowed = f"Access-Control-Allow-Origin: {self.allowed_origin}" if self.allowed_origin else "no CORS header"
        with_cookies = ", Access-Control-Allow-Credentials: true" if self.credentials else ""
        return f"{self.what} from {self.origin or 'no origin'}: {self.answer.status}, {allowed}{with_cookies}"


class CrossOrigin:
    """The CORS protocol with one service.

    Args:
        session: None where nobody can sign in; then only what needs no account is asked.
    """

    def __init__(
        self, descriptor: Descriptor, http: HttpClient, recorder: Recorder, session: Session | None = None
    ) -> None:
        self.described: Cors = descriptor.cors
        self._descriptor = descriptor
        self._http = http
        self._recorder = recorder
        self._session = session

    @cached_property
    def _token(self) -> str:
        return self._session.login().access if self._session else ""

    @property
    def allowed(self) -> tuple[str, ...]:
        """The origins that the descriptor names, patterns left out."""
        return tuple(one.rstrip("/") for one in self.described.allowed_origins if "*" not in one)

    @property
    def own_origin(self) -> str:
        """The origin of the service itself."""
        parts = urlsplit(self._descriptor.target.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    # -- requests ------------------------------------------------------------------------------------------

    def everywhere(self, origin: str, *, cookie: bool = False) -> list[Asked]:
        """The answers to one origin: the protected resource with and without a token, other paths, preflights.

        Raises:
            NotAssessed: nothing at all was answered.
        """
        asked = [*self.readings(origin, cookie=cookie), *self.preflights(origin)]
        if not asked:
            not_assessed("nothing was answered: neither [auth.protected] nor any path of cors.paths")
        return asked

    def briefly(self, origin: str) -> list[Asked]:
        """The answers to one origin where they differ most: readings, and one preflight."""
        auth = self._descriptor.auth
        asked = [*self.readings(origin), *self.preflight(origin, auth.protected if auth else self._operations()[0])]
        if not asked:
            not_assessed("nothing was answered: neither [auth.protected] nor any path of cors.paths")
        return asked

    def readings(self, origin: str, *, cookie: bool = False) -> list[Asked]:
        """The answers to actual requests that read: the protected resource, signed in and not, and `cors.paths`."""
        auth = self._descriptor.auth
        asked = []
        extra = {"cookies": {"stackproof": "1"}} if cookie else {}
        if auth:
            if self._token and self._session:
                carried = self._session.carrying(self._token)
                asked += self._try(origin, auth.protected, "signed in", {**extra, **carried})
            asked += self._try(origin, auth.protected, "not signed in", extra)
        for path in self._other_paths():
            asked += self._try(origin, Endpoint(path=path, method="GET"), "", extra)
        return asked

    def turned_away(self, asked: Sequence[Asked]) -> str:
        """Words where requests of an origin are refused whole, and others are answered; "" where that was not seen.

        Express' cors package, given a function, ends in a 500 where the function says no; others answer 403.
        """
        other = self.allowed[0] if self.allowed else ""
        for one in self.readings(other):
            refused = next((again for again in asked if again.what == one.what), None)
            if not one.answer.ok or refused is None or refused.answer.ok or refused.answer.status in _BUSY:
                continue
            again = [answer for answer in self.readings(refused.origin) if answer.what == one.what]
            if again and again[0].answer.status == refused.answer.status and not again[0].allowed_origin:
                others = f"where {other or 'a request without an origin'} gets {one.answer.status}"
                return f"{refused.described}, twice, {others}"
        return ""

    def preflights(self, origin: str) -> list[Asked]:
        """The answers to preflights of the operations that the descriptor describes."""
        return [one for endpoint in self._operations() for one in self.preflight(origin, endpoint)]

    def preflight(self, origin: str, endpoint: Endpoint, method: str = "") -> list[Asked]:
        """The answer to OPTIONS for an operation, with the headers of the web client; none where nothing came."""
        asks = {"Access-Control-Request-Method": method or endpoint.method}
        if self.client_headers:
            asks["Access-Control-Request-Headers"] = ",".join(sorted(self.client_headers))
        return self._send(origin, endpoint, f"preflight of {method or endpoint.method}", "OPTIONS", {"headers": asks})

    def operations(self) -> list[Endpoint]:
        """What a web client uses, as far as it is described."""
        return self._operations()

    @property
    def client_headers(self) -> frozenset[str]:
        """Lower-case names of the headers that need permission: those of [cors], else the token's and the type's."""
        if "headers" in self.described.model_fields_set:
            given = {one.lower() for one in self.described.headers}
        else:
            auth = self._descriptor.auth
            kind, name = split_place(auth.carrier) if auth else ("", "")
            given = {"content-type"} | ({name.lower()} if kind == "header" else set())
            given |= {auth.csrf.header.lower()} if auth and auth.csrf else set()
        return frozenset(given) - SAFELISTED_HEADERS

    def _operations(self) -> list[Endpoint]:
        auth = self._descriptor.auth
        login = None if auth is None or auth.login.stand_in else auth.login
        known = [login, auth.refresh, auth.protected, auth.logout] if auth else []
        return [*(one for one in known if one), *(Endpoint(path=one, method="GET") for one in self._other_paths())]

    def _other_paths(self) -> tuple[str, ...]:
        return self.described.paths if self.described.paths or self._descriptor.auth else ("/",)

    def _try(self, origin: str, endpoint: Endpoint, how: str, message: Mapping[str, Any]) -> list[Asked]:
        what = f"{endpoint.method} {endpoint.path.partition('?')[0]}{f' {how}' if how else ''}"
        return self._send(origin, endpoint, what, endpoint.method, message)

    def _send(self, origin: str, endpoint: Endpoint, what: str, method: str, message: Mapping[str, Any]) -> list[Asked]:
        if method == "OPTIONS":
            what = f"{what} {endpoint.path.partition('?')[0]}"
        body = {**endpoint.extra, **message.get("body", {})} or None
        request = Request(
            method=method,
            url=url_at(self._descriptor.target.base_url, endpoint.path),
            headers={
                **({} if method == "OPTIONS" else endpoint.headers),
                **message.get("headers", {}),
                **({"Origin": origin} if origin else {}),
            },
            cookies=message.get("cookies", {}),
            body=None if method == "OPTIONS" else body,
            format=endpoint.format,
        )
        try:
            answer = self._http.send(request)
        except NoAnswer as error:
            self._recorder.add("note", f"{what} from {origin or 'no origin'}: {error}")
            return []
        asked = Asked(origin, what, answer, preflight=method == "OPTIONS")
        shown = {name: answer.headers[name] for name in SHOWN if name in answer.headers}
        self._recorder.add("exchange", asked.described, origin=origin, status=answer.status, headers=shown)
        return [asked]


def look_alikes(origin: str) -> list[tuple[str, str]]:
    """(origin, how it came about) of origins that a careless comparison takes for the given one."""
    parts = urlsplit(origin)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    names = [(f"{host}.evil-origin.test", "as a prefix of another domain"), (f"{host}evil-origin.test", "run on")]
    labels = host.split(".")
    if len(labels) > 1 and not labels[-1].isdigit():  # no address
        names += [(f"evil-{host}", "as a suffix"), (f"evil{'.'.join(labels[-2:])}", "its domain as a suffix")]
        names += [(f"evil.{host}", "a sub-domain of it")]
        names += [("x".join((".".join(labels[:at]), ".".join(labels[at:]))), "a dot of it as any character")
                  for at in range(1, min(len(labels), 4))]  # fmt: skip
    found = [(f"{parts.scheme}://{name}{port}", how) for name, how in names]
    if parts.scheme == "https":
        found.append((f"http://{host}{port}", "its scheme changed"))
    found.append((f"{parts.scheme}://{host}:{8444 if parts.port != 8444 else 8445}", "its port changed"))
    return found


def unsafe_methods(asked: Iterable[str]) -> list[str]:
    """The methods that need a preflight's permission by name."""
    return [one for one in dict.fromkeys(one.upper() for one in asked) if one not in SAFELISTED_METHODS]
