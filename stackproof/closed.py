"""Checks that cannot or may not look: what is said of them before anything of the target is touched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from stackproof.absent import lacking
from stackproof.check import Check, NotApplicable, NotAssessed, View
from stackproof.evidence import Redactor
from stackproof.verdict import CheckResult, Verdict

if TYPE_CHECKING:
    from stackproof.registry import RegisteredCheck
    from stackproof.spec.model import Requirement
    from stackproof.target.views import Opening

type Planned = tuple[RegisteredCheck, Requirement]


NOT_ALLOWED = "it goes beyond ordinary use of the service, which --allow-writes has to allow"


def may_look(check: Check, closed: Collection[str], *, allow_writes: bool) -> bool:
    """Whether none of the check's views is closed, and it may go beyond ordinary use of the service or does not."""
    return check.needs.isdisjoint(closed) and (allow_writes or not check.writes)


def closed_to(
    check: Check,
    requirement: Requirement,
    openings: Mapping[View, Opening],
    unused: Collection[str],
    *,
    allow_writes: bool,
) -> NotAssessed | NotApplicable | None:
    """Why the check cannot look; None where it may.

    Args:
        unused: ids of what the service says that it has not; what is seen all the same is judged.
        allow_writes: whether a check may go beyond ordinary use of the service.
    """
    closed = closed_views(openings)
    if may_look(check, closed, allow_writes=allow_writes):
        return None
    unseen = sorted(check.needs.intersection(closed))
    lack = lacking(requirement, unused, unseen)
    if lack:
        return NotApplicable(f"project.unused lists {lack}")
    reasons = dict.fromkeys(openings[view].reason for view in unseen)
    return NotAssessed("; ".join(reasons) or NOT_ALLOWED)


def closed_views(openings: Mapping[View, Opening]) -> list[View]:
    """Those that are not open."""
    return [view for view, opening in openings.items() if not opening.open]


def told_of_closed(
    plan: Iterable[Planned], openings: Mapping[View, Opening], unused: Collection[str], *, allow_writes: bool
) -> tuple[list[Planned], list[CheckResult]]:
    """(what is left to look at, the results of what cannot be looked at)."""
    left, results = [], []
    for registered, requirement in plan:
        check = registered.check
        end = closed_to(check, requirement, openings, unused, allow_writes=allow_writes)
        if end is None:
            left.append((registered, requirement))
            continue
        results.append(
            CheckResult(
                check=registered.id,
                requirement=requirement.id,
                verdict=Verdict.NOT_APPLICABLE if isinstance(end, NotApplicable) else Verdict.NOT_ASSESSED,
                reason=Redactor().text(str(end)),
                title=check.title,
                supplementary=check.supplementary,
                one_of=check.one_of,
                ran=False,
            )
        )
    return left, results
