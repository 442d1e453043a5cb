"""Advisories and an index as checks ask them: from where the descriptor says, and from nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from stackproof.advisories.audit import audited
from stackproof.advisories.index import Standing, asked_pages, saved_pages, standing_of
from stackproof.advisories.model import Audit, Release, merged
from stackproof.advisories.osv import known_of
from stackproof.advisories.reading import read_records
from stackproof.check import not_assessed
from stackproof.descriptor.audit import Audit as Sources
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder
from stackproof.spec.support import AGEING

ADVISORIES = (
    '[project.audit] has neither advisories (records in the OSV format) nor service ("pypi" or "osv", through '
    "pip-audit); with --project: --advisories"
)
INDEX = (
    "[project.audit] has neither index (https://pypi.org/simple) nor releases (saved answers of one); with --project: "
    "--index"
)


class Advisories:
    """What is published about releases.

    Args:
        today: the day of the run, by which data can be too old.

    Raises:
        NotAssessed: from every method, where nothing could be looked up.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder, today: date) -> None:
        self._given = descriptor.project.audit if descriptor.project else Sources()
        self._recorder = recorder
        self._today = today

    def audit(self, releases: Sequence[Release]) -> Audit:
        """Look for published vulnerabilities of these releases."""
        if self._given.advisories is not None:
            found = self._by_file(releases, self._given.advisories)
        elif self._given.service:
            found = audited(releases, self._given.service)
        else:
            not_assessed(ADVISORIES)
        self._recorder.add(
            "measurement",
            f"{found.looked_at} of {len(releases)} releases were looked up by {found.source}",
            known=[f"{one.release}: {', '.join(one.ids)}" for one in found.known[:50]],
            left=[f"{release}: {why}" for release, why in found.left[:20]],
        )
        return found

    def standing(self, releases: Sequence[Release]) -> Standing:
        """What an index says of these releases."""
        if self._given.releases is not None:
            pages, source = saved_pages(self._given.releases, {one.name for one in releases}), self._given.releases.name
        elif self._given.index:
            pages, source = asked_pages(self._given.index, {one.name for one in releases}), self._given.index
        else:
            not_assessed(INDEX)
        found = standing_of(releases, pages, source)
        self._recorder.add(
            "measurement",
            f"{found.looked_at} of {len(releases)} releases were looked up in {source}",
            yanked=[f"{release}: {why}" for release, why in found.yanked[:50]],
            left=[f"{release}: {why}" for release, why in found.left[:20]],
        )
        return found

    def _by_file(self, releases: Sequence[Release], path: Path) -> Audit:
        """By records of a file; data that speak of none of the packages prove nothing."""
        records = read_records(path, {one.name for one in releases})
        if not records:
            not_assessed(f"{path.name} has no record about any of the {len(releases)} releases: is it the right one?")
        known = merged(one for release in releases for one in known_of(release, records))
        newest = max(one.modified for one in records)
        about = {part.name for one in records for part in one.affected} & {one.name for one in releases}
        source = f"{len(records)} records of {path.name} on {len(about)} of the packages, the newest of {newest}"
        age = ""
        if newest + AGEING < self._today:
            age = f"the newest record of {path.name} on these packages is of {newest}, more than a year before the run"
        return Audit(known, len(releases), (), source, age)
