"""`[waiting]`: operations that wait or stream inside the service, for what concurrency and disconnects do to it."""

from __future__ import annotations

from pydantic import Field

from stackproof.descriptor.places import Table, UrlPath


class Waiting(Table):
    """An operation that waits inside the service, without computing anything, and its neighbours; all signed in, GET.

    `{seconds}` in `path` and `stream` is replaced by how long they shall last.
    """

    path: UrlPath = Field(description="Waits, and then answers; `{seconds}` in it is how long.")
    seconds: float = Field(0.2, gt=0, le=5, description="How long it waits (where the path has no {seconds}).")
    asynchronous: bool = Field(True, description="false: a WSGI server serves it (the fallback), with its threads.")
    stream: UrlPath | None = Field(None, description="Sends its answer piece by piece; `{seconds}` is how long.")
    in_flight: UrlPath | None = Field(
        None, description="Tells how many waits and streams run in the process that answers."
    )
    in_flight_field: str = Field("in_flight", description="Body field of that number.")

    def paths(self) -> tuple[str, ...]:
        """Every path or URL that is named here."""
        return tuple(one for one in (self.path, self.stream, self.in_flight) if one)
