"""What is taken from an HTTP response, capped and bounded in time."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
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


def cookies_of(response: httpx.Response, host: str) -> dict[str, str]:
    """What a response sets for a host, as written; emptied and expired ones left out.

    Args:
        host: the name that was asked for. A jar would go by the address of the connection, and a cookie for the domain
            of a name that is pinned to an address would be lost.
    """
    found: dict[str, str] = {}
    for line in response.headers.get_list("set-cookie"):
        pair, *rest = line.split(";")
        name, equals, value = (one.strip() for one in pair.partition("="))
        attributes = {key.strip().lower(): word.strip() for key, _, word in (one.partition("=") for one in rest)}
        if not equals or not name or not _is_for(attributes.get("domain", ""), host):
            continue
        if value.strip('"') and not has_ended(attributes, time.time()):
            found[name] = value
        else:
            found.pop(name, None)
    return found


def has_ended(attributes: Mapping[str, str], now: float) -> bool:
    """Whether a cookie's attributes, by their names in lower case, put its end into the past."""
    age = attributes.get("max-age", "")
    if re.fullmatch(r"-?\d{1,12}", age):  # it has precedence over Expires
        return int(age) <= 0
    try:
        return parsedate_to_datetime(attributes["expires"]).timestamp() < now
    except (KeyError, ValueError, TypeError, OverflowError):
        return False


def _is_for(domain: str, host: str) -> bool:
    """Whether a browser would take a cookie of that domain from that host (RFC 6265, section 5.1.3)."""
    domain, host = domain.lower().removeprefix("."), host.lower()
    return not domain or host == domain or host.endswith(f".{domain}")


def date_of(response: httpx.Response) -> float | None:
    """The Date header as seconds since the epoch, None where there is none."""
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds of Retry-After (RFC 9110, section 10.2.3), or None where it gives no number."""
    text = headers.get("retry-after", "")
    return float(text) + 0.05 if text.isdigit() else None
