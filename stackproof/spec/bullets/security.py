"""Tokens, password hashing and transport security."""

from __future__ import annotations

import re

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Choice, Kind, Requirement
from stackproof.spec.quantities import duration, flag, negated
from stackproof.spec.text import outside_parentheses

_LIFETIME = re.compile(
    r"\b(?P<which>access|refresh)\b[- ]?(?:tokens?)?.*?\b(?:lifetimes?|life ?time|ttl|valid(?:ity)?|expir\w+|lives?)\b",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"(?P<which>access|refresh)(?:[- ]tokens?)?", re.IGNORECASE)
_ROTATION = re.compile(
    r"(?:refresh[- ])?(?:token )?rotation\b|rotate (?:the )?refresh tokens?\b"
    r"|refresh[- ]tokens? (?:rotation|are rotated)",
    re.IGNORECASE,
)
_BLACKLIST = re.compile(r"(?:token )?(?:blacklist|blocklist|denylist|revocation list)(?:ing)?\b", re.IGNORECASE)
_ALGORITHM = re.compile(
    r"\b(argon2(?:id|i|d)?|bcrypt(?:[-_]sha256)?|scrypt|pbkdf2(?:[-_]\w+)?|sha-?(?:1|256|512)|md5|yescrypt)\b(?!-cffi)",
    re.IGNORECASE,
)
_HASHERS = re.compile(r"\bPASSWORD_HASHERS\b|\bpassword[_ ]hashers\b", re.IGNORECASE)
_FIRST = re.compile(r"\b(?:first|default|preferred|leading|top|begins?|starts?)\b", re.IGNORECASE)
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SSLMODE = re.compile(r"\bsslmode\b[\s:=]*(?P<mode>[A-Za-z][A-Za-z-]*)?", re.IGNORECASE)
_MODE = re.compile(r"(?<![\w-])(verify-full|verify-ca|require|prefer|allow|disable)(?![\w-])", re.IGNORECASE)
_TLS_VERSION = re.compile(
    r"\b(?:TLS|SSL)\s*v?(?:ersion)?\s*:?\s*(?P<bound>>=|>)?\s*v?(?P<version>\d(?:\.\d)?)(?P<plus>\+)?", re.IGNORECASE
)
_AT_LEAST = re.compile(
    r"\bmin(?:imum|imal|\.)?(?=\W|$)|\bat least\b|\bor (?:higher|later|newer|above|better)\b|\band (?:up|above|newer)\b"
    r"|>=|\+",
    re.IGNORECASE,
)
_TLS_NUMBER = re.compile(r"(?<![\w.])(?:TLS\s*v?)?(?P<version>\d\.\d)(?![\w.])", re.IGNORECASE)
_NO_TLS = re.compile(
    r"\b(?:no|without)\s+(?:tls|ssl|encryption)\b|\b(?:tls|ssl)\b.*\b(?:not (?:needed|required|used)|disabled|off)\b",
    re.IGNORECASE,
)


def lifetime(bullet: Bullet) -> list[Requirement] | None:
    """How long access and refresh tokens live."""
    match = _LIFETIME.match(bullet.label or bullet.text)
    if match is None and bullet.topic is Topic.JWT and bullet.label:
        match = _LABELLED.fullmatch(bullet.label)
    if match is None:
        return None
    identifier = f"jwt.{match['which'].lower()}-token-lifetime"
    value = duration(bullet.value)
    if value is None:
        return [bullet.unreadable(identifier, "one duration of a fixed length; write it as 15 minutes or 7 days")]
    return [bullet.known(identifier, Kind.DURATION, value)]


def rotation(bullet: Bullet) -> list[Requirement] | None:
    """Whether each use of a refresh token gives a new one."""
    if not _ROTATION.match(bullet.label or bullet.text) or not _about_tokens(bullet):
        return None
    return [bullet.flag("jwt.rotation", flag(bullet.value))]


def blacklist(bullet: Bullet) -> list[Requirement] | None:
    """Whether tokens that were given up are refused."""
    if not _BLACKLIST.match(bullet.label or bullet.text) or not _about_tokens(bullet):
        return None
    return [bullet.flag("jwt.blacklist", flag(bullet.value))]


def _about_tokens(bullet: Bullet) -> bool:
    return bullet.topic is Topic.JWT or "token" in bullet.context


def hashers(bullet: Bullet) -> list[Requirement] | None:
    """Which algorithm leads Django's `PASSWORD_HASHERS`."""
    if not _HASHERS.search(bullet.text):
        return None
    identifier = "password.hashers-setting"
    found = _algorithms(bullet.value)
    families = tuple(dict.fromkeys("argon2" if one.startswith("argon2") else one for one in found))
    if len(families) != 1 or negated(bullet.value) or not _FIRST.search(bullet.value):
        return [bullet.unreadable(identifier, "which one algorithm comes first; write it as Argon2 first")]
    return [bullet.known(identifier, Kind.CHOICE, Choice(families))]


def hash_algorithm(bullet: Bullet) -> list[Requirement] | None:
    """Which algorithm hashes new passwords."""
    label = re.fullmatch(
        r"(?:default|(?:password |hash(?:ing)? )?algorithm|(?:password )?hash(?:ing|er)?)", bullet.label
    )
    if not (label and bullet.topic is Topic.PASSWORD) and not re.match(
        r"password hash(?:ing|er| algorithm)", bullet.label
    ):
        return None
    found = _algorithms(bullet.value)
    identifier = "password.hash-algorithm"
    if not found or negated(bullet.value) or (len(found) > 1 and not re.search(r"\bor\b", bullet.value)):
        return [bullet.unreadable(identifier, "which algorithm is meant; write one, such as Argon2id")]
    return [bullet.known(identifier, Kind.CHOICE, Choice(found))]


def _algorithms(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.lower() for found in _ALGORITHM.findall(outside_parentheses(words))))


def postgresql_sslmode(bullet: Bullet) -> list[Requirement] | None:
    """Which sslmode connections to PostgreSQL use."""
    named = _SSLMODE.search(bullet.text)
    labelled = bullet.topic is Topic.TLS and re.fullmatch(r"postgres(?:ql)?(?: connections?)?", bullet.label)
    if not named and not labelled:
        return None
    identifier = "tls.postgresql.sslmode"
    words = outside_parentheses(bullet.text[named.start() :] if named else bullet.value)
    modes = tuple(dict.fromkeys(mode.lower() for mode in _MODE.findall(words)))
    strange = named is not None and named["mode"] is not None and named["mode"].lower() not in _MODES
    if not modes or negated(words) or (strange and named and not _linking(named["mode"])):
        return [bullet.unreadable(identifier, f"the sslmode; write sslmode= and one of {', '.join(_MODES)}")]
    return [bullet.known(identifier, Kind.CHOICE, Choice(modes))]


def _linking(word: str) -> bool:
    return word.lower() in {"of", "is", "must", "at", "to", "be", "set", "should"}


def tls_minimum(bullet: Bullet) -> list[Requirement] | None:
    """The oldest TLS version that may be spoken."""
    found = list(_TLS_VERSION.finditer(bullet.text))
    if not found and bullet.topic is Topic.TLS and _AT_LEAST.search(bullet.text):
        found = list(_TLS_NUMBER.finditer(bullet.text))
    if not found or not _AT_LEAST.search(bullet.text) or _other_service(bullet):
        return None
    versions = {match["version"] for match in found}
    identifier = "tls.minimum-version"
    if len(versions) != 1 or negated(outside_parentheses(bullet.text)) or not versions <= {"1.0", "1.1", "1.2", "1.3"}:
        return [bullet.unreadable(identifier, "the one lowest TLS version, from 1.0 to 1.3")]
    return [bullet.known(identifier, Kind.CHOICE, Choice((versions.pop(),)))]


def _other_service(bullet: Bullet) -> bool:
    return bool(re.search(r"\b(?:redis|valkey|postgres(?:ql)?)\b", bullet.label))


def redis_tls(bullet: Bullet) -> list[Requirement] | None:
    """Whether connections to Redis are encrypted."""
    labelled = bullet.topic is Topic.TLS and re.fullmatch(r"(?:redis|valkey)(?: connections?)?", bullet.label)
    below_redis = bullet.topic is Topic.REDIS and re.fullmatch(r"tls|ssl|encryption|tls/ssl", bullet.label)
    if not labelled and not below_redis:
        return None
    if _NO_TLS.search(bullet.text):
        return [bullet.known("tls.redis", Kind.FLAG, False)]
    demanded = re.split(r"\b(?:if|unless|when|where)\b", bullet.value, maxsplit=1)[0]
    if negated(demanded) or (
        labelled and not re.search(r"\b(?:tls|ssl|encrypt\w*|rediss)\b", bullet.value, re.IGNORECASE)
    ):
        return [bullet.unreadable("tls.redis", "whether TLS is demanded; write TLS or no TLS")]
    value = flag(demanded)
    return [bullet.flag("tls.redis", True if value is None and labelled else value)]


RULES = (lifetime, rotation, blacklist, hashers, hash_algorithm, postgresql_sslmode, tls_minimum, redis_tls)
