"""Whatever stays open: the WebSocket, and waiting."""
