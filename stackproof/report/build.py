"""Results in, report out: every clause of the specification with its verdict, whatever ran."""

from __future__ import annotations

import datetime
import platform
import sys
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, Literal

from stackproof.check import View
from stackproof.descriptor.model import Descriptor
from stackproof.patterns import fits
from stackproof.registry import RegisteredCheck, shard_of
from stackproof.report.inputs import inputs_of
from stackproof.report.model import (
    AttestationPart,
    CheckPart,
    PhasePart,
    Report,
    RequirementPart,
    ServicePart,
    SpecificationPart,
    TargetPart,
    ViewPart,
    WaiverPart,
)
from stackproof.spec.jsonable import describe, value_to_json
from stackproof.spec.model import Requirement, Specification
from stackproof.target.views import Opening
from stackproof.verdict import CheckResult, Verdict, of_requirement, of_run
from stackproof.waivers import Applied, apply

PROFILE_VIEWS: Mapping[str, frozenset[View]] = {
    "remote": frozenset({View.HTTP, View.WEBSOCKET, View.ACCOUNTS}),
    "services": frozenset({View.HTTP, View.WEBSOCKET, View.ACCOUNTS, View.POSTGRES, View.REDIS, View.HOST}),
}

NOT_ASKED_FOR = "not asked for in this run (--only, --suite, --since)"
ANOTHER_SHARD = "another shard looks at it (--shard)"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run knows beside its results.

    Attributes:
        only: patterns of requirement ids that the caller asked for; empty for all.
        suites: folders of checks that the caller asked for; empty for all.
        shard: (number, of how many); the checks of other shards are not assessed in this one.
        since: what an earlier report found to hold was left out; names it.
        as_of: the day on which support was judged, where it is not the day of the run.
        interrupted: why the run ended early, "" where it did not.
        ingredients: versions that were asked for, by the names of their options.
    """

    started: datetime.datetime
    seconds: float
    kind: Literal["reference", "described"]
    profile: str
    openings: Mapping[View, Opening]
    only: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    shard: tuple[int, int] = (1, 1)
    since: str = ""
    as_of: datetime.date | None = None
    interrupted: str = ""
    allow_writes: bool = False
    drill: bool = False
    ignore_waivers: bool = False
    strict: bool = False
    services: tuple[ServicePart, ...] = ()
    services_reason: str = ""
    ingredients: Mapping[str, str] = field(default_factory=dict)
    phases: tuple[PhasePart, ...] = field(default=())


def build_report(
    specification: Specification,
    descriptor: Descriptor | None,
    checks: Sequence[RegisteredCheck],
    results: Iterable[CheckResult],
    facts: RunFacts,
) -> Report:
    """Add everything up; the number of requirements is the specification's, fixed, whatever ran.

    `descriptor` is None where the run was interrupted before its target was up.
    """
    by_requirement: dict[str, list[CheckResult]] = {one.id: [] for one in specification.every}
    for result in results:
        by_requirement[result.requirement].append(result)
    chosen = _chosen(specification, checks, facts)
    _add_unfinished(specification, checks, by_requirement, facts, chosen)
    summed = {
        one.id: of_requirement(by_requirement[one.id], without_checks=_without_checks(one, chosen))
        for one in specification.every
    }
    applied = apply(
        {key: verdict for key, (verdict, _) in summed.items()},
        descriptor.waivers if descriptor and not facts.ignore_waivers else (),
        descriptor.attestations if descriptor else (),
        today=facts.started.date(),
        judged=sorted(chosen),
    )
    parts, derived = (
        tuple(
            _requirement(
                one, by_requirement[one.id], summed[one.id][1], applied, _counts(one, applied.verdicts, checks, facts)
            )
            for one in group
        )
        for group in (specification.requirements, specification.derived)
    )
    level = of_run([one.verdict for one in (*parts, *derived) if one.required], waiver_faults=bool(applied.faults))
    asked = [f"what {facts.since} left open or what changed since"] if facts.since else [*facts.only]
    asked += [f"the suite {one}" for one in facts.suites]
    asked += [f"shard {facts.shard[0]} of {facts.shard[1]}"] if facts.shard != (1, 1) else []
    partial = facts.interrupted or (f"only {', '.join(asked)} was asked for" if asked else "")
    return Report(
        stackproof_version=version("stackproof"),
        run_id=str(uuid.uuid4()),
        started=facts.started,
        seconds=round(facts.seconds, 3),
        level=level,
        exit_code=int(level.exit_code),
        partial=bool(partial),
        partial_reason=partial,
        interrupted=bool(facts.interrupted),
        profile=facts.profile,
        specification=SpecificationPart(path=specification.path, sha256=specification.digest),
        inputs=inputs_of(descriptor),
        target=TargetPart(
            name=(descriptor.target.name or descriptor.target.base_url) if descriptor else "not started",
            base_url=descriptor.target.base_url if descriptor else "",
            kind=facts.kind,
        ),
        services=facts.services,
        services_reason=facts.services_reason,
        environment={
            "python": platform.python_version(),
            "platform": platform.platform(),
            "implementation": sys.implementation.name,
        },
        options={
            "only": list(facts.only),
            "suites": list(facts.suites),
            "shard": "" if facts.shard == (1, 1) else f"{facts.shard[0]}/{facts.shard[1]}",
            "as_of": facts.as_of.isoformat() if facts.as_of else None,
            "allow_writes": facts.allow_writes,
            "drill": facts.drill,
            "ignore_waivers": facts.ignore_waivers,
            "strict": facts.strict,
            **facts.ingredients,
        },
        views={view.value: ViewPart(open=one.open, reason=one.reason) for view, one in facts.openings.items()},
        counts=_count(parts),
        faults=applied.faults,
        phases=facts.phases,
        requirements=parts,
        derived=derived,
        derived_counts=_count(derived),
        strict=facts.strict,
    )


def _count(parts: Iterable[RequirementPart]) -> dict[str, int]:
    counts = Counter(one.verdict.value for one in parts)
    return {verdict.value: counts[verdict.value] for verdict in Verdict}


def suite_of(check: str) -> str:
    """The folder of a check: "stack" of "stack/support::…"."""
    return check.partition("/")[0]


def _chosen(specification: Specification, checks: Sequence[RegisteredCheck], facts: RunFacts) -> frozenset[str]:
    """Ids of the requirements that the caller asked for; a suite asks for those that a check of it judges."""
    asked = [one.check for one in checks if suite_of(one.id) in facts.suites]
    return frozenset(
        one.id
        for one in specification.every
        if fits(one.id, facts.only) and (not facts.suites or any(check.selects(one) for check in asked))
    )


def _without_checks(requirement: Requirement, chosen: frozenset[str]) -> str:
    if not requirement.understood:
        return f"not understood: {requirement.note or 'no rule of the parser knows this clause'}"
    if requirement.id not in chosen:
        return NOT_ASKED_FOR
    if requirement.kind == "procedure":
        return "a person does this and no program can see it done; an attestation settles it"
    return "this version has no check for it"


def _add_unfinished(
    specification: Specification,
    checks: Sequence[RegisteredCheck],
    results: dict[str, list[CheckResult]],
    facts: RunFacts,
    chosen: frozenset[str],
) -> None:
    """Every planned check without a result is there as not assessed: nothing is dropped by an interruption."""
    for requirement in specification.every:
        if requirement.id not in chosen:
            continue
        seen = {one.check for one in results[requirement.id]}
        for registered in checks:
            if registered.id in seen or not registered.check.selects(requirement):
                continue
            left_out = bool(facts.suites) and suite_of(registered.id) not in facts.suites
            elsewhere = facts.shard != (1, 1) and shard_of(registered.id, facts.shard[1]) != facts.shard[0]
            unasked = f"the suite {suite_of(registered.id)} was not asked for" if left_out else ""
            results[requirement.id].append(
                CheckResult(
                    check=registered.id,
                    requirement=requirement.id,
                    verdict=Verdict.NOT_ASSESSED,
                    reason=facts.interrupted
                    or unasked
                    or (ANOTHER_SHARD if elsewhere else "")
                    or "the check was planned and did not run",
                    title=registered.check.title,
                    supplementary=registered.check.supplementary,
                    one_of=registered.check.one_of,
                    ran=False,
                )
            )


def _counts(
    requirement: Requirement, verdicts: Mapping[str, Verdict], checks: Sequence[RegisteredCheck], facts: RunFacts
) -> bool:
    """Whether a requirement counts for the level: a violation always does, a derived requirement only if strict."""
    if requirement.source is not None and not facts.strict:
        return False
    return verdicts[requirement.id] is Verdict.VIOLATED or _is_required(requirement, checks, facts)


def _is_required(requirement: Requirement, checks: Sequence[RegisteredCheck], facts: RunFacts) -> bool:
    """In a narrower profile only what its views can decide, and what nobody understood."""
    views = PROFILE_VIEWS.get(facts.profile)
    if views is None or not requirement.understood:
        return True
    deciding = (one.check for one in checks if not one.check.supplementary and one.check.selects(requirement))
    return any(check.needs <= views for check in deciding)


def _requirement(
    requirement: Requirement, results: Sequence[CheckResult], reason: str, applied: Applied, required: bool
) -> RequirementPart:
    waiver = applied.waivers.get(requirement.id)
    attestation = applied.attestations.get(requirement.id)
    return RequirementPart(
        id=requirement.id,
        chapter=requirement.chapter,
        line=requirement.line,
        text=requirement.text,
        kind=requirement.kind,
        value=value_to_json(requirement.value),
        demand=describe(requirement.value),
        strength=requirement.strength,
        understood=requirement.understood,
        source=requirement.source,
        required=required,
        verdict=applied.verdicts[requirement.id],
        reason=reason,
        waiver=WaiverPart(**_picked(waiver, "owner", "reason", "expires")) if waiver else None,
        attestation=AttestationPart(**_picked(attestation, "who", "when", "link", "expires")) if attestation else None,
        checks=tuple(CheckPart.model_validate(_check(one)) for one in sorted(results, key=lambda one: one.check)),
    )


def _check(result: CheckResult) -> dict[str, Any]:
    data = asdict(result)
    data["id"] = data.pop("check")
    del data["requirement"]
    return data


def _picked(source: object, *names: str) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}
