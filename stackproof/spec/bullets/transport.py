"""Transport security: the oldest TLS version, and whether PostgreSQL and Redis are reached through it."""

from __future__ import annotations

import re

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Choice, Kind, Requirement
from stackproof.spec.quantities import flag, negated
from stackproof.spec.text import outside_parentheses

_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SSLMODE = re.compile(r"\bsslmode\b[\s:=]*(?P<mode>[A-Za-z][A-Za-z-]*)?", re.IGNORECASE)
_MODE = re.compile(r"(?<![\w-])(verify-full|verify-ca|require|prefer|allow|disable)(?![\w-])", re.IGNORECASE)
_LINKING = {"of", "is", "must", "at", "to", "be", "set", "should"}
_POSTGRESQL = re.compile(r"postgres(?:ql)?(?: connections?)?")
_REDIS = re.compile(r"(?:redis|valkey)(?: connections?)?")
_TLS_VERSION = re.compile(
    r"\b(?:TLS|SSL)\s*v?(?:ersion)?\s*:?\s*(?:>=\s*)?v?(?P<version>\d(?:\.\d)?)(?!\.?\d)", re.IGNORECASE
)
_TLS_NUMBER = re.compile(r"(?<![\w.])(?P<version>\d\.\d)(?![\w.])")
_AT_LEAST = re.compile(
    r"\bmin(?:imum|imal|\.)?(?=\W|$)|\bat least\b|\bor (?:higher|later|newer|above|better)\b|\band (?:up|above|newer)\b"
    r"|>=|\+",
    re.IGNORECASE,
)
_MINIMUM_LABEL = re.compile(r"(?:(?:minimum|minimal|min\.?|tls|ssl|protocol|version|supported) ?)+")
_SCOPED = re.compile(
    r"\b(?:for|on|in|to|towards)\s+(?!(?:all|every\w*|any|each|the (?:whole|entire)|connections?|production|transit"
    r"|traffic|tls)\b)",
    re.IGNORECASE,
)
_NO_TLS = re.compile(
    r"\b(?:no|without)\s+(?:tls|ssl|encryption)\b|\b(?:tls|ssl)\b.*\b(?:not (?:needed|required|used)|disabled|off)\b",
    re.IGNORECASE,
)
_TLS_WORD = re.compile(r"\b(?:tls|ssl|encrypt\w*|rediss)\b", re.IGNORECASE)


def postgresql_sslmode(bullet: Bullet) -> list[Requirement] | None:
    """Which sslmode connections to PostgreSQL use."""
    named = _SSLMODE.search(bullet.text)
    labelled = (bullet.topic is Topic.TLS and _POSTGRESQL.fullmatch(bullet.label)) or bullet.label == "sslmode"
    if not named and not labelled:
        return None
    words = outside_parentheses(bullet.text[named.start() :] if named else bullet.value)
    modes = tuple(dict.fromkeys(mode.lower() for mode in _MODE.findall(words)))
    following = (named["mode"] or "").lower() if named else ""
    strange = bool(following) and following not in _MODES and following not in _LINKING
    if modes and not strange and not negated(bullet.value):
        return [bullet.known("tls.postgresql.sslmode", Kind.CHOICE, Choice(modes))]
    if not labelled:
        return None
    return [bullet.unreadable("tls.postgresql.sslmode", f"the sslmode; write sslmode= and one of {', '.join(_MODES)}")]


def tls_minimum(bullet: Bullet) -> list[Requirement] | None:
    """The oldest TLS version that may be spoken, if it is stated for everything and not for some connections only."""
    if not _AT_LEAST.search(bullet.text) or _SCOPED.search(bullet.text):
        return None
    labelled = bool(_MINIMUM_LABEL.fullmatch(bullet.label))
    found = _TLS_VERSION.findall(bullet.text)
    if not found and bullet.topic is Topic.TLS:
        found = _TLS_NUMBER.findall(bullet.text)
    if not found or not (labelled or not bullet.label):
        return None
    if (
        len(set(found)) != 1
        or negated(outside_parentheses(bullet.text))
        or found[0] not in {"1.0", "1.1", "1.2", "1.3"}
    ):
        return [bullet.unreadable("tls.minimum-version", "the one lowest TLS version, from 1.0 to 1.3")]
    return [bullet.known("tls.minimum-version", Kind.CHOICE, Choice((found[0],)))]


def redis_tls(bullet: Bullet) -> list[Requirement] | None:
    """Whether connections to Redis are encrypted."""
    labelled = bool(bullet.topic is Topic.TLS and _REDIS.fullmatch(bullet.label))
    below_redis = bullet.topic is Topic.REDIS and re.fullmatch(r"tls|ssl|encryption|tls/ssl", bullet.label)
    if not labelled and not below_redis:
        return None
    if _NO_TLS.search(bullet.text):
        return [bullet.known("tls.redis", Kind.FLAG, False)]
    demanded = re.split(r"\b(?:if|unless|when|where)\b", bullet.value, maxsplit=1)[0]
    value = flag(demanded)
    if value is None and labelled and _TLS_WORD.search(bullet.value) and not negated(demanded):
        value = True
    return [bullet.flag("tls.redis", value)]


RULES = (postgresql_sslmode, tls_minimum, redis_tls)
