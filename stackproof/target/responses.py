"""What is taken from an HTTP response, capped and bounded in time."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from typing import Any

import httpx

READ_CHUNK = 65_536


def tracer(on_sent: Callable[[], None]) -> Callable[[str, dict[str, Any]], None]:
    """httpcore's trace hook, reduced to the moment at which a request has been written."""

    def trace(event: str, _details: dict[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            on_sent()

    return trace


def read_capped(response: httpx.Response, deadline: float, cap: int) -> tuple[bytes, bool]:
    """Read at most `cap` bytes before the deadline; a server that drips runs into it.

    An encoding was not asked for (RFC 9110, section 12.5.3). gzip and deflate are undone up to the same cap, so that a
    small answer cannot unpack into a large one; what is encoded otherwise, or twice, is no answer.
    """
    content = bytearray()
    truncated = False
    for chunk in response.iter_raw(READ_CHUNK):
        content += chunk
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer did not end in time")
        if len(content) > cap:
            truncated = True
            break
    body = bytes(content[:cap])
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        return body, truncated
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise httpx.DecodingError(f"the answer is encoded as {encoding[:40]}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(body, cap)
    except zlib.error:
        raise httpx.DecodingError("the answer is not encoded as it says") from None
    return unpacked, truncated or bool(unpacker.unconsumed_tail)


def cookies_of(response: httpx.Response) -> dict[str, str]:
    """What a response sets; emptied and expired ones left out."""
    found: dict[str, str] = {}
    for cookie in response.cookies.jar:
        if cookie.value and not cookie.is_expired():
            found[cookie.name] = cookie.value
    return found


def date_of(response: httpx.Response) -> float | None:
    """The Date header as seconds since the epoch, None where there is none."""
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds of Retry-After (RFC 9110, section 10.2.3), or None where it gives no number."""
    text = headers.get("retry-after", "")
    return float(text) + 0.05 if text.isdigit() else None
