"""Waivers and attestations applied to verdicts, and what is out of order about them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stackproof.descriptor.model import Attestation, Waiver
from stackproof.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Applied:
    """The verdicts after waivers and attestations.

    Attributes:
        verdicts: by requirement id.
        waivers: those that stand for a violation, by requirement id.
        attestations: those that settle a clause, by requirement id.
        faults: sentences on what is out of order; any of them fails the run.
    """

    verdicts: Mapping[str, Verdict]
    waivers: Mapping[str, Waiver]
    attestations: Mapping[str, Attestation]
    faults: tuple[str, ...]


def apply(
    verdicts: Mapping[str, Verdict],
    waivers: Iterable[Waiver],
    attestations: Iterable[Attestation],
    *,
    today: datetime.date,
    judged: Iterable[str] | None = None,
) -> Applied:
    """Apply them as of `today` (UTC; an expiry date is the last day that counts).

    An attestation settles only what was not assessed: what a check saw stands, whatever a person says.

    Args:
        judged: ids that the run set out to judge, None for all; a waiver of another one cannot be called needless.
    """
    chosen = set(verdicts if judged is None else judged)
    used_waivers: dict[str, Waiver] = {}
    used_attestations: dict[str, Attestation] = {}
    faults: list[str] = []
    for waiver in waivers:
        seen = verdicts.get(waiver.requirement)
        fault = _waiver_fault(waiver, seen, waiver.requirement in chosen, today)
        if fault:
            faults.append(f"the waiver of {waiver.requirement} ({waiver.owner}) {fault}")
        elif seen is Verdict.VIOLATED:
            used_waivers[waiver.requirement] = waiver
    for attestation in attestations:
        seen = verdicts.get(attestation.requirement)
        fault = _attestation_fault(attestation, seen, today)
        if fault:
            faults.append(f"the attestation of {attestation.requirement} ({attestation.who}) {fault}")
        elif seen is Verdict.NOT_ASSESSED:
            used_attestations[attestation.requirement] = attestation
    changed = {
        **verdicts,
        **dict.fromkeys(used_waivers, Verdict.WAIVED),
        **dict.fromkeys(used_attestations, Verdict.ATTESTED),
    }
    return Applied(changed, used_waivers, used_attestations, tuple(faults))


def _waiver_fault(waiver: Waiver, seen: Verdict | None, chosen: bool, today: datetime.date) -> str:
    if seen is None:
        return "names no requirement"
    if waiver.expires < today:
        return f"expired on {waiver.expires}"
    if chosen and seen in {Verdict.SATISFIED, Verdict.NOT_APPLICABLE}:
        return f"is needless: the verdict is {seen}"
    return ""


def _attestation_fault(attestation: Attestation, seen: Verdict | None, today: datetime.date) -> str:
    if seen is None:
        return "names no requirement"
    if attestation.expires < today:
        return f"expired on {attestation.expires}"
    return "is dated in the future" if attestation.when > today else ""
