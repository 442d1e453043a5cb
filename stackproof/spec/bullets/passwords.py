"""How passwords are hashed."""

from __future__ import annotations

import re

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Choice, Kind, Requirement
from stackproof.spec.quantities import negated
from stackproof.spec.text import outside_parentheses

_ALGORITHM = re.compile(
    r"\b(argon2(?:id|i|d)?|bcrypt(?:[-_]sha256)?|scrypt|pbkdf2(?:[-_]\w+)?|sha-?(?:1|256|512)|md5|yescrypt)\b(?!-cffi)",
    re.IGNORECASE,
)
_PARAMETERS = re.compile(
    r"\b(?:memory|iterations?|passes|parallelism|lanes|threads|cost|rounds|work[ -]?factor|salt)\b|\b[mtpnr]\s*="
    r"|[0-9]\s*[km]i?b\b",
    re.IGNORECASE,
)
_HASHERS = re.compile(r"\bpassword[_ ]hashers\b", re.IGNORECASE)
_HASHERS_LABEL = re.compile(r"(?:django )?settings?|(?:django:? )?password[_ ]hashers|hashers", re.IGNORECASE)
_FIRST = re.compile(r"\b(?:first|default|preferred|leading|top|begins?|starts?)\b", re.IGNORECASE)
_LABEL = re.compile(r"default|(?:default )?(?:password |hash(?:ing)? )?algorithm|hash(?:ing|er)?")
_FULL_LABEL = re.compile(r"(?:default )?password hash(?:ing|er|es)?(?: algorithm)?")


def hashers(bullet: Bullet) -> list[Requirement] | None:
    """Which algorithm leads Django's `PASSWORD_HASHERS`."""
    if not _HASHERS.search(bullet.text):
        return None
    identifier, found = "password.hashers-setting", _algorithms(bullet.value)
    families = tuple(dict.fromkeys("argon2" if one.startswith("argon2") else one for one in found))
    if len(families) == 1 and not negated(bullet.value) and _FIRST.search(bullet.value):
        return [bullet.known(identifier, Kind.CHOICE, Choice(families))]
    if not _HASHERS_LABEL.match(bullet.label or bullet.text):
        return None
    return [bullet.unreadable(identifier, "which one algorithm comes first; write it as Argon2 first")]


def hash_algorithm(bullet: Bullet) -> list[Requirement] | None:
    """Which algorithm hashes new passwords."""
    below = bullet.topic is Topic.PASSWORD and _LABEL.fullmatch(bullet.label)
    if not below and not _FULL_LABEL.fullmatch(bullet.label):
        return None
    found = _algorithms(bullet.value)
    identifier = "password.hash-algorithm"
    if not found or negated(bullet.value) or (len(found) > 1 and not re.search(r"\bor\b", bullet.value)):
        return [bullet.unreadable(identifier, "which algorithm is meant; write one, such as Argon2id")]
    return [bullet.known(identifier, Kind.CHOICE, Choice(found)), *_parameters(bullet)]


def _parameters(bullet: Bullet) -> list[Requirement]:
    """What the clause asks of the algorithm beyond its name, in parentheses too: nobody reads it, and it is told."""
    rest = _ALGORITHM.sub(" ", bullet.value)
    if not re.search(r"[0-9]", rest) or not _PARAMETERS.search(rest):
        return []
    return [bullet.puzzling("password.hash-parameters", "no rule reads the parameters of a password hash")]


def _algorithms(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.lower() for found in _ALGORITHM.findall(outside_parentheses(words))))


RULES = (hashers, hash_algorithm)
