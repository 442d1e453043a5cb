"""Upgrade policy, and the review that people hold."""

from __future__ import annotations

import re

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Kind, Requirement
from stackproof.spec.quantities import day_in, negated

_REVIEW = {
    "review.security-advisories": re.compile(r"\bsecurity (?:advisor|bulletin|notice|announcement)", re.IGNORECASE),
    "review.rollback-plan": re.compile(r"\broll[ -]?backs?\b", re.IGNORECASE),
    "review.staging-test": re.compile(r"\bstaging\b", re.IGNORECASE),
    "review.lock-update": re.compile(r"\block ?files?\b", re.IGNORECASE),
    "review.dependency-updates": re.compile(
        r"\b(?:dependenc\w+|packages?)\b.*\b(?:updates?|upgrades?)\b|\b(?:outdated|update) dependenc", re.IGNORECASE
    ),
}


def django_lts(bullet: Bullet) -> list[Requirement] | None:
    """Django stays on long-term support releases, if a date is given until then."""
    if not _about(bullet, "django", r"\blts\b|\blong[- ]term\b|\buntil\b"):
        return None
    identifier, until = "upgrade.django-lts", day_in(bullet.value)
    if negated(bullet.value):
        return [bullet.unreadable(identifier, "whether LTS releases are demanded")]
    if until is not None:
        return [bullet.known(identifier, Kind.SUPPORT, until)]
    if re.search(r"\d{4}|\buntil\b", bullet.value):
        return [bullet.unreadable(identifier, "until when; write a month and a year such as Apr 2028")]
    return [bullet.known(identifier, Kind.FLAG, True)]


def postgresql_supported(bullet: Bullet) -> list[Requirement] | None:
    """PostgreSQL stays on a version that its project supports."""
    if not _about(bullet, r"postgres(?:ql)?", r"\bsupport(?:ed)?\b"):
        return None
    return [_stays(bullet, "upgrade.postgresql-supported")]


def python_security_window(bullet: Bullet) -> list[Requirement] | None:
    """Python stays on a version that still gets security fixes."""
    if not _about(bullet, r"(?:c)?python", r"\bsecurity\b|\bsupport(?:ed)?\b"):
        return None
    return [_stays(bullet, "upgrade.python-security-window")]


def _about(bullet: Bullet, component: str, words: str) -> bool:
    named = re.fullmatch(rf"{component}(?: \d[\w.]*)?", bullet.label, re.IGNORECASE)
    return bullet.topic is Topic.UPGRADE and named is not None and bool(re.search(words, bullet.value, re.IGNORECASE))


def _stays(bullet: Bullet, identifier: str) -> Requirement:
    if negated(bullet.value):
        return bullet.unreadable(identifier, "whether support is demanded")
    return bullet.known(identifier, Kind.FLAG, True)


def review(bullet: Bullet) -> list[Requirement] | None:
    """A step of the periodic review: people take it."""
    if bullet.topic is not Topic.REVIEW:
        return None
    found = [identifier for identifier, form in _REVIEW.items() if form.search(bullet.text)]
    return [bullet.procedure(found[0])] if len(found) == 1 else None


RULES = (django_lts, postgresql_supported, python_security_window, review)
