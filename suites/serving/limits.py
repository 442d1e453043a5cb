"""Serving: requests that are far too large are refused."""

import time

from stackproof import NoAnswer, View, Wire, needs_own_login, not_assessed, oversized_headers, verifies

HEADERS = 2 * 1024 * 1024  # bytes: the largest default of a common server is 1 MiB
BODY = 16 * 1024 * 1024
SMALL = 64


@verifies(
    "serving.header-limit",
    needs=[View.HTTP, View.ACCOUNTS],
    writes=True,
    serial="load",
    remedy="keep the server's own limit (Daphne/Twisted 16 KiB, gunicorn --limit-request-fields, nginx "
    "large_client_header_buffers), or set one; uvicorn has one with --http h11 alone, none with httptools",
)
def enormous_headers_are_refused(session, descriptor, expect):
    """Two mebibytes of header fields are refused with a client error, or the connection is cut off."""
    tokens = session.login()
    path, carried = session.auth.protected.path, session.carrying(tokens.access)
    good = session.protected(tokens.access)
    if not good.accepted:
        not_assessed(f"control failed: without these headers {good.described}")
    seen = oversized_headers(Wire(descriptor, session.http), path, carried, HEADERS)
    if seen.status == 503 or (not seen.status and not seen.cut):
        not_assessed(f"{HEADERS} bytes of headers met {seen.status or 'no answer in time'}, which is no refusal")
    said = f"answered {seen.status}" if seen.status else "the connection is cut off"
    expect.holds(
        seen.cut or 400 <= seen.status < 500,
        expected=f"{HEADERS // 1024} KiB of headers to be refused with a client error or cut off",
        seen=f"{said} after at most {seen.sent // 1024} KiB",
    )
    again = session.protected(tokens.access)
    expect.holds(again.accepted, expected="the service to go on", seen=f"after it, {again.described}")
    expect.conclude(f"{HEADERS // 1024} KiB of headers: {said}")


@verifies(
    "serving.body-limit",
    needs=[View.HTTP, View.ACCOUNTS],
    writes=True,
    serial="load",
    remedy="bound bodies before they are parsed: client_max_body_size in the proxy, DATA_UPLOAD_MAX_MEMORY_SIZE, or a\n"
    "parser that reads no further than it has to",
)
def enormous_body_is_refused(session, descriptor, expect):
    """A sign-in with sixteen mebibytes of padding beside the right password is refused."""
    needs_own_login(session.auth)
    small = session.try_padded_login(SMALL)
    if not (small.ok or session.signed_in(small)):
        not_assessed(f"control failed: with {SMALL} bytes of padding {small.describe()}")
    began = time.monotonic()
    try:
        answer = session.try_padded_login(BODY)
    except NoAnswer as error:
        if time.monotonic() - began >= descriptor.target.timeout - 0.5:
            not_assessed(f"a body of {BODY // 1024} KiB: {error}")
        session.login()
        expect.holds(
            True, expected="a refusal", seen=f"a body of {BODY // 1024} KiB is cut off, and the service goes on"
        )
        return
    if answer.status in {408, 429, 502, 503, 504}:
        not_assessed(f"a body of {BODY // 1024} KiB: {answer.describe()}, which is no refusal")
    expect.holds(
        400 <= answer.status < 500,
        expected=f"a sign-in of {BODY // 1024} KiB to be refused with a client error",
        seen=f"{answer.describe()}"
        + (", and signed in: the whole body was read and parsed" if answer.ok or session.signed_in(answer) else ""),
    )
