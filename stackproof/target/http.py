"""HTTP to the target: capped, bounded in time as a whole, never beyond the hosts that the descriptor names."""

from __future__ import annotations

import json
import math
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx

from stackproof.check import NotAssessed
from stackproof.descriptor.model import About, Descriptor
from stackproof.errors import UsageError
from stackproof.evidence import Redactor
from stackproof.target.responses import cookies_of, date_of, read_capped, retry_after, tracer
from stackproof.target.traffic import OutOfTime, Pace, Traffic
from stackproof.target.urls import url_at

BODY_CAP = 1_048_576  # bytes of an answer that are read
LONGEST_WAIT = 65.0  # seconds that one client waits in all because the target said 429


class NoAnswer(NotAssessed):
    """The target gave no HTTP answer: refused, reset, spoke something else, or did not end in time (`timed_out`)."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; `url` is absolute, `query` is added to it.

    Attributes:
        content: a body that is sent byte for byte, in place of `body`.
        cap: bytes of the answer that are read.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    format: str = "json"
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    cap: int = BODY_CAP


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        body: at most `request.cap` bytes; `truncated` says that there was more.
        cookies: set by this answer, last one of a name; an emptied or expired cookie is absent.
        seconds: from sending to the last byte.
        date: the server's Date header as seconds since the epoch, None where it gave none.
    """

    request: Request
    status: int
    headers: httpx.Headers
    body: bytes
    truncated: bool
    cookies: Mapping[str, str]
    seconds: float
    received: float
    date: float | None

    @property
    def ok(self) -> bool:
        """A 2xx status."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def describe(self) -> str:
        """One line: "POST /api/refresh/ answered 401"."""
        return f"{self.request.method} {urlsplit(self.request.url).path} answered {self.status}"

    def as_evidence(self) -> dict[str, Any]:
        """The exchange as data; the recorder redacts and caps it."""
        shown = self.json()
        return {
            "request": {
                "method": self.request.method,
                "url": self.request.url,
                "headers": dict(self.request.headers),
                "cookies": sorted(self.request.cookies),
                "query": sorted(self.request.query),
                "body": self.request.body
                if self.request.content is None
                else self.request.content[:2_000].decode("utf-8", "backslashreplace"),
            },
            "status": self.status,
            "headers": dict(list(self.headers.items())[:30]),
            "body": shown if isinstance(shown, dict | list) else self.body[:4_000].decode("utf-8", "replace"),
            "truncated": self.truncated,
            "milliseconds": round(self.seconds * 1000, 1),
        }


def tls_context(about: About) -> ssl.SSLContext:
    """A verifying client context, with the descriptor's CA bundle in place of the machine's.

    Raises:
        UsageError: the bundle, the client certificate or its key is missing or is no PEM.
    """
    try:
        context = ssl.create_default_context(cafile=str(about.ca) if about.ca else None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"{about.ca}: is no CA bundle: {error}", hint="target.ca names a PEM file of certificates"
        ) from error
    if about.client_certificate:
        key = str(about.client_key) if about.client_key else None
        try:
            context.load_cert_chain(str(about.client_certificate), key, password="")  # never ask on the terminal
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"{about.client_certificate}: is no client certificate with its key: {error}",
                hint="target.client_certificate and target.client_key name PEM files, the key without a passphrase",
            ) from error
    return context


class HttpClient:
    """Sends requests to the hosts that a descriptor names, without following redirects and without a cookie jar."""

    def __init__(
        self,
        descriptor: Descriptor,
        redactor: Redactor,
        traffic: Traffic | None = None,
        logins: Pace | None = None,
        context: ssl.SSLContext | None = None,
        within: float = math.inf,
    ) -> None:
        about = descriptor.target
        self._within = within
        self._traffic = traffic or Traffic(about.base_url, about.requests_per_second)
        per_minute = descriptor.auth.logins_per_minute if descriptor.auth else 0
        self._logins = logins or Pace(f"logins of {about.base_url}", per_minute / 60)
        login = descriptor.auth.login if descriptor.auth else None
        self._login_method = login.method if login else ""
        self._login_paths = {
            urlsplit(url_at(base, login.path)).path for base in descriptor.base_urls().values() if login
        }
        self._descriptor = descriptor
        self._allowed = descriptor.allowed_hosts()
        self._redactor = redactor
        self._context = context or tls_context(about)  # the machine's authorities take 20 ms to load
        self._client = self._new_client()
        self._waited = 0.0

    def _new_client(self) -> httpx.Client:
        return httpx.Client(verify=self._context, follow_redirects=False, trust_env=False, timeout=None)  # noqa: S113

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def fresh(self, within: float = math.inf) -> HttpClient:
        """A client with connections of its own, under the same limits, and one on the seconds of an exchange."""
        return HttpClient(self._descriptor, self._redactor, self._traffic, self._logins, self._context, within)

    def forget_silence(self) -> None:
        """Ask again at once where the target was mute: there was a known reason for it."""
        self._traffic.forget()

    def _wait_for_login(self) -> None:
        pause = self._logins.pause()
        if pause >= self._traffic.remaining():
            raise OutOfTime("the next login would come after the end of the run's time budget (--budget)")
        time.sleep(pause)

    def _signs_in(self, request: Request) -> bool:
        """Whether a throttle of logins would count it, whatever it carries."""
        return request.method == self._login_method and urlsplit(request.url).path in self._login_paths

    def keep_to_hosts(self, url: str) -> None:
        """Contact nobody whom the descriptor does not name.

        Raises:
            NoAnswer: the URL leads to another host or port.
        """
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if (parts.hostname or "", port) not in self._allowed:
            raise NoAnswer(f"{parts.hostname}:{port} is no host that the descriptor names; it was not contacted")

    def admit(self, url: str) -> None:
        """Keep to the pace and the bounds of the run before a connection that is not made by this client.

        Raises:
            NotAssessed: the time budget is spent, or the target is mute.
        """
        self._traffic.admit(urlsplit(url).netloc)

    def remaining(self) -> float:
        """Seconds of the run's time budget that are left; infinite where there is none."""
        return self._traffic.remaining()

    def send(self, request: Request, *, patient: bool = True, on_sent: Callable[[], None] | None = None) -> Answer:
        """Send a request and read its answer.

        Args:
            patient: wait and try again where the target answers 429 with a Retry-After within bounds.
            on_sent: called once the whole request is on its way.

        Raises:
            NoAnswer: nothing that is HTTP came back within the descriptor's time-out.
        """
        self.keep_to_hosts(request.url)
        answer = self._exchange(request, on_sent)
        while patient and answer.status == 429:
            pause = retry_after(answer.headers)
            if pause is None or self._waited + pause > LONGEST_WAIT or pause > self._traffic.remaining():
                break
            self._waited += pause
            time.sleep(pause)
            answer = self._exchange(request)
        return answer

    def _exchange(self, request: Request, on_sent: Callable[[], None] | None = None) -> Answer:
        url, extensions = self._pinned(request)
        place = url.partition("://")[2].partition("/")[0]
        if self._signs_in(request):
            self._wait_for_login()
        begun = self._traffic.admit(place)
        limit = min(self._descriptor.target.timeout, self._within, max(self._traffic.remaining(), 0.1))
        started = time.monotonic()
        deadline = started + limit
        body: dict[str, Any] = {"json" if request.format == "json" else "data": request.body}
        if request.content is not None:
            body = {"content": request.content}
        if self._client.is_closed:
            self._client = self._new_client()
        # Closing the connection is the only thing that ends an exchange with a server which drips for ever:
        # the client's own time-outs begin anew with every byte.
        alarm = threading.Timer(limit, self._client.close)
        alarm.daemon = True
        alarm.start()
        try:
            outgoing = self._client.build_request(
                request.method,
                url,
                headers={
                    "Accept-Encoding": "identity",
                    "Host": urlsplit(request.url).netloc,
                    **self._descriptor.target.headers,
                    **request.headers,
                },
                **(body if request.body is not None or request.content is not None else {}),
                timeout=httpx.Timeout(limit),
                extensions={**extensions, **({"trace": tracer(on_sent)} if on_sent else {})},
            )
            if request.cookies:
                outgoing.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in request.cookies.items())
            response = self._client.send(outgoing, stream=True)
            try:
                content, truncated = read_capped(response, deadline, request.cap)
                if response.status_code >= 500:  # after an unhandled error uvicorn hangs up, and does not say so
                    response.extensions["network_stream"].close()
            finally:
                response.close()
                self._client.cookies.clear()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError, RuntimeError) as error:
            if self._traffic.remaining() <= 0:
                raise OutOfTime("the run's time budget was spent during an exchange (--budget)") from None
            if isinstance(error, httpx.TimeoutException) or time.monotonic() >= deadline - 0.01:
                self._traffic.timed_out(place, begun)
                raise NoAnswer(
                    f"{request.method} {request.url}: no whole answer within {limit:g} s", timed_out=True
                ) from None
            reason = self._redactor.text(str(error)) or type(error).__name__
            raise NoAnswer(f"{request.method} {request.url}: {reason[:300]}") from None
        finally:
            alarm.cancel()
        self._traffic.answered(place)
        now = time.time()
        return Answer(
            request=request,
            status=response.status_code,
            headers=response.headers,
            body=content,
            truncated=truncated,
            cookies=cookies_of(response, urlsplit(request.url).hostname or ""),
            seconds=time.monotonic() - started,
            received=now,
            date=date_of(response),
        )

    def _pinned(self, request: Request) -> tuple[str, dict[str, Any]]:
        """The URL to connect to, and the name that the certificate has to bear where that is another one."""
        parts = urlsplit(request.url)
        query = "&".join(one for one in (parts.query, urlencode(request.query)) if one)
        address = self._descriptor.target.resolve.get(parts.hostname or "")
        if address is None:
            return urlunsplit((*parts[:3], query, "")), {}
        host = f"[{address}]" if ":" in address else address
        netloc = f"{host}:{parts.port}" if parts.port else host
        return urlunsplit((parts.scheme, netloc, parts.path, query, "")), {"sni_hostname": parts.hostname}
