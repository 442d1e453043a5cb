"""`[project.audit]`: where to look up what is known against the project's releases."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from stackproof.descriptor.places import Table


class Audit(Table):
    """Nothing is looked up, and nobody is asked, but what stands here."""

    advisories: Path | None = Field(None, description="Records in the OSV format: a file, a folder, or OSV's all.zip.")
    service: str = Field(
        "", description='Asked through pip-audit: "pypi", "osv", or the URL of one that answers as OSV.'
    )
    releases: Path | None = Field(None, description="Saved answers of an index (PEP 691) about the project's packages.")
    index: str = Field("", description="Asked about yanked releases: https://pypi.org/simple")
