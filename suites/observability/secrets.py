"""Logs: what must not stand in them, planted and searched for."""

from stackproof import View, not_assessed, verifies

NEEDS = [View.HTTP, View.ACCOUNTS, View.LOGS]
REMEDY = (
    "log no bodies, no headers and no query strings; a last processor that replaces values by name (password, token, "
    "authorization, cookie, dsn) and by shape, for the lines of libraries too"
)


@verifies("observability.no-passwords-in-logs", needs=NEEDS, remedy=REMEDY)
def passwords_stay_out_of_the_log(logs, planting, expect):
    """The account's password and wrong ones are sent, in good bodies and bad ones, and searched for in the log."""
    search(logs, planting, expect, planting.passwords)


@verifies("observability.no-tokens-in-logs", needs=NEEDS, remedy=REMEDY)
def tokens_stay_out_of_the_log(logs, planting, expect):
    """Good and worthless tokens are sent, in headers, bodies and query strings, and searched for in the log."""
    search(logs, planting, expect, planting.tokens)


@verifies("observability.no-cookies-in-logs", needs=NEEDS, remedy=REMEDY)
def cookies_stay_out_of_the_log(logs, planting, expect):
    """Cookies of the service and of the client are sent, and searched for in the log."""
    search(logs, planting, expect, planting.cookies)


def search(logs, planting, expect, plant):
    """Plant secrets, and search what was logged meanwhile for every form of each."""
    mark = logs.mark()
    plant()
    window = logs.settled(mark)
    judge(logs, planting, expect, window)


def judge(logs, planting, expect, window):
    """No secret stands in the lines."""
    found = planting.canaries.within(window.lines)
    if not found:
        logs.needs_no_gap(window)
    expect.holds(
        not found,
        expected="none of the secrets to stand in the log",
        seen=f"in the log stand {'; '.join(str(one) for one in found[:5])}"
        if found
        else f"{len(planting.canaries.names)} secrets in {len(window.lines)} lines of log: none was found",
        searched=planting.canaries.names,
        levels=sorted({logs.text_at(line, logs.described.level) for line in window.lines} - {""})[:10],
    )


@verifies(
    "observability.no-dsns-in-logs",
    needs=[View.HTTP, View.LOGS],
    remedy="log host and port of what is connected to, never the whole address; keys as pydantic's SecretStr",
)
def addresses_with_passwords_stay_out_of_the_log(logs, planting, expect):
    """Passwords of the database and of Redis, and the signing key, are searched for in all of the log."""
    names = planting.addresses()
    if not names:
        not_assessed("no DSN with a password and no signing key is at hand ([postgres], [redis], [auth.signing_key])")
    logs.settled(logs.mark())
    judge(logs, planting, expect, logs.everything())
