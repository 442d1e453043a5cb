"""Constraints that admit what the document's own words rule out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.spec.facts import LicenceFact, licence_facts
from stackproof.spec.findings.finding import Finding, Subject
from stackproof.spec.jsonable import constraint_text
from stackproof.spec.model import Choice, Requirement, VersionRule
from stackproof.spec.releases import admits, release

_SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=[A-Z])")
_VERSION = r"v?(?P<version>\d+(?:\.\d+)*)"
_UPWARDS = r"(?:\.?\s*\+|(?:\.x)?\s+(?:and|or)\s+(?:later|newer|above|higher|up))"
_RULED_OUT = re.compile(
    r"\blicens|\blicenc|\bavoid|\bexclud|\bincompatible\b|\b(?:must|do|may|can) ?not\b"
    r"|\bnot (?:used|allowed|supported|permitted)\b",
    re.IGNORECASE,
)
_AGAINST = r"\b(?:not|no|without|excluding|before|below|avoid|never)\s+"
_EXCLUDED = _AGAINST + r"(?:{name}\s+)?v?(?P<version>\d+(?:\.\d+)+|\d+(?=\.x|\+))"
_EXCLUDED_BY_NAME = _AGAINST + r"{name}\s+v?(?P<version>\d+(?:\.\d+)*)"
_GONE = re.compile(
    r"\b(?:drop(?:s|ped)?|no|not|without|instead|replac\w+|since|until|unlike|old(?:er)?)\b", re.IGNORECASE
)


def licence_excluded(subject: Subject) -> Iterator[Finding]:
    """A constraint admits release lines that are published under other licences than the row claims."""
    for one in subject.stated("licence."):
        name = one.id.removeprefix("licence.")
        row = subject.row(name)
        if row is None or not isinstance(one.value, Choice):
            continue
        for fact in licence_facts():
            if fact.component == name and fact.since <= subject.as_of and not fact.grants(one.value.options):
                yield from _licence_finding(subject, fact, one, row[1])


def _licence_finding(subject: Subject, fact: LicenceFact, one: Requirement, rule: VersionRule) -> Iterator[Finding]:
    admitted = [line for line in fact.lines if admits(rule.constraint, release(line) or ())]
    if not admitted:
        return
    claimed = " or ".join(one.value.options) if isinstance(one.value, Choice) else ""
    notes = [
        note.line
        for note in subject.draft.outline.notes
        if rule.component.lower() in note.text.lower() and re.search(r"licen[sc]", note.text, re.IGNORECASE)
    ]
    message = (
        f"{rule.component}: the Constraint {constraint_text(rule.constraint)} admits {', '.join(admitted)}, which "
        f"is {'/'.join(fact.names)}, but the rationale says {claimed} licensed (source: {fact.source})"
    )
    cure = f"narrow the constraint, so that it ends below {admitted[0]}, or change the rationale"
    yield Finding("licence-excluded", message, (one.line, *dict.fromkeys(notes)), cure)


def note_excluded(subject: Subject) -> Iterator[Finding]:
    """A constraint admits versions that a note speaks against ("Redis 8.0+ changed its licence")."""
    for one, rule in subject.rows:
        name = re.escape(rule.component)
        form = re.compile(rf"(?<![\w-]){name}\s+{_VERSION}{_UPWARDS}(?P<rest>.*)", re.IGNORECASE)
        for note in subject.draft.outline.notes:
            for sentence in _SENTENCE.split(note.text):
                match = form.search(sentence)
                if match is None or not _RULED_OUT.search(match["rest"]):
                    continue
                if admits(rule.constraint, release(match["version"]) or ()):
                    message = (
                        f"{rule.component}: the Constraint {constraint_text(rule.constraint)} admits "
                        f"{match['version']}, which a note speaks against"
                    )
                    cure = f"let the constraint end below {match['version']}, or change the note"
                    yield Finding("note-excluded", message, (one.line, note.line), cure)


def rationale_excluded(subject: Subject) -> Iterator[Finding]:
    """A constraint admits what the row's own rationale rules out ("not 8.x")."""
    for one, rule in subject.rows:
        name = re.escape(rule.component)
        words = subject.rationale(one)
        for form in (_EXCLUDED, _EXCLUDED_BY_NAME):
            match = re.search(form.format(name=name), words, re.IGNORECASE)
            if match is not None and admits(rule.constraint, release(match["version"]) or ()):
                message = (
                    f"{rule.component}: the Constraint {constraint_text(rule.constraint)} admits "
                    f"{match['version']}, which the rationale rules out: {match[0]!r}"
                )
                yield Finding(
                    "rationale-excluded", message, (one.line,), "narrow the constraint, or change the rationale"
                )
                break


def rationale_disagrees(subject: Subject) -> Iterator[Finding]:
    """A rationale counts on a version of another component that this one's row does not admit."""
    for other, ground in subject.rows:
        if len(ground.component) < 3:
            continue
        name = rf"(?<![\w-]){re.escape(ground.component)}\s+{_VERSION}"
        after = re.compile(rf"{name}(?:\.x)?\s+(?:support|compatib|tested|ready)", re.IGNORECASE)
        before = re.compile(
            rf"\b(?:supports?|compatible with|tested (?:with|on)|runs on|knows|made for)\s+{name}", re.IGNORECASE
        )
        for one, rule in subject.rows:
            words = subject.rationale(one)
            match = None if one is other else after.search(words) or before.search(words)
            if match is None or _GONE.search(words) or admits(ground.constraint, release(match["version"]) or ()):
                continue
            message = (
                f"{rule.component} counts on {ground.component} {match['version']}, but the row of "
                f"{ground.component} has {constraint_text(ground.constraint)}"
            )
            yield Finding(
                "rationale-disagrees", message, (one.line, other.line), "change the rationale or the other row"
            )


RULES = (licence_excluded, note_excluded, rationale_excluded, rationale_disagrees)
