"""Asks each part of the stack whether it knows a list item."""

from __future__ import annotations

from collections.abc import Callable

from stackproof.spec.bullets import containers, dependencies, passwords, policy, postgresql, redis, tokens, transport
from stackproof.spec.bullets.bullet import Bullet
from stackproof.spec.model import Requirement
from stackproof.spec.outline import Item

type Rule = Callable[[Bullet], list[Requirement] | None]

RULES: tuple[Rule, ...] = (
    *tokens.RULES,
    *passwords.RULES,
    *transport.RULES,
    *postgresql.RULES,
    *redis.RULES,
    *containers.RULES,
    *dependencies.RULES,
    *policy.RULES,
)


def read_bullet(item: Item) -> list[Requirement]:
    """The requirements of one list item.

    An item that only introduces nested ones gives none; one that nobody knows gives one that is not understood.
    """
    bullet = Bullet(item)
    if "~~" in bullet.text:
        return [bullet.puzzling(bullet.own_id(), "struck through: does it still hold? remove it or the strokes")]
    for rule in RULES:
        found = rule(bullet)
        if found is None:
            continue
        if item.leaf or any(one.understood for one in found):
            return found
    if not item.leaf and _introduces(bullet.text):
        return []
    return [bullet.puzzling(bullet.own_id(), "no rule knows this statement")]


def ambiguous(item: Item, identifier: str) -> Requirement:
    """What becomes of an item that claims a procedure's id which other items claim in other words."""
    bullet = Bullet(item)
    return bullet.puzzling(bullet.own_id(), f"several statements could be {identifier}; word this one apart from it")


def _introduces(text: str) -> bool:
    """Whether a parent's words are a mere title of what is nested below it."""
    return text.endswith(":") or len(text.split()) <= 4
