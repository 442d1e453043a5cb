"""A server that is generous in what it accepts."""


def apply() -> None:
    """Let Twisted go on where it would refuse."""
    from twisted.web.http import HTTPChannel

    HTTPChannel._failChooseTransferDecoder = lambda self: True
