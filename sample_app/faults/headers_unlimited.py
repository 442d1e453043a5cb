"""A server whose limits were lifted for one odd client."""


def apply() -> None:
    """Lift Twisted's limits."""
    from twisted.web.http import HTTPChannel

    HTTPChannel.totalHeadersSize = 1 << 30
    HTTPChannel.maxHeaders = 1 << 20
