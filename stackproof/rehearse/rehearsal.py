"""A rehearsal from the wish to the result: each step is written down, and none is done twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from stackproof.errors import InfrastructureError
from stackproof.harness import put_tree_on_path
from stackproof.rehearse.blame import alone, blame, from_data, to_data
from stackproof.rehearse.grounds import Grounds
from stackproof.rehearse.judging import Judged, judge
from stackproof.rehearse.locks import Editions, newest_of, spoken_of
from stackproof.rehearse.patches import name_of, patch
from stackproof.rehearse.result import Result
from stackproof.rehearse.runs import RunsOf
from stackproof.rehearse.showing import counted, to_markdown
from stackproof.rehearse.state import State, write
from stackproof.rehearse.symptoms import START, demanded_otherwise, symptoms_of
from stackproof.rehearse.telling import Told, result_of
from stackproof.rehearse.uv import NoSolution
from stackproof.rehearse.wishes import Plan, Wish, new_contradictions, plan_of, settled, write_document
from stackproof.report.compare import compare
from stackproof.report.files import load, save

if TYPE_CHECKING:
    from stackproof.progress import Progress
    from stackproof.report.comparison import Comparison
    from stackproof.report.model import Report

DOCUMENT = "specification.md"
TODAY, TOMORROW = "before", "after"


def rehearse(wish: Wish, state: State, progress: Progress) -> Result:
    """Rehearse, and leave everything that came of it in the state's folder.

    Raises:
        UsageError: what is asked for cannot be understood.
        InfrastructureError: the harness could not do it; what is done stays done.
        KeyboardInterrupt: likewise.
    """
    return _Rehearsal(wish, state, progress).run()


@dataclass
class _Rehearsal:
    wish: Wish
    state: State
    progress: Progress
    told: Told = field(default_factory=Told)

    def run(self) -> Result:
        plan = plan_of(self.wish)
        document = self.state.folder / DOCUMENT
        write_document(self.wish, plan.changes, document)
        self.told.notes += plan.notes
        self.told.unrehearsed += plan.unrehearsed
        with Grounds(self.wish, self.progress) as grounds:
            if plan.services:
                self.state.step("services", lambda: grounds.try_services(plan.of))
            editions = self._editions(plan, grounds)
            if editions is not None:
                write_document(self.wish, settled(plan, editions), document)
                self._write_patch("lock.patch", self._lock_patches(editions, grounds))
            contradictions = new_contradictions(self.wish.base, document)
            self.told.notes += tuple(f"the edited document contradicts itself: {one}" for one in contradictions)
            self._write_patch("specification.patch", self._document_patch(document))
            if editions is not None:
                self._rehearsed(plan, editions, grounds, document)
        result = result_of(self.wish, plan, self.told)
        write(self.state.folder / "rehearsal.json", result.model_dump_json(indent=2) + "\n")
        write(self.state.folder / "rehearsal.md", to_markdown(result))
        return result

    def _editions(self, plan: Plan, grounds: Grounds) -> Editions | None:
        """Both editions of the packages; None where the new one does not resolve."""

        def make() -> Any:
            with self.progress.phase("resolving the packages"):
                try:
                    editions = grounds.locking.editions(grounds.tomorrow, plan.asked, grounds.uv)
                    if plan.asked.manner == "latest":
                        bounds = {one.row.package: one.written for one in settled(plan, editions) if one.row.package}
                        editions = grounds.locking.settle(grounds.tomorrow, grounds.today, bounds, grounds.uv, editions)
                except NoSolution as refusal:
                    rows = plan.asked.rows
                    spoken = sorted(spoken_of(refusal, rows), key=lambda one: rows[one].at)
                    return {"conflict": refusal.shown(), "packages": spoken}
                return {"editions": TypeAdapter(Editions).dump_python(editions, mode="json")}

        made = self.state.step("resolved", make)
        if "conflict" in made:
            self.told.conflict, self.told.conflicting = made["conflict"], tuple(made["packages"])
            return None
        editions: Editions = TypeAdapter(Editions).validate_python(made["editions"])
        self.told.editions = editions
        if plan.asked.manner == "latest":
            names = [one for one in plan.asked.rows if one in editions.new.versions]
            newest = self.state.step("newest", lambda: newest_of(names, grounds.today, grounds.uv))
            self.told.newest = newest
        return editions

    def _rehearsed(self, plan: Plan, editions: Editions, grounds: Grounds, document: Path) -> None:
        """Both runs, their comparison, and the search where something got worse."""
        if not grounds.judged:
            self.told.unrehearsed += ("the service: no descriptor says how it is run and judged",)
            return
        changes = (*editions.changed, *plan.services)
        if not changes and not editions.brought and not editions.dropped:
            self.told.notes += ("no package and no server changes, so that nothing was run",)
            return
        environments = grounds.take(editions)
        before = self._before(grounds, plan)
        after = self._judged(TOMORROW, frozenset(changes), document, grounds, plan)
        comparison = compare(before, after.report, strict=self.wish.trial.strict, where=("today", "rehearsed"))
        self._write_comparison(comparison)
        self.told.comparison, self.told.trouble = comparison, after.trouble
        self.told.services = (before.services, after.report.services)
        symptoms = () if after.trouble else symptoms_of(before, after.report, comparison)
        self.told.symptoms = symptoms
        keys = (START,) if after.trouble else tuple(one.key for one in symptoms)
        if not keys or not self.wish.search:
            return
        if not changes:
            self.told.notes += ("no culprit was looked for: packages were only added or removed",)
            return
        runs = RunsOf(self.wish.trial, document, grounds, environments, plan, symptoms, self.state, self.progress)
        with self.progress.phase(f"looking for the culprit among {counted(len(changes), 'change')}"):
            demanded = frozenset(demanded_otherwise(comparison, symptoms))
            self.told.by_document = alone(demanded, runs, self.state.step) if demanded else frozenset()
            left = [one for one in keys if one not in self.told.by_document]
            blamed = self.state.step("blamed", lambda: to_data(blame(changes, left, runs, self.state.step)))
        self.told.blamed = from_data(blamed)

    def _write_comparison(self, comparison: Comparison) -> None:
        put_tree_on_path()
        from reports.markdown.comparison import write as as_markdown

        for name, text in (("json", comparison.model_dump_json(indent=2) + "\n"), ("md", as_markdown(comparison))):
            path = self.state.folder / f"comparison.{name}"
            write(path, text)
            self.told.files += (str(path),)

    def _before(self, grounds: Grounds, plan: Plan) -> Report:
        """Today's report: the one that was given, or that of a run now.

        Raises:
            InfrastructureError: the service does not start as it is, so that nothing can be said about a change.
        """
        if self.wish.baseline:
            return load(self.wish.baseline)
        return self._judged(TODAY, frozenset(), self.wish.base, grounds, plan).report

    def _judged(self, name: str, parts: frozenset[str], document: Path, grounds: Grounds, plan: Plan) -> Judged:
        folder = self.state.folder / name

        def make() -> str:
            shown = f"the service with {counted(len(parts), 'change')}" if parts else "the service as it is today"
            with self.progress.phase(shown):
                judged = judge(
                    self.wish.trial, document, lambda views: grounds.up(parts, plan.of, views), self.progress
                )
            if judged.trouble and not parts:
                raise InfrastructureError(
                    f"without any change {judged.trouble}",
                    hint="a rehearsal compares with today's service: see that it starts from its lock",
                )
            folder.mkdir(exist_ok=True)
            save(judged.report, folder)
            return judged.trouble

        trouble = self.state.step(name, make)
        return Judged(load(folder), trouble)

    def _document_patch(self, document: Path) -> str:
        return patch(name_of(self.wish.base), _text(self.wish.base), _text(document))

    def _lock_patches(self, editions: Editions, grounds: Grounds) -> str:
        project = grounds.project
        names = sorted(editions.files)
        return "".join(patch(name_of(project / one), _text(project / one), editions.files[one]) for one in names)

    def _write_patch(self, name: str, text: str) -> None:
        """An empty patch is none: `git apply` refuses it."""
        path = self.state.folder / name
        path.unlink(missing_ok=True)
        if text:
            write(path, text)
            self.told.files += (str(path),)


def _text(path: Path) -> str:
    """The file with its own line ends."""
    return path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""
