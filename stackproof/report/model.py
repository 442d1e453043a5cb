"""The report of a run as data; its JSON Schema is generated from here (`stackproof schema report`)."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stackproof.verdict import Level, Verdict

SCHEMA_VERSION: Literal["1"] = "1"


class Part(BaseModel):
    """Base of the report's parts."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Seconds = Annotated[float, Field(ge=0, le=1e9)]


class EvidencePart(Part):
    """One thing that a check saw, redacted and capped."""

    kind: str
    title: str
    detail: dict[str, Any]


class CheckPart(Part):
    """What one check found about one requirement."""

    id: str = Field(description="path under suites/ without its suffix, '::', the function's name")
    title: str
    verdict: Verdict
    reason: str
    expected: str = ""
    seen: str = ""
    reproduce: str = ""
    remedy: str = ""
    supplementary: bool = False
    one_of: str = Field("", description="checks of one word are alternatives: one that could look is enough")
    ran: bool = True
    seconds: Seconds = 0.0
    evidence: tuple[EvidencePart, ...] = ()


class WaiverPart(Part):
    """The waiver that stands for a violation."""

    owner: str
    reason: str
    expires: datetime.date


class AttestationPart(Part):
    """The word of a person for a procedural clause."""

    who: str
    when: datetime.date
    link: str = ""
    expires: datetime.date


class RequirementPart(Part):
    """A clause of the specification and its verdict. Every clause is here, whatever ran."""

    id: str
    chapter: str
    line: int
    text: str
    kind: str
    value: Any = Field(description="typed value as JSON, null for procedures and for what nobody understood")
    demand: str = Field("", description="the value in words")
    strength: str
    understood: bool
    source: str | None = Field(None, description="public standard of a derived requirement")
    required: bool = Field(description="counts for the level of this run")
    verdict: Verdict
    reason: str
    waiver: WaiverPart | None = None
    attestation: AttestationPart | None = None
    checks: tuple[CheckPart, ...] = ()


class ServicePart(Part):
    """A service that the run stood on, by what really ran."""

    role: str
    product: str
    version: str
    how: str = Field(description="embedded, testcontainers, external or described")
    tls: bool | None = None
    standin: bool = False
    note: str = ""


class SpecificationPart(Part):
    """The document that was judged against."""

    path: str
    sha256: str


class InputPart(Part):
    """Something else that the run was made of, by its digest."""

    name: str = Field(description="lock or waivers")
    path: str
    sha256: str


class TargetPart(Part):
    """The target that was judged."""

    name: str
    base_url: str
    kind: Literal["reference", "described"]


class ViewPart(Part):
    """A view of the target and, where it was closed, why."""

    open: bool
    reason: str = ""


class PhasePart(Part):
    """A stretch of the run's time."""

    name: str
    seconds: Seconds


class Report(Part):
    """A whole run."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    stackproof_version: str
    run_id: str
    started: datetime.datetime
    seconds: Seconds
    level: Level
    exit_code: int
    partial: bool = Field(False, description="the run was interrupted or restricted; `partial_reason` says how")
    partial_reason: str = ""
    interrupted: bool = Field(False, description="the run was ended before everything that was planned was reached")
    profile: str
    specification: SpecificationPart
    inputs: tuple[InputPart, ...] = Field((), description="what the run was made of beside the specification")
    target: TargetPart
    services: tuple[ServicePart, ...] = ()
    services_reason: str = Field("", description="how the services were provided, and why so")
    environment: dict[str, str] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)
    views: dict[str, ViewPart] = Field(default_factory=dict)
    counts: dict[str, int] = Field(description="clauses by verdict; they add up to the specification's clauses")
    faults: tuple[str, ...] = Field(
        (), description="waivers and attestations that are out of order; each fails the run"
    )
    phases: tuple[PhasePart, ...] = ()
    requirements: tuple[RequirementPart, ...]
    derived: tuple[RequirementPart, ...] = Field(
        (), description="what the clauses imply through public standards; counts for the level only with --strict"
    )
    derived_counts: dict[str, int] = Field(
        default_factory=dict, description="derived requirements by verdict; they add up to `derived`"
    )
    strict: bool = Field(False, description="derived requirements count for the level")
