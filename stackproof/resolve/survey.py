"""Everything that the packages' own metadata say against a document, on every Python that it admits."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from stackproof.resolve.answer import Unanswered
from stackproof.resolve.asker import Asker
from stackproof.resolve.clashes import Clash, clashes_of, merged
from stackproof.resolve.extras import Trap, trap_finding, traps_of
from stackproof.resolve.floors import Unreachable, unreachable_floors
from stackproof.resolve.minimal import groups
from stackproof.resolve.repair import Mender, Repair
from stackproof.resolve.rows import Package, Pythons, packages_of, pythons_of
from stackproof.resolve.uv import find_uv
from stackproof.resolve.words import UNSEEN, clash_finding, floor_finding, listed, on_pythons, unseen
from stackproof.spec.findings.finding import Finding, Severity, Subject

type Say = Callable[[str], None]


@dataclass
class Survey:
    """What was looked at, and found.

    Attributes:
        findings: in no order.
        pythons: that were looked at.
        packages: rows that were looked at; `elsewhere` are left out, as packages of another language.
        asked: how many questions uv had.
        offline: the answers are those of uv's cache.
        guessed: the document has no row for Python, so that this command's own was taken.
    """

    findings: list[Finding] = field(default_factory=list)
    pythons: tuple[str, ...] = ()
    packages: int = 0
    elsewhere: tuple[str, ...] = ()
    asked: int = 0
    offline: bool = False
    guessed: bool = False

    @property
    def incomplete(self) -> bool:
        """Something could not be looked at, so that nothing can be said of it."""
        return any(one.code in UNSEEN for one in self.findings)

    @property
    def summary(self) -> str:
        """What was looked at, in a line."""
        if not self.packages:
            return "no row is a Python package, so that nothing was resolved"
        where = on_pythons(self.pythons) if self.pythons else "on no Python"
        parts = [f"{self.packages} packages were looked at {where} ({self.asked} questions to uv)"]
        parts += ["the document has no row for Python, so this command's own was taken"] if self.guessed else []
        parts += [f"left out, as packages of another language: {', '.join(self.elsewhere)}"] if self.elsewhere else []
        parts += ["from uv's cache: it may not know the newest releases"] if self.offline else []
        parts += ["not everything could be looked at, see above"] if self.incomplete else []
        return "; ".join(parts)


def survey(subject: Subject, *, offline: bool = False, say: Say = lambda line: None) -> Survey:
    """Resolve a document's rows in every way that can show a contradiction.

    Args:
        offline: ask uv's cache and nothing else.
        say: told what is going on.

    Raises:
        InfrastructureError: there is no uv.
    """
    find_uv()
    rows, elsewhere = packages_of(subject)
    pythons = pythons_of(subject)
    found = Survey(packages=len(rows), elsewhere=tuple(row.component for row in elsewhere))
    if not rows:
        return found
    if pythons.line is None:
        pythons = Pythons((".".join(platform.python_version_tuple()[:2]),), None)
        found.guessed = True
    elif not pythons.versions:
        why = "its row admits no Python that is known here"
        found.findings.append(unseen("whether the rows go together on Python", why, (pythons.line,)))
        return found
    found.pythons = pythons.versions
    look = _Look(rows, pythons, Asker(offline=offline), say, found)
    look.constraints()
    look.column()
    look.floors()
    look.extras()
    look.remarks()
    found.asked, found.offline = look.asker.asked, look.asker.offline
    return found


class _Look:
    """One look at a document; later questions build upon the answers to earlier ones."""

    def __init__(self, rows: list[Package], pythons: Pythons, asker: Asker, say: Say, found: Survey) -> None:
        self.asker = asker
        self._rows = rows
        self._pythons = pythons
        self._say = say
        self._found = found
        self._answered: list[str] = []  # Pythons on which it is known whether the Constraints go together
        self._busy: set[Package] = set()  # rows whose Constraints clash; the others are looked at without them
        self._unknown: dict[str, set[Package]] = {}  # by Python, rows of which nothing can be told

    def constraints(self) -> None:
        """The Constraints of all rows."""
        clashes: list[Clash] = []
        for python in self._pythons.versions:
            with self._looking("the Constraints", python, also=", and so their lower bounds and the extras"):
                self.asker.freshly([row.own for row in self._rows], python)
                found = self._clashes({row: row.own for row in self._rows}, python)
                clashes += found
                self._unknown[python] = _untold(found)
                self._answered.append(python)
        nowhere = {name for one in clashes for name in one.conflict.absent}
        if clashes and all(row.name in nowhere for row in self._rows):
            why = "the package index has none of the packages; is it the right one?"
            self._found.findings.append(self._unseen("the rows", why))
            self._answered = []
            return
        self._busy = {row for one in clashes if one.real for row in one.rows}
        self._tell(clashes, {row: row.own for row in self._rows}, tested=False)

    def column(self) -> None:
        """The Version column, each row as its line; rows whose Constraints clash are told already."""
        if all(row.tested == row.own for row in self._rows):
            return
        clashes: list[Clash] = []
        for python in self._pythons.versions:
            with self._looking("the Version column", python):
                clashes += self._clashes({row: row.tested for row in self._known(python)}, python)
        everywhere = set(self._rows).difference(self._busy, *self._unknown.values())
        self._tell(clashes, {row: row.tested for row in self._rows if row in everywhere}, tested=True)

    def floors(self) -> None:
        """The lower bounds of the Constraints."""
        found: dict[tuple[Package, str], tuple[Unreachable, list[str]]] = {}
        for python in self._answered:
            with self._looking("the lower bounds", python):
                for one in unreachable_floors(self.asker, self._known(python), python):
                    found.setdefault((one.row, str(one.lowest)), (one, []))[1].append(python)
        for one, pythons in found.values():
            finding = floor_finding(one.row, one.floor, str(one.lowest), one.because, one.better, pythons=pythons)
            self._found.findings.append(finding)

    def extras(self) -> None:
        """Extras that want what a row does not admit."""
        found: dict[tuple[str, str], tuple[Trap, list[str]]] = {}
        for python in self._answered:
            with self._looking("the extras", python):
                for one in traps_of(self.asker, self._known(python), python):
                    found.setdefault((one.package, one.row.name), (one, []))[1].append(python)
        self._found.findings += [trap_finding(one, pythons) for one, pythons in found.values()]

    def remarks(self) -> None:
        """What the reader has to know about all of it."""
        if self.asker.unreached:
            message = f"the package index was not reached, and uv's cache was asked instead: {self.asker.unreached}"
            cure = "look again when the index answers: newer releases may be unknown to the cache"
            finding = Finding("index-unreached", message, (self._rows[0].line,), cure, Severity.WARNING)
            self._found.findings.append(finding)

    def _known(self, python: str) -> list[Package]:
        without = self._busy | self._unknown.get(python, set())
        return [row for row in self._rows if row not in without]

    def _clashes(self, wanted: Mapping[Package, str], python: str) -> list[Clash]:
        found, complete = clashes_of(self.asker, wanted, python)
        if not complete:
            why = f"{len(found)} were found, and the search was ended"
            self._found.findings.append(self._unseen(f"further conflicts on Python {python}", why))
        return found

    @contextmanager
    def _looking(self, what: str, python: str, also: str = "") -> Iterator[None]:
        """Say so; and where the resolver cannot tell, say that it was not looked at, nor what builds upon it."""
        self._say(f"{what} of {len(self._rows)} packages on Python {python}")
        try:
            yield
        except Unanswered as error:
            self._found.findings.append(self._unseen(f"{what}{also} on Python {python}", error.message, error.hint))

    def _unseen(self, what: str, why: str, cure: str = "") -> Finding:
        return unseen(what, why, (self._rows[0].line,), cure)

    def _tell(self, clashes: Sequence[Clash], rows: Mapping[Package, str], *, tested: bool) -> None:
        """Findings of all clashes, with repairs of those whose packages are there."""
        together = merged(clashes)
        absent = {row for one in together if one.absent for row in one.rows}
        left = {row: text for row, text in rows.items() if row not in absent}
        mendable = [one.rows for one in together if set(one.rows) <= set(left)]
        repairs: dict[tuple[Package, ...], list[Repair]] = {}
        remark = ""
        if mendable:
            with self._looking("repairs", listed(self._pythons.versions)):
                mender = Mender(self.asker, self._pythons.versions, tested=tested)
                repairs, remark = _repaired(mender, left, mendable)
        for one in together:
            finding = clash_finding(one, repairs.get(one.rows, []), self._pythons, tested=tested, remark=remark)
            self._found.findings.append(finding)


def _untold(clashes: Sequence[Clash]) -> set[Package]:
    """Rows of which nothing can be told: not on the index, or not to be had without building."""
    return {row for one in clashes if not one.real for row in one.rows}


def _repaired(
    mender: Mender, rows: Mapping[Package, str], clashes: Sequence[tuple[Package, ...]]
) -> tuple[dict[tuple[Package, ...], list[Repair]], str]:
    """Repairs of each clash, group by group; and a remark on whether all of them together suffice."""
    found: dict[tuple[Package, ...], list[Repair]] = {}
    parts = groups(list(dict.fromkeys(clashes)))
    current = dict(rows)
    for number, part in enumerate(parts):
        waiting = {row for later in parts[number + 1 :] for clash in later for row in clash}
        repairs = mender.mend({row: text for row, text in current.items() if row not in waiting}, part)
        found |= dict.fromkeys(part, repairs)
        for change in repairs[0] if repairs else ():
            current[change.row] = change.requirement
        if not repairs:  # nothing goes together with these
            current = {row: text for row, text in current.items() if all(row not in clash for clash in part)}
    if len(parts) < 2 or not all(found.values()):
        return found, ""
    if mender.goes_together(current.values()):
        return found, " (with the first cure of each conflict everything goes together)"
    return found, " (all first cures together do not suffice yet: begin with this one, and look again)"
