"""How the service is started in another environment, for a rehearsal of an upgrade."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stackproof.descriptor.places import Table, UrlPath

Word = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]*$")]


class Rehearse(Table):
    """How the service runs on loopback, from a copy of its project.

    Commands are lists of words, run without a shell in the copy. `{python}` (the interpreter of the rehearsed
    environment), `{venv}` (its folder) and `{project}` (the copy) are filled in.
    """

    start: tuple[Word, ...] = Field(min_length=1, description="Runs the service until it is ended, in the foreground.")
    prepare: tuple[Word, ...] = Field((), description="Run before it, and ends by itself: migrations, test data.")
    ready: UrlPath = Field("/", description="The service is up once it answers here with anything below 500.")
    within: float = Field(60.0, gt=0, le=600, description="Seconds for either command to get there.")
    files: tuple[Word, ...] = Field((), description="What the service needs and Git ignores, such as .env.")
    groups: tuple[str, ...] | None = Field(None, description="Dependency groups of uv.lock; default: uv's own.")
    extras: tuple[str, ...] = Field((), description="Extras of uv.lock.")
