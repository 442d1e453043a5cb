"""Base backups of PostgreSQL: how they are found, and for the drill how they are taken and restored."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from stackproof.descriptor.places import Table


class Backup(Table):
    """Base backups of PostgreSQL. Commands are lists of words, run without a shell.

    A command that leaves with 1 says that it failed; with any other code but 0, that it could not be tried.
    """

    newest: tuple[str, ...] = Field((), description="Prints when the newest base backup was taken, in ISO 8601.")
    folder: Path | None = Field(None, description="Or the folder of the backups: its newest entry counts.")
    take: tuple[str, ...] = Field((), description="Takes a base backup, and ends when it is complete.")
    restore: tuple[str, ...] = Field(
        (), description="Restores to the moment {time} on a scratch server, and prints its DSN on the last line."
    )
    remove: tuple[str, ...] = Field((), description="Removes the scratch server; harmless where there is none.")
    writer_env: str = Field("", description="Variable with the DSN of an account that may make a table.")
    within: float = Field(300.0, gt=0, le=7200, description="Seconds that each of the commands may take.")
