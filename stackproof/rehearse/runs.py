"""Runs of the search: a service with some of the changes, asked only for what got worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.check import View
from stackproof.errors import InfrastructureError
from stackproof.rehearse.blame import Shown
from stackproof.rehearse.environments import Environments
from stackproof.rehearse.grounds import Grounds
from stackproof.rehearse.judging import Trial, judge
from stackproof.rehearse.search import Outcome, Parts
from stackproof.rehearse.state import State
from stackproof.rehearse.symptoms import START, Symptom, shown_by, weights
from stackproof.rehearse.uv import NoSolution
from stackproof.rehearse.wishes import PREFIX, Plan
from stackproof.report.files import save

if TYPE_CHECKING:
    from stackproof.progress import Progress

FAILURES = 3  # of the harness, one after the other, that end the search


@dataclass
class RunsOf:
    """What `blame` asks for.

    Attributes:
        symptoms: everything that got worse, of which a run is asked for some; empty where the service does not start.
    """

    trial: Trial
    document: Path
    grounds: Grounds
    environments: Environments
    plan: Plan
    symptoms: Sequence[Symptom]
    state: State
    progress: Progress
    _failures: int = field(default=0, init=False)

    def conflict(self, parts: Parts) -> Parts | None:
        """What the resolver says about the packages among the changes; servers go with everything."""
        return self.environments.conflict(frozenset(one for one in parts if not one.startswith(PREFIX)))

    def show(self, parts: Parts, symptoms: frozenset[str]) -> Shown:
        """Start a service with these changes and look for the symptoms.

        Raises:
            InfrastructureError: the harness itself failed several times in a row.
        """
        shown = ", ".join(sorted(parts)) if len(parts) <= 3 else f"{len(parts)} changes"
        shown = shown or "none of the changes"
        self.progress.say(f"a run with {shown}")
        try:
            found = self._started(parts) if START in symptoms else self._looked(parts, symptoms)
        except NoSolution:
            return Outcome.UNRESOLVED, frozenset()
        except InfrastructureError as error:
            self._failures += 1
            if self._failures >= FAILURES:
                raise
            self.progress.say(f"it cannot be told: {error.message.splitlines()[0]}")
            return Outcome.UNRESOLVED, frozenset()
        self._failures = 0
        self.progress.say(f"{shown}: {found[0]}")
        return found

    def _started(self, parts: Parts) -> Shown:
        """Whether the service comes up."""
        self.environments.python(frozenset(one for one in parts if not one.startswith(PREFIX)))  # fails by itself
        try:
            with self.grounds.up(parts, self.plan.of, frozenset(View)):
                return Outcome.HOLDS, frozenset()
        except InfrastructureError:
            return Outcome.FAILS, frozenset({START})

    def _looked(self, parts: Parts, symptoms: frozenset[str]) -> Shown:
        wanted = [one for one in self.symptoms if one.key in symptoms]
        checks = tuple(dict.fromkeys(one.check for one in wanted))
        only = tuple(dict.fromkeys(one.requirement for one in wanted))
        self.environments.python(frozenset(one for one in parts if not one.startswith(PREFIX)))
        judged = judge(
            self.trial.narrowed(checks, only),
            self.document,
            lambda views: self.grounds.up(parts, self.plan.of, views),
            self.progress,
        )
        folder = self.state.folder / "search" / str(1 + sum(1 for _ in (self.state.folder / "search").glob("*")))
        folder.mkdir(parents=True)
        save(judged.report, folder)
        if judged.trouble:
            return Outcome.UNRESOLVED, frozenset()
        return shown_by(judged.report, wanted, weights(wanted))
