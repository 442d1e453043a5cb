"""Tokens: how long they live, how they rotate, how they are revoked.

A bullet whose label names the subject keeps the subject's id even where its value cannot be read. A sentence without a
label has to say all of it; else it is some other statement.
"""

from __future__ import annotations

import re

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Kind, Requirement
from stackproof.spec.quantities import duration, flag

_LIVES = r"(?:life[ -]?times?|ttl|validity(?: period)?|expir\w+(?: time)?|max(?:imum)? age)"
_LIFETIME_LABEL = re.compile(
    rf"(?:jwt )?(?P<which>access|refresh)(?:[ -]tokens?)?[ -]{_LIVES}"
    rf"|{_LIVES} of (?:the )?(?P<other>access|refresh)[ -]tokens?"
)
_TOKEN_LABEL = re.compile(r"(?P<which>access|refresh)(?:[ -]tokens?)?")
_LIFETIME_SENTENCE = re.compile(
    r"(?:(?:the|each|every|all|jwt) )*(?P<which>access|refresh)[ -]tokens?\b.*?"
    r"\b(?:life ?times?|ttl|valid(?:ity)?|expir\w+|lives?|lasts?)\b",
    re.IGNORECASE,
)
_ROTATION = re.compile(
    r"(?:(?:refresh )?token )?rotation|rotate(?:s|d)? (?:the )?refresh tokens?"
    r"|refresh[ -]tokens? (?:rotation|are rotated)"
)
_ROTATION_SENTENCE = re.compile(
    r"(?:refresh[ -])?token rotation\b|rotate (?:the )?refresh tokens?\b|refresh[ -]tokens? are rotated\b",
    re.IGNORECASE,
)
_BLACKLIST = re.compile(r"(?:token )?(?:black|block|deny)[ -]?list(?:ing)?")


def lifetime(bullet: Bullet) -> list[Requirement] | None:
    """How long access and refresh tokens live."""
    match = _LIFETIME_LABEL.fullmatch(bullet.label)
    if match is None and bullet.topic is Topic.JWT:
        match = _TOKEN_LABEL.fullmatch(bullet.label)
    if match is None and not bullet.label:
        match = _LIFETIME_SENTENCE.match(bullet.text)
    if match is None:
        return None
    which = match["which"] or match["other"]
    identifier, value = f"jwt.{which.lower()}-token-lifetime", duration(bullet.value)
    if value is not None:
        return [bullet.known(identifier, Kind.DURATION, value)]
    if not bullet.label:
        return None
    return [bullet.unreadable(identifier, "one duration of a fixed length; write it as 15 minutes or 7 days")]


def rotation(bullet: Bullet) -> list[Requirement] | None:
    """Whether each use of a refresh token gives a new one."""
    if _ROTATION.fullmatch(bullet.label) and _about_tokens(bullet):
        return [bullet.flag("jwt.rotation", flag(bullet.value))]
    value = None if bullet.label or not _ROTATION_SENTENCE.match(bullet.text) else flag(bullet.text)
    return None if value is None else [bullet.flag("jwt.rotation", value)]


def blacklist(bullet: Bullet) -> list[Requirement] | None:
    """Whether tokens that were given up are refused."""
    if not _BLACKLIST.fullmatch(bullet.label) or not _about_tokens(bullet):
        return None
    return [bullet.flag("jwt.blacklist", flag(bullet.value))]


def _about_tokens(bullet: Bullet) -> bool:
    return bullet.topic is Topic.JWT or "token" in bullet.context


RULES = (lifetime, rotation, blacklist)
