"""How dependencies are pinned and locked."""

from __future__ import annotations

import re

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Choice, Kind, Requirement
from stackproof.spec.quantities import negated
from stackproof.spec.text import outside_parentheses

_COMPATIBLE = re.compile(r"\bcompatible[ -]release\b", re.IGNORECASE)
_CONSTRAINT = re.compile(r"\b(?:constraints?|pins?|pinned|bounds?|versions?|ranges?|cap(?:ped)?)\b", re.IGNORECASE)
_MINIMUM = re.compile(r"\bminimum[ -]version\b|\blower[ -]bounds?\b", re.IGNORECASE)
_PIN = re.compile(
    r"pin(?:ned)? (?:down )?(?:to|by|at|on)\b[^.;]*?\b(?P<level>major|minor|patch|micro|exact)\b[ -]"
    r"(?:versions?|releases?|levels?)",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    r"updated? (?:(?:all|the|these|them|dependencies|packages|versions) )*"
    r"(?:daily|weekly|monthly|quarterly|yearly|annually|(?:every|each|once an?|twice an?) \w+)",
    re.IGNORECASE,
)
_FLEXIBLE = re.compile(r"\bflexib\w+", re.IGNORECASE)
_OPERATOR = re.compile(r"~=|[<>=!]=|[<>]")
_LOCK_TOOL = re.compile(
    r"(?<![\w.-])(uv\.lock|poetry\.lock|pdm\.lock|pylock\.toml|Pipfile\.lock|conda-lock|pip-tools|pip-compile"
    r"|poetry|pipenv|pdm|uv)(?![\w.-]*\w)",
    re.IGNORECASE,
)
_REGENERATE = re.compile(
    r"\b(?:re-?generate|re-?lock|re-?create|refresh|re-?compile)[sd]?\b.{0,40}?\block\b"
    r"|\block ?files?\b.{0,20}?\b(?:regenerated|recreated|recompiled|refreshed)\b|^re-?lock\b",
    re.IGNORECASE,
)
_LOCK = re.compile(r"\block(?: ?files?)?\b|\.lock\b", re.IGNORECASE)
_COMMIT = re.compile(
    r"^(?:always |never |please |do not |don't )?commit\b|\b(?:committed|checked in(?:to)?|ignored|gitignored)\b"
    r"|\b(?:kept?|store[ds]?|put|track(?:ed)?)\b.*\b(?:version|source) control\b",
    re.IGNORECASE,
)
_TOOL_LABEL = re.compile(r"(?:lock(?:ing)? ?)?(?:tools?|formats?|files?)")


def compatible_release(bullet: Bullet) -> list[Requirement] | None:
    """Production dependencies have an upper bound."""
    if bullet.topic is not Topic.PINNING_PRODUCTION:
        return None
    return _shape(bullet, "pinning.production.compatible-release", plain=bool(_COMPATIBLE.search(bullet.text)))


def minimum_version(bullet: Bullet) -> list[Requirement] | None:
    """Development dependencies need a lower bound only."""
    if bullet.topic is not Topic.PINNING_DEVELOPMENT:
        return None
    return _shape(bullet, "pinning.development.minimum-version", plain=bool(_MINIMUM.search(bullet.text)))


def _shape(bullet: Bullet, identifier: str, *, plain: bool) -> list[Requirement] | None:
    """The admissible forms of a constraint, as the clause writes them in code.

    Without any form only the `plain` words, those that we use ourselves, are known to mean this clause.
    """
    forms = tuple(dict.fromkeys(code for code in bullet.code if _OPERATOR.match(code)))
    if forms and _CONSTRAINT.search(bullet.text) and not negated(outside_parentheses(bullet.text)):
        return [bullet.known(identifier, Kind.CHOICE, Choice(forms))]
    if not plain:
        return None
    return [bullet.unreadable(identifier, "the form of the constraint; write it as code, such as `>=X.Y`")]


def pin_level(bullet: Bullet) -> list[Requirement] | None:
    """Down to which part of the version production dependencies are fixed."""
    match = _PIN.match(bullet.text)
    if bullet.topic is not Topic.PINNING_PRODUCTION or match is None:
        return None
    level = match["level"].lower()
    return [bullet.known("pinning.production.minor", Kind.CHOICE, Choice((level,)))]


def update_rhythm(bullet: Bullet) -> list[Requirement] | None:
    """How often production dependencies are brought up to date: people do it."""
    if bullet.topic is not Topic.PINNING_PRODUCTION or not _UPDATE.match(bullet.text):
        return None
    return [bullet.procedure("pinning.production.quarterly-update")]


def flexibility(bullet: Bullet) -> list[Requirement] | None:
    """Tooling may move more freely: people judge it."""
    if bullet.topic is not Topic.PINNING_DEVELOPMENT or not _FLEXIBLE.search(bullet.text):
        return None
    return [bullet.procedure("pinning.development.flexibility")]


def lock_regenerated(bullet: Bullet) -> list[Requirement] | None:
    """The lock file follows the declared dependencies."""
    if bullet.topic is not Topic.LOCK or not _REGENERATE.search(bullet.text):
        return None
    return [bullet.known("lock.regenerated", Kind.FLAG, not negated(bullet.text))]


def lock_committed(bullet: Bullet) -> list[Requirement] | None:
    """The lock file is under version control."""
    if bullet.topic is not Topic.LOCK or not (_COMMIT.search(bullet.text) and _LOCK.search(bullet.context)):
        return None
    ruled_out = negated(bullet.text) or bool(re.search(r"\b(?:git)?ignored?\b", bullet.text, re.IGNORECASE))
    return [bullet.known("lock.committed", Kind.FLAG, not ruled_out)]


def lock_tool(bullet: Bullet) -> list[Requirement] | None:
    """Which lock file or locking tool is used; several are alternatives."""
    labelled = bool(_TOOL_LABEL.fullmatch(bullet.label))
    sentence = re.match(r"(?:use|using|lock(?:ed)? (?:with|by))\b", bullet.text, re.IGNORECASE)
    if bullet.topic is not Topic.LOCK or not (labelled or sentence):
        return None
    tools = tuple(dict.fromkeys(_LOCK_TOOL.findall(outside_parentheses(bullet.value))))
    if tools and not negated(outside_parentheses(bullet.value)):
        return [bullet.known("lock.tool", Kind.CHOICE, Choice(tools))]
    if not labelled:
        return None
    return [bullet.unreadable("lock.tool", "which lock file or tool is meant; write its name, such as uv.lock")]


RULES = (
    compatible_release,
    minimum_version,
    pin_level,
    update_rhythm,
    flexibility,
    lock_regenerated,
    lock_committed,
    lock_tool,
)
