"""The logs beside the service: requests that are known again in them, so that what is missing is truly missing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor, Logs
from stackproof.evidence import Recorder, Redactor
from stackproof.observability.canaries import Canaries
from stackproof.target.http import Answer, HttpClient, Request
from stackproof.target.logs import START, Line, LogReader, Mark, Window

APPEARS_WITHIN = 6.0  # seconds until a line has to be there
STRAGGLERS = 0.4  # seconds that a line may come after one that was written later
PROBES = 2  # times that requests are made by which the log is known to have caught up

_FOLDERS: WeakKeyDictionary[HttpClient, str] = WeakKeyDictionary()  # of the target that a client speaks to


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that may be known again.

    Attributes:
        nonce: stands in its path, its id and its User-Agent.
        given: the id that it brought, or "".
        answered: the id that the answer named, or "".
    """

    nonce: str
    given: str
    answered: str
    answer: Answer

    @property
    def id(self) -> str:
        """The request's id as the service told it, else as it was brought."""
        return self.answered or self.given


class LogsView:
    """The service's log, by marks; see `LogReader`."""

    def __init__(self, descriptor: Descriptor, http: HttpClient, recorder: Recorder, redactor: Redactor) -> None:
        self._reader = LogReader(descriptor.logs)
        self._descriptor = descriptor
        self._http = http
        self._recorder = recorder
        self._redactor = redactor

    @property
    def described(self) -> Logs:
        """Names of fields, and of the header."""
        return self._reader.described

    def canaries(self) -> Canaries:
        """An empty set of secrets to search for."""
        return Canaries(self._redactor)

    def mark(self) -> Mark:
        """From now on."""
        return self._reader.mark()

    def since(self, mark: Mark) -> Window:
        """The lines since a mark."""
        return self._reader.since(mark)

    def everything(self) -> Window:
        """Whatever can still be read."""
        return self._reader.since(START)

    def wait(self, mark: Mark, found: Callable[[list[Line]], bool], within: float = APPEARS_WITHIN) -> list[Line]:
        """The lines since a mark, once `found` is true of them or time is up."""
        within = min(within, max(0.0, self._http.remaining()))
        return list(self._reader.wait(mark, lambda window: found(list(window.lines)), within).lines)

    def new_id(self) -> str:
        """An id as most services take it: a UUID (RFC 9562) in 32 hexadecimal digits."""
        word = secrets.token_hex(16)
        return f"{word[:12]}4{word[13:16]}a{word[17:]}"

    def request(self, path: str = "", *, at: str = "", given: str = "", headers: dict[str, str] | None = None) -> Sent:
        """Ask for something that is not there, under a name that nobody else asks for.

        Args:
            path: is put after the name.
            at: a path of the service to ask for instead.
        """
        nonce = f"sp{secrets.token_hex(8)}"
        name = self.described.request_id_header
        sent = {"User-Agent": f"stackproof/{nonce}", **({name: given} if given and name else {}), **(headers or {})}
        folder = "" if at else self._logged_folder()
        answer = self._ask(at or f"{folder}/{nonce}{path}", sent)
        return Sent(nonce, given, self.answered_id(answer), answer)

    def _logged_folder(self) -> str:
        """Below which path what is not there is answered by the service, and not by what stands before it.

        A proxy that hands on `/service/` alone answers all else by itself. Where the log does not show a request below
        the base URL, and shows one beside the protected resource, the latter's folder is taken.
        """
        if self._http not in _FOLDERS:
            protected = self._descriptor.auth.protected.path if self._descriptor.auth else ""
            beside = protected.partition("?")[0].rstrip("/").rpartition("/")[0]
            _FOLDERS[self._http] = self._shown(beside) if beside.startswith("/") else ""
        return _FOLDERS[self._http]

    def _shown(self, beside: str) -> str:
        mark = self.mark()
        nonces = {folder: f"sp{secrets.token_hex(8)}" for folder in ("", beside)}
        for folder, nonce in nonces.items():
            self._ask(f"{folder}/{nonce}", {"User-Agent": f"stackproof/{nonce}"})
        self.wait(mark, lambda lines: any(line.holds(nonce) for line in lines for nonce in nonces.values()))
        time.sleep(STRAGGLERS)
        lines = self.since(mark).lines
        shown = [folder for folder, nonce in nonces.items() if any(line.holds(nonce) for line in lines)]
        return "" if "" in shown else next(iter(shown), "")

    def _ask(self, path: str, headers: dict[str, str]) -> Answer:
        url = self._descriptor.target.base_url.rstrip("/") + path
        answer = self._http.send(Request("GET", url, headers=headers))
        self._recorder.add("exchange", answer.describe(), **answer.as_evidence())
        return answer

    def answered_id(self, answer: Answer) -> str:
        """The request's id that an answer names, or ""."""
        return str(answer.headers.get(self.described.request_id_header, "")) if self.described.request_id_header else ""

    def settled(self, mark: Mark) -> Window:
        """The lines since a mark, once a request that is sent now has left one.

        Raises:
            NotAssessed: none of its requests can be found there, so that nothing follows from what is missing.
        """
        protected = self._descriptor.auth.protected.path if self._descriptor.auth else ""
        places = ["", protected] if protected.startswith("/") else [""]
        sent = [self.request(at=place, given=self.new_id()) for place in places * PROBES]
        words = [word for one in sent for word in (one.nonce, one.id) if word]
        last = [word for one in sent[-len(places) :] for word in (one.nonce, one.id) if word]
        self.wait(mark, lambda lines: any(line.holds(word) for line in reversed(lines) for word in last))
        time.sleep(STRAGGLERS)
        window = self.since(mark)
        if not any(line.holds(word) for line in window.lines for word in words):
            not_assessed(self.silence(window))
        if window.gap:
            self._recorder.add("note", f"lines may be missing: {window.gap}")
        return window

    def silence(self, window: Window) -> str:
        """Why nothing can be said where a request of ours left no line."""
        named = ", ".join([*(path.name for path in self.described.files), *self.described.command[:1]])
        if not window.lines:
            return (
                f"nothing was written to {named} within {APPEARS_WITHIN:g} s of a request: is that the log of the "
                "service at target.base_url, and does it log requests without a buffer (PYTHONUNBUFFERED=1)?"
            )
        return (
            f"{len(window.lines)} lines were written to {named}, and none shows the path, the id or the User-Agent of "
            "a request that was made meanwhile: log each request, or name the log of the service at target.base_url"
        )

    def needs_no_gap(self, window: Window) -> None:
        """End the check where lines are missing."""
        if window.gap:
            raise NotAssessed(f"nothing was found, but lines may be missing: {window.gap}")

    def lines_of(self, lines: list[Line], request_id: str) -> list[Line]:
        """Those that carry an id in the field of the request's id."""
        return [line for line in lines if request_id and self.text_at(line, self.described.request_id) == request_id]

    @staticmethod
    def text_at(line: Line, field: str) -> str:
        """The value of a field as text, or ""."""
        value: Any = line.at(field) if field else None
        return "" if value is None or isinstance(value, dict | list) else str(value)
