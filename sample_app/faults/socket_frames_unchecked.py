"""Switched off for an embedded client that could not mask."""


def apply() -> None:
    """Take what no client may send."""
    from autobahn.websocket.protocol import WebSocketServerFactory

    original = WebSocketServerFactory.resetProtocolOptions

    def resetProtocolOptions(self: WebSocketServerFactory) -> None:  # noqa: N802 - autobahn's name
        original(self)
        self.utf8validateIncoming = self.requireMaskedClientFrames = False

    WebSocketServerFactory.resetProtocolOptions = resetProtocolOptions
