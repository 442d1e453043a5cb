"""Logs: what a client writes stays inside of the line that it is logged in."""

import json
import secrets

from stackproof import View, not_assessed, verifies

LONG = 10_000  # characters of an id that no header should bring


@verifies(
    "observability.no-forged-lines",
    needs=[View.HTTP, View.LOGS],
    remedy="a renderer that escapes (JSONRenderer), no access log in plain text, ids of clients only where they match "
    "[A-Za-z0-9._-]{8,64}",
)
def texts_of_clients_forge_no_line(logs, expect):
    """Line breaks, quotes and control characters in paths and headers end no line and begin none."""
    mark, word = logs.mark(), f"forged{secrets.token_hex(8)}"
    forged = json.dumps({logs.described.event: word, logs.described.level: "critical", "forged": word})
    sent = []
    for path in (f"%0A{quoted(forged)}%0A", f"%0D%0A{quoted(forged)}%0D%0A", f"%0A{word}%20line", f"%1B%5B31m{word}"):
        sent += [logs.request(path), logs.request(f"?{path}")]
    hostile = f'{word}", "{logs.described.event}": "{word}", "forged": "{word}'
    for one in (hostile, f"{word}\\n{forged}", f"{word}%0A{forged}", word + "x" * LONG):
        sent += [logs.request(given=one), logs.request(headers={"User-Agent": one[:500], "Referer": one[:500]})]
    window = logs.settled(mark)
    held = [line for line in window.lines if line.holds(word)]
    lost = [one.answer.status for one in sent if not arrived(one, window.lines)]
    if not held and len(lost) == len(sent):
        not_assessed(
            f"none of {len(sent)} requests with hostile text left a line (they were answered {words_of(lost)}), and "
            "others did: a proxy or a firewall in front answers them, so that nothing is seen of the service itself"
        )
    if lost:
        expect.note(f"{len(lost)} of {len(sent)} requests left no line and were answered {words_of(lost)}")
    found = [(line, how) for line in held if (how := forgery(logs, line, word))]
    if not found:
        logs.needs_no_gap(window)
    expect.holds(
        not found,
        expected="what a client sends to stay inside of the line that tells of it",
        seen=f"in {found[0][0].source} {found[0][1]}"
        if found
        else f"{len(held)} of {len(window.lines)} lines hold what was sent, and none was made by it",
    )


def arrived(one, lines):
    """Whether a line tells of a request, by its path or by the id that the answer names."""
    return any(line.holds(name) for line in lines for name in (one.nonce, one.answered) if name)


def words_of(statuses):
    """Statuses in a sentence."""
    return " and ".join(str(one) for one in sorted(set(statuses)))


def quoted(text):
    """Percent-encoded, every character."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def forgery(logs, line, word):
    """How a line came out of what a client sent, or ""."""
    if line.raw.startswith((word.encode(), b"\r" + word.encode())):
        return "a line begins with what a client sent after a line break"
    if line.data is not None:
        own = line.data.get("forged") == word or line.at(logs.described.event) == word
        return "a line is what a client sent: its event and its level are of the client's making" if own else ""
    if b"\x1b" in line.raw:
        return "a control character of a client stands in a line as it is"
    return ""
