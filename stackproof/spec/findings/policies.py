"""Dates, rules about pinning, and clauses that nobody understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.findings.finding import Finding, Severity, Subject, agrees
from stackproof.spec.jsonable import constraint_text
from stackproof.spec.model import Choice, Kind, Requirement, VersionRule
from stackproof.spec.outline import Item
from stackproof.spec.quantities import day_in
from stackproof.spec.releases import is_capped

_UNTIL = re.compile(
    r"(?<![\w.])v?(?P<version>\d+(?:\.\d+)*)(?:\.x)?(?:\s+LTS)?\s+(?:is\s+supported\s+)?until\b", re.IGNORECASE
)
_FOR_TOOLS = re.compile(r"\b(?:develop\w*|dev|test\w*|quality|lint\w*|tooling)\b", re.IGNORECASE)


def support_ended(subject: Subject) -> Iterator[Finding]:
    """A date until which something is supported lies in the past."""
    for one in subject.draft.requirements:
        if one.kind is Kind.SUPPORT and isinstance(one.value, date) and one.value < subject.as_of:
            what = one.id.removeprefix("support.").removeprefix("upgrade.")
            message = f"{what}: supported until {one.value}, which is before {subject.as_of}"
            yield Finding("support-ended", message, (one.line,), "move to a supported version, or correct the date")


def upgrade_disagrees(subject: Subject) -> Iterator[Finding]:
    """The upgrade policy names another end of support, or another version, than the component's row."""
    for block in subject.draft.outline.blocks:
        bullet = Bullet(block) if isinstance(block, Item) else None
        row = subject.row(bullet.label) if bullet is not None and bullet.label else None
        if bullet is None or row is None or bullet.topic is not Topic.UPGRADE:
            continue
        yield from _date_disagrees(subject, bullet, row)
        match = _UNTIL.search(bullet.value)
        if match is not None and not agrees(match["version"], row[1]):
            message = (
                f"the upgrade policy speaks of {row[1].component} {match['version']}, but its row has {row[1].line} "
                f"({constraint_text(row[1].constraint)})"
            )
            lines = (bullet.item.line, row[0].line)
            yield Finding("upgrade-disagrees", message, lines, "give both places the same version")


def _date_disagrees(subject: Subject, bullet: Bullet, row: tuple[Requirement, VersionRule]) -> Iterator[Finding]:
    identifier = row[0].id.replace("version.", "support.", 1)
    stated = next((one for one in subject.stated(identifier) if one.id == identifier), None)
    until = day_in(bullet.value)
    if stated is None or until is None or not isinstance(stated.value, date):
        return
    if (until.year, until.month) != (stated.value.year, stated.value.month):
        message = f"the upgrade policy has {row[1].component} supported until {until}, but its row until {stated.value}"
        yield Finding("upgrade-disagrees", message, (bullet.item.line, stated.line), "give both places the same date")


def pinning_uncapped(subject: Subject) -> Iterator[Finding]:
    """Production packages without an upper bound, although the pinning strategy asks for one."""
    yield from _pinning(
        subject, "pinning.production.compatible-release", "pinning-uncapped", capped=False, cure="add an upper bound"
    )


def pinning_capped(subject: Subject) -> Iterator[Finding]:
    """Development packages with an upper bound, although the pinning strategy asks for a minimum only."""
    yield from _pinning(
        subject, "pinning.development.minimum-version", "pinning-capped", capped=True, cure="remove the upper bounds"
    )


def _pinning(subject: Subject, identifier: str, code: str, *, capped: bool, cure: str) -> Iterator[Finding]:
    """Rows that are capped, or are not, against a pinning rule whose every form says otherwise."""
    rule = next((one for one in subject.stated(identifier) if one.id == identifier), None)
    if rule is None or not isinstance(rule.value, Choice):
        return
    if any(bool(re.search(r"<|~=|==", form)) is capped for form in rule.value.options):
        return
    for_tools = "development" in identifier
    rows = [
        (one, row)
        for one, row in subject.rows
        if row.package and bool(_FOR_TOOLS.search(one.chapter)) is for_tools and is_capped(row.constraint) is capped
    ]
    if rows:
        have = "an upper bound" if capped else "no upper bound"
        names = ", ".join(row.component for _, row in rows)
        message = f"{have}: {names}; but the pinning strategy asks for {' or '.join(rule.value.options)}"
        lines = (*(one.line for one, _ in rows), rule.line)
        yield Finding(code, message, lines, f"{cure}, or change the strategy", Severity.WARNING)


def not_understood(subject: Subject) -> Iterator[Finding]:
    """Clauses that no rule turned into data; they count against every run."""
    for one in subject.draft.requirements:
        if not one.understood:
            message = f"{one.id}: not understood: {one.note}"
            cure = "word it like those that are understood (`stackproof spec list`), or write a check of your own"
            yield Finding("not-understood", message, (one.line,), cure, Severity.WARNING)


RULES = (support_ended, upgrade_disagrees, pinning_uncapped, pinning_capped, not_understood)
