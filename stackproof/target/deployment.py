"""What an ordinary answer of the service looks like from outside."""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.check import NotAssessed
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder
from stackproof.target.http import Answer, HttpClient, Request
from stackproof.target.messages import UNDECIDED


def ordinary_headers(http: HttpClient, descriptor: Descriptor, recorder: Recorder) -> Mapping[str, str]:
    """Header names in lower case and values of an answer that the service gave to nobody in particular.

    Empty where there was none, or where what answered was an error of the service or of something before it.
    """
    answer = _read(http, descriptor, {})
    if answer is None or answer.status >= 500 or answer.status in {407, *UNDECIDED}:
        return {}
    recorder.add("exchange", answer.describe(), **answer.as_evidence())
    return {name.lower(): value for name, value in answer.headers.items()}


def stranger_is_refused(http: HttpClient, descriptor: Descriptor, recorder: Recorder) -> bool | None:
    """Whether the service refuses a request to a name that is none of its own; None where that cannot be told."""
    usual = _read(http, descriptor, {})
    strange = _read(http, descriptor, {"Host": "stackproof-stranger.example"}) if usual is not None else None
    if usual is None or strange is None or max(usual.status, strange.status) >= 500:
        return None
    recorder.add("exchange", f"to its own name {usual.describe()}", **usual.as_evidence())
    recorder.add("exchange", f"to another name {strange.describe()}", **strange.as_evidence())
    if usual.status in {400, 421, 429} or strange.status in UNDECIDED:
        return None
    return strange.status in {400, 403, 404, 421} and strange.status != usual.status


def _read(http: HttpClient, descriptor: Descriptor, headers: Mapping[str, str]) -> Answer | None:
    about, auth = descriptor.target, descriptor.auth
    path = auth.protected.path if auth and auth.protected.path.startswith("/") else "/"
    url = about.base_url.rstrip("/") + path
    try:
        return http.send(Request("GET", url, headers=headers))
    except NotAssessed:
        return None
