"""A record of the service that the harness may make, read and delete, so that it sees whether something is kept."""

from __future__ import annotations

from pydantic import Field

from stackproof.descriptor.authentication import Protected
from stackproof.descriptor.places import Endpoint, Removal, Table


class Record(Table):
    """A harmless record, made and deleted by the signed-in account; with --allow-writes only."""

    create: Endpoint = Field(description="Makes one; `extra` is its content.")
    id: str = Field("id", description="Body field of the answer that names it; dots lead into objects.")
    read: Protected = Field(description="Reads one; `{id}` in the path. What is not there is not answered by a 2xx.")
    delete: Removal = Field(description="Deletes one; `{id}` in the path.")

    def paths(self) -> tuple[str, ...]:
        """Every path or URL that is described."""
        return self.create.path, self.read.path, self.delete.path
