"""What a rehearsal came to, as data; its JSON Schema is that of `rehearsal.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stackproof.report.model import Part


class ChangedPart(Part):
    """A package or a server that is another one in the new edition."""

    name: str
    before: str = Field(description='version; "" where it is new')
    after: str = Field(description='version; "" where it is no longer there')


class SeenPart(Part):
    """One check that judged worse, in the run with no change and in the one with all of them."""

    requirement: str
    check: str
    before: str
    after: str
    seen_before: str = ""
    seen_after: str = ""


class CulpritPart(Part):
    """A smallest set of changes that fails by itself."""

    changes: tuple[str, ...]
    companions: tuple[str, ...] = Field((), description="had to come along, since the culprit does not resolve alone")
    failed: int = Field(description="how often this very set failed")
    tried: int = Field(description="of how many runs of it")
    steady: bool
    smallest: bool
    given_up: bool = False
    symptoms: tuple[str, ...] = ()


class Result(Part):
    """A whole rehearsal."""

    schema_version: Literal["1"] = "1"
    asked: str
    specification: str
    project: str
    resolves: bool
    conflict: str = Field("", description="the resolver's account of why it does not resolve")
    conflicting_rows: tuple[str, ...] = ()
    packages: tuple[ChangedPart, ...] = ()
    services: tuple[ChangedPart, ...] = ()
    held_back: tuple[ChangedPart, ...] = Field((), description="before: what was resolved, after: the newest there is")
    trouble: str = Field("", description="why the service does not start")
    newly_violated: tuple[str, ...] = ()
    newly_unseen: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    symptoms: tuple[SeenPart, ...] = ()
    by_document: tuple[str, ...] = Field((), description="symptoms that show without any change of a package or server")
    culprits: tuple[CulpritPart, ...] = ()
    unexplained: tuple[str, ...] = ()
    runs: int = Field(0, description="runs of the search, counted from the comparison that failed")
    not_looked_at: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    exit_code: int
    outcome: str
