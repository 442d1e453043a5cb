"""The result of a rehearsal, gathered; and told to people, at a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stackproof.errors import ExitCode
from stackproof.rehearse.blame import Blame, Blamed
from stackproof.rehearse.locks import Editions
from stackproof.rehearse.result import ChangedPart, CulpritPart, Result, SeenPart
from stackproof.rehearse.rows import written
from stackproof.rehearse.search import Found
from stackproof.rehearse.symptoms import Symptom
from stackproof.rehearse.wishes import PREFIX, Plan, Wish
from stackproof.report.comparison import Comparison, Movement, Worse
from stackproof.report.model import ServicePart

_ROLES = {"postgresql": "PostgreSQL", "cache": "Redis (cache)", "broker": "Redis (broker)"}


@dataclass
class Told:
    """What the steps found out."""

    notes: tuple[str, ...] = ()
    unrehearsed: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    conflict: str = ""
    conflicting: tuple[str, ...] = ()
    editions: Editions | None = None
    newest: Mapping[str, str] = field(default_factory=dict)
    services: tuple[tuple[ServicePart, ...], tuple[ServicePart, ...]] = ((), ())
    trouble: str = ""
    comparison: Comparison | None = None
    symptoms: tuple[Symptom, ...] = ()
    blamed: Blamed | None = None
    by_document: frozenset[str] = frozenset()


def result_of(wish: Wish, plan: Plan, told: Told) -> Result:
    """Everything in one piece, with the exit code."""
    comparison, editions = told.comparison, told.editions
    code, outcome = _outcome(told)
    rows = plan.asked.rows
    conflicting = [f"{rows[one].component} (line {rows[one].at}: {_bound(plan, one)})" for one in told.conflicting]
    return Result(
        asked=asked_in_words(wish),
        specification=str(wish.base),
        project=str(wish.project or "the reference service"),
        resolves=not told.conflict,
        conflict=told.conflict,
        conflicting_rows=tuple(conflicting),
        packages=tuple(_packages(editions)) if editions else (),
        services=tuple(_services(told.services)) if plan.services else (),
        held_back=tuple(_held_back(editions, told.newest)) if editions else (),
        trouble=told.trouble,
        newly_violated=_worse(comparison, Worse.VIOLATED),
        newly_unseen=_worse(comparison, Worse.UNSEEN),
        mended=tuple(one.id for one in comparison.of(Movement.MENDED)) if comparison else (),
        symptoms=tuple(_seen(one) for one in told.symptoms),
        by_document=tuple(sorted(told.by_document)),
        culprits=tuple(_culprit(one) for one in told.blamed.blames if not one.found.nobody) if told.blamed else (),
        unexplained=told.blamed.unexplained if told.blamed else (),
        runs=told.blamed.runs if told.blamed else 0,
        not_looked_at=(*told.unrehearsed, *_absent(plan, editions)),
        notes=told.notes,
        files=told.files,
        exit_code=int(code),
        outcome=outcome,
    )


def asked_in_words(wish: Wish) -> str:
    """The wish as its options have it."""
    if wish.manner == "set":
        return " ".join(f"--set {one!r}" if " " in one else f"--set {one}" for one in wish.sets)
    return f"--spec {wish.edited}" if wish.manner == "spec" else f"--{wish.manner}"


def _outcome(told: Told) -> tuple[ExitCode, str]:
    if told.conflict:
        return ExitCode.NON_CONFORMANT, "it does not resolve"
    if told.trouble:
        return ExitCode.NON_CONFORMANT, "the service no longer starts"
    code = ExitCode(told.comparison.exit_code) if told.comparison else ExitCode.CONFORMANT
    outcome = told.comparison.outcome if told.comparison else "it resolves"
    if told.unrehearsed and code is ExitCode.CONFORMANT:
        return ExitCode.INCOMPLETE, f"{outcome}; not everything was rehearsed"
    return code, outcome


def _bound(plan: Plan, package: str) -> str:
    found = plan.asked.bounds().get(package)
    return found or written(plan.asked.rows[package].constraint) or "any version"


def _packages(editions: Editions) -> Iterator[ChangedPart]:
    old, new = editions.old.versions, editions.new.versions
    for name in editions.changed:
        yield ChangedPart(name=name, before=old[name], after=new[name])
    for name in editions.brought:
        yield ChangedPart(name=name, before="", after=new[name])
    for name in editions.dropped:
        yield ChangedPart(name=name, before=old[name], after="")


def _services(sides: tuple[tuple[ServicePart, ...], tuple[ServicePart, ...]]) -> Iterator[ChangedPart]:
    before, after = ({one.role: f"{one.product} {one.version}" for one in side} for side in sides)
    for role in dict.fromkeys([*before, *after]):
        if before.get(role) != after.get(role):
            yield ChangedPart(name=_ROLES.get(role, role), before=before.get(role, ""), after=after.get(role, ""))


def _held_back(editions: Editions, newest: Mapping[str, str]) -> Iterator[ChangedPart]:
    for name, version in sorted(newest.items()):
        resolved = editions.new.versions.get(name, "")
        if resolved != version:
            yield ChangedPart(name=name, before=resolved, after=version)


def _worse(comparison: Comparison | None, worse: Worse) -> tuple[str, ...]:
    changes = (*comparison.changes, *comparison.derived) if comparison else ()
    return tuple(one.id for one in changes if one.worse is worse)


def _absent(plan: Plan, editions: Editions | None) -> tuple[str, ...]:
    rows = plan.asked.rows
    names = editions.absent if editions else ()
    return tuple(f"{rows[one].component}: the project does not use it" for one in names)


def _seen(one: Symptom) -> SeenPart:
    return SeenPart(
        requirement=one.requirement,
        check=one.check,
        before=one.before[0],
        after=one.after[0],
        seen_before=one.before[1],
        seen_after=one.after[1],
    )


def _culprit(one: Blame) -> CulpritPart:
    found: Found = one.found
    return CulpritPart(
        changes=_plain(found.culprit),
        companions=_plain(found.companions),
        failed=found.failed,
        tried=found.repeated,
        steady=found.steady,
        smallest=found.minimal,
        given_up=found.given_up,
        symptoms=one.symptoms,
    )


def _plain(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(one.removeprefix(PREFIX) for one in names)
