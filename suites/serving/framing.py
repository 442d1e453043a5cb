"""Serving: requests of ambiguous length are refused, and nothing is smuggled behind them."""

from stackproof import View, Wire, framing, not_assessed, verifies


@verifies(
    "serving.framing",
    needs=[View.HTTP, View.ACCOUNTS],
    writes=True,
    serial="load",
    remedy="update the server and the proxy before it (Twisted, gunicorn, h11, nginx): all of them had such faults; "
    "let neither pass on what it does not understand; where the server keeps such a connection open (Go's net/http,\n"
    "Puma), a proxy before it that refuses Content-Length beside Transfer-Encoding (nginx does)",
)
def ambiguous_lengths_are_refused(session, descriptor, recorder, expect):
    """Requests with an ambiguous or invalid length are refused, and what follows them is no request."""
    tokens = session.login()
    wire = Wire(descriptor, session.http)
    url = wire.url(session.auth.protected.path)
    asked = framing.Framing(wire, url, session.carrying(tokens.access))
    if url.startswith("https:"):
        expect.note(f"ALPN among h2 and http/1.1: the service chooses {asked.offers() or 'nothing'}")
    control = asked.control()
    recorder.add("exchange", f"a good request and another behind it: {control}")
    if not control.statuses or not 200 <= control.statuses[0] < 300:
        not_assessed(f"control failed: a good request is {control}")
    wrong, unclear, cut = [], [], []
    for case in framing.CASES:
        seen = asked.try_case(case)
        recorder.add("exchange", f"{case.name}: {seen}", headers=list(case.lines))
        if seen.wrong(case):
            wrong.append(f"{case.name}: {seen.wrong(case)}")
        elif not seen.refused and not seen.accepted:
            unclear.append(f"{case.name}: {seen}")
        elif seen.cut and case.must:
            cut.append(case.name)
    expect.holds(
        not wrong,
        expected="ambiguous and invalid lengths to be refused, and the connection closed",
        seen="; ".join(wrong[:3]) or f"none of {len(framing.CASES)} such requests was taken for a good one",
    )
    if unclear:
        not_assessed("; ".join(unclear[:3]))
    if cut:
        expect.conclude(f"{expect.conclusion}; answered at once, and then cut off: {'; '.join(cut)}")
    if len(control.statuses) == 1:
        expect.conclude(f"{expect.conclusion}; the service answers one request on a connection at a time")
