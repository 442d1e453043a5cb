"""Ranges and images that admit releases whose support has ended, by dated facts (spec/support.toml)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from stackproof.spec.findings.finding import Finding, Severity, Subject
from stackproof.spec.jsonable import constraint_text
from stackproof.spec.model import Kind, Requirement, VersionRule
from stackproof.spec.releases import admits, release
from stackproof.spec.support import SOON, Support, support_facts
from stackproof.spec.text import slug

_LTS = "upgrade.{}-lts"
_POLICIES = ("upgrade.{}-supported", "upgrade.{}-security-window", _LTS)


def unsupported_admitted(subject: Subject) -> Iterator[Finding]:
    """A row's range admits release lines whose support has ended; an error where the document rules them out."""
    for known, one, rule in _known_rows(subject):
        ended = [line for line in known.ended(subject.as_of) if admits(rule.constraint, release(line) or ())]
        if not ended:
            continue
        policy = _policy(subject, known)
        told = ", ".join(f"{line} (ended {known.ends[line]})" for line in ended[:5])
        message = (
            f"{rule.component}: the Constraint {constraint_text(rule.constraint)} admits {told}, which its project "
            f"does not support on {subject.as_of} (source: {known.source}, as of {known.as_of})"
        )
        lines = (one.line, policy.line) if policy else (one.line,)
        cure = "raise the lower bound to the oldest line that is supported"
        yield Finding("unsupported-admitted", message, lines, cure, Severity.ERROR if policy else Severity.WARNING)


def other_than_lts_admitted(subject: Subject) -> Iterator[Finding]:
    """A row's range admits lines without long-term support, although the upgrade policy follows those with it."""
    for known, one, rule in _known_rows(subject):
        policy = _find(subject, _LTS.format(slug(known.component)))
        if policy is None or not known.lts:
            continue
        oldest = known.ends[known.lts[0]]
        others = [
            line
            for line, ends in known.ends.items()
            if line not in known.lts
            and ends >= max(subject.as_of, oldest)
            and admits(rule.constraint, release(line) or ())
        ]
        if others:
            message = (
                f"{rule.component}: the Constraint {constraint_text(rule.constraint)} admits {', '.join(others)}, "
                f"without long-term support, but the upgrade policy follows releases that have it ({known.source})"
            )
            cure = f"let the constraint admit the lines {', '.join(known.lts)} alone, or change the policy"
            yield Finding("not-lts-admitted", message, (one.line, policy.line), cure, Severity.WARNING)


def support_disagrees(subject: Subject) -> Iterator[Finding]:
    """A row counts on the tested line for longer than its project supports it, or that day lies close ahead."""
    for known, row, rule in _known_rows(subject):
        stated = _find(subject, row.id.replace("version.", "support.", 1))
        numbers = release(rule.line)
        line = known.line_of(".".join(map(str, numbers))) if numbers else None
        if stated is None or line is None or not isinstance(stated.value, date):
            continue
        theirs, ours = known.ends[line], stated.value
        if (ours.year, ours.month) > (theirs.year, theirs.month):
            message = (
                f"{rule.component} {rule.line}: the document counts on it until {ours}, but its project supports it "
                f"until {theirs} (source: {known.source}, as of {known.as_of})"
            )
            yield Finding("support-disagrees", message, (stated.line,), "correct the date")
        if subject.as_of <= min(theirs, ours) <= subject.as_of + SOON:
            message = f"{rule.component} {rule.line}: its support ends on {min(theirs, ours)} ({known.source})"
            cure = "plan the move to the next supported line"
            yield Finding("support-ends-soon", message, (stated.line,), cure, Severity.WARNING)


def image_base_ended(subject: Subject) -> Iterator[Finding]:
    """A base image stands on a release of Debian that nobody supports any more."""
    debian = next((one for one in support_facts() if one.component == "Debian"), None)
    for one in subject.stated("image.") if debian else ():
        if debian is None or one.kind is not Kind.IMAGE or not isinstance(one.value, str):
            continue
        words = one.value.lower().replace(":", "-").split("-")
        line = next((debian.names[word] for word in words if word in debian.names), None)
        if line is not None and debian.ends[line] < subject.as_of:
            message = (
                f"the image {one.value} stands on Debian {line}, which was supported until {debian.ends[line]} "
                f"(source: {debian.source}, as of {debian.as_of})"
            )
            yield Finding("image-base-ended", message, (one.line,), "name an image on a release that is supported")


def _known_rows(subject: Subject) -> Iterator[tuple[Support, Requirement, VersionRule]]:
    for known in support_facts():
        row = subject.row(known.component)
        if row is not None and row[1].package in {None, slug(known.component)}:
            yield known, *row


def _policy(subject: Subject, known: Support) -> Requirement | None:
    """The clause by which the document itself stays inside the project's support."""
    ids = [form.format(slug(known.component)) for form in _POLICIES]
    return next((found for name in ids if (found := _find(subject, name)) is not None), None)


def _find(subject: Subject, name: str) -> Requirement | None:
    return next((one for one in subject.stated(name) if one.id == name), None)


RULES = (unsupported_admitted, other_than_lts_admitted, support_disagrees, image_base_ended)
