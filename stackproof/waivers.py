"""Waivers and attestations applied to verdicts, and what is out of order about them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stackproof.target.descriptor import Attestation, Waiver
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
    changed = dict(verdicts)
    chosen = set(verdicts if judged is None else judged)
    used_waivers: dict[str, Waiver] = {}
    used_attestations: dict[str, Attestation] = {}
    faults: list[str] = []
    for waiver in waivers:
        seen = verdicts.get(waiver.requirement)
        if seen is None:
            faults.append(f"the waiver of {waiver.requirement} ({waiver.owner}) names no requirement")
        elif waiver.expires < today:
            faults.append(f"the waiver of {waiver.requirement} ({waiver.owner}) expired on {waiver.expires}")
        elif seen is Verdict.VIOLATED:
            changed[waiver.requirement] = Verdict.WAIVED
            used_waivers[waiver.requirement] = waiver
        elif seen in {Verdict.SATISFIED, Verdict.NOT_APPLICABLE} and waiver.requirement in chosen:
            faults.append(f"the waiver of {waiver.requirement} ({waiver.owner}) is needless: the verdict is {seen}")
    for attestation in attestations:
        seen = verdicts.get(attestation.requirement)
        if seen is None:
            faults.append(f"the attestation of {attestation.requirement} ({attestation.who}) names no requirement")
        elif attestation.expires < today:
            faults.append(
                f"the attestation of {attestation.requirement} ({attestation.who}) expired on {attestation.expires}"
            )
        elif attestation.when > today:
            faults.append(f"the attestation of {attestation.requirement} ({attestation.who}) is dated in the future")
        elif seen is Verdict.NOT_ASSESSED:
            changed[attestation.requirement] = Verdict.ATTESTED
            used_attestations[attestation.requirement] = attestation
    return Applied(changed, used_waivers, used_attestations, tuple(faults))
