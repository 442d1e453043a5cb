"""API: error answers tell a client what is wrong, and nothing of the service's inside."""

from stackproof import View, debug_page_in, leak_in, malformed_requests, not_assessed, verifies, words_of

FEWEST = 3  # error answers without which nothing is said
REMEDY = (
    "DEBUG = False, and an EXCEPTION_HANDLER that answers with the kind of error alone; details belong in the log\n"
    "(Express: NODE_ENV=production, and an error handler of your own behind the routes)"
)


@verifies("api.errors-leak-nothing", needs=[View.HTTP], remedy=REMEDY)
def malformed_requests_leak_nothing(api, expect):
    """Whatever is malformed about a request, the answer shows no stack trace, SQL, settings or file."""
    errors = 0
    for what, answer in malformed_requests(api):
        if answer.status < 400 or answer.status in {408, 425, 429}:
            continue
        errors += 1
        leak = leak_in(words_of(answer))
        expect.holds(
            leak is None,
            expected="an error answer to tell nothing of the service's inside",
            seen=f"{what}: {answer.describe()}" + (f" and shows {leak[0]}: {leak[1]!r}" if leak else ""),
        )
    if errors < FEWEST:
        not_assessed(f"control failed: only {errors} malformed requests were answered with an error")
    expect.conclude(f"{errors} error answers tell nothing of the service's inside")


@verifies("api.debug-off", needs=[View.HTTP], remedy="Django: DEBUG = False in production; no debugger in front of it")
def debug_pages_are_off(api, expect):
    """Neither an unknown path nor a malformed request brings up a framework's debug page or debugger.

    Unknown paths are asked for on every other host, too, that an operation of the descriptor is on.
    """
    pages = {"headers": {"Accept": "text/html"}}
    unknown = api.unknown_url()
    looked_at = 0
    for what, url in (
        ("a path that does not exist", unknown),
        ("a path that does not exist, at the root", f"{api.base_url}/no-such-page-{unknown[-6:]}"),
        ("a query that is no UTF-8", f"{unknown}?q=%ff%fe"),
        ("Werkzeug's own resource", f"{api.base_url}/?__debugger__=yes&cmd=resource&f=debugger.js"),
        *(
            ("a path that does not exist, on another host", f"{origin}/no-such-page-{unknown[-6:]}")
            for origin in api.other_origins()
        ),
    ):
        answer = api.send("GET", url, pages, purpose=what)
        if answer is None:
            continue
        looked_at += answer.status >= 400
        found = debug_page_in(words_of(answer))
        if answer.ok and "__debugger__" in url and b"__debugger__" in answer.body and b"EVALEX" in answer.body:
            found = ("Werkzeug's debugger", "the script of its console")
        expect.holds(
            found is None,
            expected="no debug page and no debugger",
            seen=f"{what}: {answer.describe()}" + (f" with {found[0]}: {found[1]!r}" if found else ""),
        )
    for what, answer in malformed_requests(api, few=True):
        found = debug_page_in(words_of(answer))
        expect.holds(
            found is None,
            expected="no debug page and no debugger",
            seen=f"{what}: {answer.describe()}" + (f" with {found[0]}: {found[1]!r}" if found else ""),
        )
        looked_at += answer.status >= 400
    if not looked_at:
        not_assessed("control failed: nothing was answered with an error, so no error page was seen")
    expect.conclude(f"{looked_at} error answers show no debug page")
