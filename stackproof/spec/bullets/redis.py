"""Redis: what it is for, and memory policy and persistence of each role."""

from __future__ import annotations

import re
from collections.abc import Callable

from stackproof.spec.build import strength_of
from stackproof.spec.bullets.bullet import Bullet, Topic
from stackproof.spec.model import Choice, Kind, Requirement, Strength
from stackproof.spec.quantities import negated
from stackproof.spec.text import outside_parentheses, slug

_POLICIES = frozenset(f"{keys}-{order}" for keys in ("allkeys", "volatile") for order in ("lru", "lfu", "random")) | {
    "noeviction",
    "volatile-ttl",
}
_ROLE = re.compile(r"\b(?P<role>caches?|brokers?|channels?(?: layer)?|sessions?)\b", re.IGNORECASE)
_ROLE_IN_LABEL = re.compile(
    r"(?:\b(?:for|of|on) )?(?:the )?\b(?:caches?|brokers?|channels?(?: layer)?|sessions?)\b", re.IGNORECASE
)
_POLICY_LABEL = re.compile(
    r"(?:max)?[ -]?memory[ -]?(?:eviction[ -]?)?policy|maxmemory-policy|eviction(?: policy)?|policy", re.IGNORECASE
)
_PERSISTENCE_LABEL = re.compile(r"persist\w*|durability", re.IGNORECASE)
_POLICY_WORD = re.compile(r"(?<![\w-])(?:no-?eviction|allkeys-\w+|volatile-\w+)(?![\w-])", re.IGNORECASE)
_HYPHENATED = re.compile(r"(?<![\w-])[a-z]+-[a-z]+(?![\w-])", re.IGNORECASE)
_STORE_WORD = re.compile(
    r"\b(?:RDB\s*(?:\+|and|&)\s*AOF|AOF\s*(?:\+|and|&)\s*RDB|RDB|AOF|none|no persistence|disabled|off)\b", re.IGNORECASE
)
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
    pairs = _pairs(bullet, _POLICY_LABEL, _policies_in)
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
    pairs = _pairs(bullet, _PERSISTENCE_LABEL, _STORE_WORD.findall)
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
    """The item's own label says so, a role beside it or not, or the item that introduces it does."""
    return _names(form, bullet.label) or any(_names(form, parent) for parent in bullet.item.parents[-1:])


def _names(form: re.Pattern[str], words: str) -> bool:
    without_role = _ROLE_IN_LABEL.sub(" ", words.rstrip(": "))
    return form.fullmatch(" ".join(without_role.split())) is not None


def _pairs(bullet: Bullet, form: re.Pattern[str], words_in: Callable[[str], list[str]]) -> list[_Pair]:
    """`(role, word, strength)` of "X for cache, Y for broker" and of "cache: X; broker: Y".

    A word without a role has that of the label, of the introducing item or of the nearest heading. Empty where it is
    ambiguous: a role without a word, several words for one role, or no role at all.
    """
    pairs: list[_Pair] = []
    text = bullet.value if _names(form, bullet.label) else bullet.text
    for piece in _pieces(text, words_in):
        bare = outside_parentheses(piece)
        words, roles = words_in(bare), [_role(match) for match in _ROLE.finditer(bare)]
        if not words and not roles:
            continue
        roles = roles or _surrounding_role(bullet)
        if len(words) != 1 or not roles or negated(bare.replace(words[0], "")):
            return []
        strength = strength_of(piece, introduced_by=bullet.item.parents)
        pairs += [(role, words[0], strength) for role in roles]
    return pairs if len({role for role, _, _ in pairs}) == len(pairs) else []


def _surrounding_role(bullet: Bullet) -> list[str]:
    for words in (bullet.label, *reversed(bullet.item.parents), *reversed(bullet.item.chapter)):
        roles = {_role(match) for match in _ROLE.finditer(words)}
        if roles:
            return list(roles) if len(roles) == 1 else []
    return []


def _pieces(text: str, words_in: Callable[[str], list[str]]) -> list[str]:
    """The text cut at commas and semicolons outside parentheses, and at "and" where a piece has several words."""
    pieces = []
    for piece in re.split(r"\s*[,;](?![^()]*\))\s*", text):
        several = len(words_in(outside_parentheses(piece))) > 1
        pieces += re.split(r"\s+and\s+", piece) if several else [piece]
    return pieces


def _role(match: re.Match[str]) -> str:
    return slug(match["role"]).removesuffix("-layer").removesuffix("s")


def _policies_in(words: str) -> list[str]:
    return _POLICY_WORD.findall(words) or _HYPHENATED.findall(words)


def purpose(bullet: Bullet) -> list[Requirement] | None:
    """What Redis is used for; each use is a requirement of its own."""
    introduced = any(_PURPOSE.fullmatch(parent.rstrip(": ")) for parent in bullet.item.parents[-1:])
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
    if bool(separate) == bool(shared) or negated(outside_parentheses(bullet.text)):
        return None
    return [bullet.known("redis.separate-instances", Kind.FLAG, bool(separate))]


RULES = (memory_policy, persistence, purpose, separate_instances)
