"""A WebSocket server of one's own, written from memory."""


def apply() -> None:
    """Remember the magic value of RFC 6455 wrong."""
    from autobahn.websocket.protocol import WebSocketProtocol

    WebSocketProtocol._WS_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B12"
