"""PostgreSQL: extensions, settings and backup."""

from __future__ import annotations

import re
from datetime import timedelta

from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Choice, Kind, Requirement, Strength
from stackproof.spec.quantities import bound, duration, flag, negated
from stackproof.spec.text import outside_parentheses, slug

_EXTENSIONS = re.compile(r"\b(?:required |needed )?extensions?\b", re.IGNORECASE)
_EXTENSION_NAME = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)
_SETTING = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+", re.IGNORECASE)
_BARE_SETTING = re.compile(
    r"(?:set\s+)?(?P<name>[a-z][a-z0-9]*(?:_[a-z0-9]+)+)\s+(?:to\s+|of\s+|is\s+|=\s*)?(?P<value>.+)", re.IGNORECASE
)
_SHARES = {"shared_buffers": "RAM", "effective_cache_size": "RAM"}
_NUMBERS = {*_SHARES, "max_connections"}
_BACKUP = re.compile(r"back-?ups?(?: (?:schedule|frequency|strategy))?")
_BACKUP_SENTENCE = re.compile(r"\bback-?ups?\b", re.IGNORECASE)
_FREQUENCY = {
    "hourly": timedelta(hours=1),
    "every hour": timedelta(hours=1),
    "daily": timedelta(days=1),
    "every day": timedelta(days=1),
    "nightly": timedelta(days=1),
    "every night": timedelta(days=1),
    "weekly": timedelta(days=7),
    "every week": timedelta(days=7),
}
_EVERY = re.compile(r"\bevery\s+(?P<period>[^,;.]*?(?:hour|day|week)s?)\b", re.IGNORECASE)
_OFTEN = re.compile(
    r"\b(?:every|each|once|twice|times|per|hourly|daily|nightly|weekly|monthly|quarterly|yearly|regularly|frequently"
    r"|continuous(?:ly)?)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:in|into|within|under)\s+(?:the\s+|a\s+)?schema\b.*", re.IGNORECASE)
_HOW_OFTEN = "how often; write daily, hourly, weekly or every 12 hours"
_RECOVERY = re.compile(r"\bpoint[ -]in[ -]time\b(?:[ -]recovery)?|\bPITR\b", re.IGNORECASE)


def extensions(bullet: Bullet) -> list[Requirement] | None:
    """Which extensions the database has; each is a requirement of its own."""
    listed = bool(_EXTENSIONS.match(bullet.label or bullet.text))
    below = bool(bullet.item.parents and _EXTENSIONS.match(bullet.item.parents[-1]))
    if not (listed or below) or (bullet.topic is not Topic.POSTGRESQL and "postgres" not in bullet.context):
        return None
    words = bullet.value if listed else bullet.label or bullet.text
    names = _extension_names(bullet, words)
    if not names or negated(words) or {"none", "tbd"} & {name.lower() for name in names}:
        return [
            bullet.puzzling(bullet.own_id(), "cannot tell which extensions are demanded; write their names as code")
        ]
    return [bullet.known(f"postgresql.extension.{slug(name)}", Kind.FLAG, True) for name in names]


def _extension_names(bullet: Bullet, words: str) -> list[str]:
    """The names written as code, else the words of the list; a remark, such as the schema they live in, names none."""
    outside = _PLACE.sub("", outside_parentheses(words)).strip()
    said = outside if any(code in outside for code in bullet.code) else words
    written = [code for code in bullet.code if code.lower() in said.lower() and _EXTENSION_NAME.fullmatch(code)]
    if not written:
        pieces = re.split(r"\s*(?:,|;|\band\b|&)\s*", outside.rstrip("."))
        written = [piece.strip("'\" ") for piece in pieces if piece.strip("'\" ")]
        if not all(_EXTENSION_NAME.fullmatch(piece) for piece in written):
            return []
    return list(dict.fromkeys(written))


def settings(bullet: Bullet) -> list[Requirement] | None:
    """A server setting by its own name, with a bound, a share of the memory, a switch or a word as its value."""
    name, value = bullet.label, bullet.value
    if not name and (match := _BARE_SETTING.fullmatch(bullet.text)) is not None:
        name, value = match["name"].lower(), match["value"]
    if bullet.topic is not Topic.POSTGRESQL or not _SETTING.fullmatch(name):
        return None
    identifier = f"postgresql.{slug(name)}"
    period = None if name in _NUMBERS else duration(value)
    if period is not None:
        return [bullet.known(identifier, Kind.DURATION, period)]
    threshold = bound(value, share_of=_SHARES.get(name))
    if threshold is not None:
        return [bullet.known(identifier, Kind.THRESHOLD, threshold, note=_in_bytes(value, threshold.of))]
    switch = flag(value)
    if switch is not None:
        return [bullet.known(identifier, Kind.FLAG, switch)]
    if name not in _NUMBERS and re.fullmatch(r"[a-z][a-z0-9_-]*", value):
        return [bullet.known(identifier, Kind.CHOICE, Choice((value,)))]
    return [bullet.unreadable(identifier, "the bound; write it as 100+, at most 50, 4GB or 25% of RAM")]


def _in_bytes(value: str, of: str | None) -> str:
    return "in bytes" if of is None and re.search(r"\d\s*[kmgt]i?b\b", value, re.IGNORECASE) else ""


def backup(bullet: Bullet) -> list[Requirement] | None:
    """How often backups are made, which a person must vouch for, and whether any moment can be restored."""
    labelled = bool(_BACKUP.fullmatch(bullet.label))
    sentence = not bullet.label and _BACKUP_SENTENCE.search(bullet.text)
    if bullet.topic is not Topic.POSTGRESQL or not (labelled or sentence):
        return None
    found: list[Requirement] = []
    every, unreadable = _intervals(bullet.value), bullet.unreadable("postgresql.backup.daily", _HOW_OFTEN)
    if len(every) == 1 and None not in every and not negated(bullet.value):
        daily = bullet.known("postgresql.backup.daily", Kind.DURATION, every.pop(), strength=Strength.PROCEDURAL)
        found.append(daily)
    elif labelled and _OFTEN.search(bullet.value):
        found.append(unreadable)
    if (match := _RECOVERY.search(bullet.value)) is not None:
        wanted = not negated(bullet.value[: match.start()][-12:])
        found.append(bullet.known("postgresql.backup.point-in-time-recovery", Kind.FLAG, wanted))
    if not found and not labelled:
        return None
    return found or [unreadable]


def _intervals(value: str) -> set[timedelta | None]:
    """The intervals that the words name; None is one that cannot be read."""
    lowered = value.lower()
    named = {period for words, period in _FREQUENCY.items() if re.search(rf"\b{words}\b", lowered)}
    counted = {duration(match["period"]) for match in _EVERY.finditer(lowered) if match[0] not in _FREQUENCY}
    return named | counted


RULES = (extensions, settings, backup)
