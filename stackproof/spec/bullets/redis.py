"""Redis: what it is for, and memory policy and persistence of each role."""

from __future__ import annotations

import re

from stackproof.spec.build import strength_of
from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Choice, Kind, Requirement, Strength
from stackproof.spec.quantities import negated
from stackproof.spec.text import outside_parentheses, slug

_POLICIES = frozenset(f"{keys}-{order}" for keys in ("allkeys", "volatile") for order in ("lru", "lfu", "random")) | {
    "noeviction",
    "volatile-ttl",
}
_ROLE = r"(?:the\s+)?(?:celery\s+|redis\s+|message\s+)?(?P<{}>cache|broker|channels?(?: layer)?|sessions?)s?"
_POLICY_LABEL = re.compile(
    r"(?:max)?[ -]?memory[ -]?(?:eviction )?policy|maxmemory-policy|eviction(?: policy)?", re.IGNORECASE
)
_PERSISTENCE_LABEL = re.compile(r"persist\w*|durability", re.IGNORECASE)
_POLICY_WORD = r"(?P<word>no-?eviction|allkeys-\w+|volatile-\w+|[a-z]+-[a-z]+)"
_STORE_WORD = r"(?P<word>RDB\s*(?:\+|and|&)\s*AOF|AOF\s*(?:\+|and|&)\s*RDB|RDB|AOF|none|no persistence|disabled|off)"
_PURPOSE = re.compile(r"purposes?|used? (?:for|as)|roles?", re.IGNORECASE)
_SEPARATE = re.compile(
    r"\b(?:separate|dedicated|distinct|different|independent|own)\s+(?:redis\s+|valkey\s+)?(?:instances?|servers?)\b",
    re.IGNORECASE,
)
_SHARED = re.compile(r"\b(?:single|same|one|shared)\s+(?:redis\s+|valkey\s+)?(?:instance|server)\b", re.IGNORECASE)

type _Pair = tuple[str, str, Strength]


def memory_policy(bullet: Bullet) -> list[Requirement] | None:
    """Which keys each role may evict."""
    if bullet.topic is not Topic.REDIS or not _is_about(bullet, _POLICY_LABEL):
        return None
    pairs = _pairs(bullet, _POLICY_WORD)
    if not pairs or negated(bullet.value):
        return [bullet.unreadable("redis.maxmemory-policy", "which policy for which role; write noeviction for broker")]
    return [_policy(bullet, *pair) for pair in pairs]


def _policy(bullet: Bullet, role: str, word: str, strength: Strength) -> Requirement:
    identifier, policy = f"redis.{role}.maxmemory-policy", word.lower().replace("no-eviction", "noeviction")
    if policy not in _POLICIES:
        return bullet.puzzling(identifier, f"{word!r} is no policy of Redis; there are {', '.join(sorted(_POLICIES))}")
    return bullet.known(identifier, Kind.CHOICE, Choice((policy,)), strength=strength)


def persistence(bullet: Bullet) -> list[Requirement] | None:
    """How each role keeps its data over a restart."""
    if bullet.topic is not Topic.REDIS or not _is_about(bullet, _PERSISTENCE_LABEL):
        return None
    pairs = _pairs(bullet, _STORE_WORD)
    if not pairs:
        return [
            bullet.unreadable("redis.persistence", "which of RDB, AOF and none for which role; write AOF for broker")
        ]
    return [
        bullet.known(f"redis.{role}.persistence", Kind.CHOICE, Choice((_store(word),)), strength=strength)
        for role, word, strength in pairs
    ]


def _store(word: str) -> str:
    upper = word.upper()
    kinds = [kind for kind in ("RDB", "AOF") if kind in upper]
    return "+".join(kinds) or "none"


def _is_about(bullet: Bullet, form: re.Pattern[str]) -> bool:
    """The item's own label says so, or the item that introduces it does."""
    introduced = bool(bullet.item.parents) and form.match(bullet.item.parents[-1]) is not None
    return introduced or form.match(bullet.label or bullet.text) is not None


def _pairs(bullet: Bullet, word: str) -> list[_Pair]:
    """`(role, word, strength)` of "X for cache, Y for broker" and of "cache: X; broker: Y"; empty if anything is left over.

    A role that is named twice, or a word without a role, makes the whole ambiguous.
    """
    form = word.replace("?P<word>", "?P<{}>")
    role_last = rf"{form.format('word1')}(?:\s+[a-z]+)?\s+(?:for|on)\s+{_ROLE.format('role1')}(?:\s+and\s+{_ROLE.format('role1b')})?"
    role_first = rf"{_ROLE.format('role2')}\s*(?::|=|-|uses|with)\s*{form.format('word2')}"
    statement = re.compile(rf"\b(?:{role_last}|{role_first})(?P<remark>[^,;()]*(?:\([^()]*\))?)", re.IGNORECASE)
    introduced = bullet.item.parents and not _label_is_subject(bullet)
    words = bullet.text if introduced else bullet.value
    pairs: list[_Pair] = []
    for match in statement.finditer(words):
        strength = strength_of(match[0], introduced_by=bullet.item.parents)
        value = match["word1"] or match["word2"]
        for role in (match["role1"], match["role1b"], match["role2"]):
            if role:
                pairs.append((slug(role.rstrip("s") if role != "sessions" else role), value, strength))
    left_over = re.search(word, outside_parentheses(statement.sub(" ", words)), re.IGNORECASE)
    roles = [role for role, _, _ in pairs]
    return [] if left_over or len(set(roles)) != len(roles) else pairs


def _label_is_subject(bullet: Bullet) -> bool:
    return bool(_POLICY_LABEL.match(bullet.label) or _PERSISTENCE_LABEL.match(bullet.label))


def purpose(bullet: Bullet) -> list[Requirement] | None:
    """What Redis is used for; each use is a requirement of its own."""
    introduced = bool(bullet.item.parents) and _PURPOSE.match(bullet.item.parents[-1]) is not None
    if bullet.topic is not Topic.REDIS or not (introduced or _PURPOSE.fullmatch(bullet.label)):
        return None
    words = bullet.text if introduced else bullet.value
    uses = [slug(piece) for piece in re.split(r"\s*(?:[,;]|\band\b|&)\s*", outside_parentheses(words)) if slug(piece)]
    if not uses or negated(words):
        return [bullet.puzzling(bullet.own_id(), "cannot tell what Redis is for; write Cache, Celery broker")]
    return [bullet.known(f"redis.purpose.{use}", Kind.FLAG, True) for use in dict.fromkeys(uses)]


def separate_instances(bullet: Bullet) -> list[Requirement] | None:
    """Whether cache and broker are two servers."""
    separate, shared = _SEPARATE.search(bullet.text), _SHARED.search(bullet.text)
    about = bullet.topic is Topic.REDIS and "cache" in bullet.context and "broker" in bullet.context
    if not about or not (separate or shared):
        return None
    clear = bool(separate) != bool(shared) and not negated(outside_parentheses(bullet.text))
    return [bullet.flag("redis.separate-instances", bool(separate) if clear else None)]


RULES = (memory_policy, persistence, purpose, separate_instances)
