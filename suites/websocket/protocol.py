"""WebSocket: the protocol itself (RFC 6455), and what no client may send. Another connection stays open beside."""

from stackproof import Outcome, View, malformed_frames, not_assessed, text_frame, unexpected_messages, verifies

SIGNED_IN = [View.HTTP, View.ACCOUNTS, View.WEBSOCKET]
ENDS_WITHIN = 5.0  # seconds
ANSWERED_WITHIN, ENDED_WITHIN = 1.0, 0.5  # seconds; a service need not answer what it does not expect
SIZES = (100_000, 1_000_000, 4_000_000)  # bytes; servers have bounds of their own, mostly of 1 MiB or 16 MiB
SERVER_ERROR = 1011
CRASHES = (1006, SERVER_ERROR)  # without a close frame: what an unhandled error looks like under uvicorn


@verifies(
    "websocket.handshake",
    needs=SIGNED_IN,
    remedy="leave the handshake to the server (Daphne, uvicorn), and look at what a proxy in front of it changes",
)
def handshake_keeps_to_the_standard(websocket, session, expect):
    """The handshake proves that it was understood, and one of another version or without a key is refused."""
    access = session.login().access
    knock = websocket.knock("a handshake", access)
    if knock.refusal is not None and knock.refusal.status == 101:
        again = websocket.knock("a handshake, once more", access)
        expect.holds(
            again.refusal is None or again.refusal.status != 101,
            expected="the answer to a handshake to keep to RFC 6455, section 4.2.2",
            seen=f"{again.described()}, which is no answer to this handshake",
        )
    if knock.connection is not None:
        knock.connection.close()
    websocket.control(access)
    for what, replaced in (
        ("of version 7", {"Sec-WebSocket-Version": "7"}),
        ("without a version", {"Sec-WebSocket-Version": None}),
        ("without a key", {"Sec-WebSocket-Key": None}),
    ):
        tried = websocket.knock(f"a handshake {what}", access, replaced=replaced)
        opened = tried.connection is not None or (tried.refusal is not None and tried.refusal.status == 101)
        if tried.connection is not None:
            tried.connection.close()
        expect.holds(
            not opened, expected=f"a handshake {what} to be refused", seen=f"a handshake {what}: {tried.described()}"
        )
    expect.conclude("Sec-WebSocket-Accept belongs to the key; handshakes of another version or without a key are none")


@verifies(
    "websocket.malformed-frames",
    needs=SIGNED_IN,
    writes=True,
    remedy="leave the protocol to the server, with its checks on (autobahn: requireMaskedClientFrames)",
)
def malformed_frames_end_their_connection_and_nothing_else(websocket, session, expect):
    """A frame that no client may send ends its connection, and nothing else."""
    access = session.login().access
    answers = {}
    with websocket.opened(access, "beside the bad frames") as bystander:
        for frame in malformed_frames():
            survives = [survived(websocket, access, frame, answers)]
            if all(survives) and frame.must_fail:
                survives.append(survived(websocket, access, frame, answers))
            if frame.must_fail:
                expect.holds(
                    not all(survives),
                    expected=f"{frame.name} to end its connection (RFC 6455, {frame.rule})",
                    seen=f"{frame.name}: {answers[frame.name]}",
                )
        undisturbed(websocket, session, bystander, access, expect, "frames that no client may send")
    expect.measured("how each connection ended", **answers)
    expect.conclude(f"{len(answers)} kinds of bad frames ended their connection, and nothing else")


def survived(websocket, access, frame, answers):
    """Whether a connection still answers after a bad frame."""
    with websocket.opened(access, f"before {frame.name}") as connection:
        connection.send_raw(frame.data)
        closing = connection.ended(0.3) or (None if connection.ping(ENDS_WITHIN) else connection.ended(0.1))
        alive = closing is None and connection.ping(ENDS_WITHIN)
        answers[frame.name] = closing.describe() if closing else "goes on" if alive else "neither ended nor answering"
    return alive


@verifies(
    "websocket.unexpected-message",
    needs=SIGNED_IN,
    writes=True,
    remedy="answer what is not understood, or close with a code of its own; under Daphne that is 1000 or 3000 to 4999, "
    "another code is an exception of its own",
)
def unexpected_message_is_no_server_error(websocket, session, expect):
    """A message that the service does not expect is answered, passed over or ends its connection by a close frame."""
    access = session.login().access
    seen = {}
    with websocket.opened(access, "beside the unexpected messages") as bystander:
        for what, frame in unexpected_messages().items():
            codes = []
            for _ in range(2):
                code, seen[what] = answer_to(websocket, access, what, frame)
                codes.append(code)
                if code not in CRASHES:
                    break
                if not websocket.is_open(bystander):
                    not_assessed(
                        f"{what}: {seen[what]}, and the connection beside it ended too; an unhandled error may have "
                        "ended the service (in Node, one in a message's handler does): is it up, and what says its log?"
                    )
            expect.holds(
                codes[-1] not in CRASHES,
                expected=f"{what} to be answered, passed over, or to end its connection by a close frame that says why",
                seen=f"{what}: {seen[what]}, twice" if codes[-1] in CRASHES else f"{what}: {seen[what]}",
            )
    expect.conclude("; ".join(f"{what}: {told}" for what, told in seen.items()))


@verifies(
    "websocket.oversized-message",
    needs=SIGNED_IN,
    writes=True,
    remedy="bound the size of messages in the server (close code 1009), and refuse what is too long unparsed; from a "
    "consumer under Daphne with 1000 or 3000 to 4999, for another code is an exception of its own",
)
def oversized_message_disturbs_nobody(websocket, session, expect):
    """An oversized message is answered or ends its connection, is no server error, and disturbs nobody else."""
    access = session.login().access
    told = {}
    with websocket.opened(access, "beside the oversized messages") as bystander:
        for size in SIZES:
            what = f"a message of {size} bytes"
            codes = []
            for _ in range(2):
                code, told[what] = answer_to(websocket, access, what, text_frame("x" * size))
                codes.append(code)
                if code != SERVER_ERROR:
                    break
            expect.holds(
                codes[-1] != SERVER_ERROR,
                expected=f"{what} to be refused, or taken, and to be no server error",
                seen=f"{what}: {told[what]}" + (", twice" if len(codes) > 1 else ""),
            )
        undisturbed(websocket, session, bystander, access, expect, "oversized messages")
    expect.conclude("; ".join(f"{what}: {one}" for what, one in told.items()))


def answer_to(websocket, access, what, frame):
    """(close code or 0, in words) of what comes of a message."""
    with websocket.opened(access, f"before {what}") as connection:
        whole = connection.send_raw(frame)
        message = connection.receive(ANSWERED_WITHIN)
        closing = connection.ended(ENDED_WITHIN)
        if closing is not None:
            return closing.code, closing.describe()
        if message is not None:
            return 0, "answered"
        return 0, "taken without an answer" if whole else "not taken whole, and not answered"


def undisturbed(websocket, session, bystander, access, expect, what):
    """The other connection, new connections and plain requests go on."""
    alive = websocket.is_open(bystander)
    looks = [websocket.look(f"after {what}", access) for _ in range(2)]
    opens = any(one.outcome is Outcome.ACCEPTED for one in looks)
    reply = session.protected(access)
    if not reply.accepted and reply.answer.status < 500:
        not_assessed(f"after {what} {reply.described}, which tells nothing")
    expect.holds(
        alive and opens and reply.accepted,
        expected=f"{what} to disturb no other connection",
        seen=f"after {what} the connection beside {'answers' if alive else 'does not answer'}, a new one: "
        f"{looks[-1].described}, a request: {reply.answer.status}",
    )
