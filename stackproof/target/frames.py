"""Frames that no client may send, and what RFC 6455 has a server do with each."""

from __future__ import annotations

from dataclasses import dataclass

from websockets.frames import Opcode

from stackproof.target.websocket import masked

UNKNOWN_OPCODE = 0x3  # reserved for further data frames
UNKNOWN_CONTROL = 0xB  # reserved for further control frames


@dataclass(frozen=True, slots=True)
class BadFrame:
    """One thing that a server must not take.

    Attributes:
        rule: the section that says so.
        must_fail: the standard has the server fail the connection; else it only forbids the frame to clients.
    """

    name: str
    data: bytes
    rule: str
    must_fail: bool = True


def malformed_frames() -> tuple[BadFrame, ...]:
    """One of each kind."""
    return (
        BadFrame("a frame with a reserved bit", masked(Opcode.PING, b"stackproof", reserved=4), "section 5.2"),
        BadFrame("a frame of an unknown opcode", masked(UNKNOWN_OPCODE, b"{}"), "section 5.2"),
        BadFrame("a control frame of an unknown opcode", masked(UNKNOWN_CONTROL, b""), "section 5.2"),
        BadFrame("a frame without a mask", masked(Opcode.PING, b"stackproof", mask=False), "section 5.1"),
        BadFrame("a text that is no UTF-8", masked(Opcode.TEXT, b"\xc3\x28\xff"), "section 8.1"),
        BadFrame("a fragmented control frame", masked(Opcode.PING, b"x", fin=False), "section 5.5"),
        BadFrame("a control frame of 126 bytes", masked(Opcode.PING, b"x" * 126), "section 5.5"),
        BadFrame("a continuation of nothing", masked(Opcode.CONT, b"{}"), "section 5.4", must_fail=False),
        BadFrame(
            "a length with its highest bit set", bytes([0x81, 0xFF]) + b"\xff" * 8 + b"\0\0\0\0", "section 5.2",
        ),
    )  # fmt: skip


def text_frame(text: str) -> bytes:
    """An ordinary message."""
    return masked(Opcode.TEXT, text.encode())


def unexpected_messages() -> dict[str, bytes]:
    """Messages that keep to the protocol, and that no service expects."""
    return {
        "a text that is no JSON": text_frame("stackproof {"),
        "JSON of another kind": text_frame('{"type": [], "stackproof": null}'),
        "an empty message": text_frame(""),
        "a binary message": masked(Opcode.BINARY, b"\x00\xff"),
    }
