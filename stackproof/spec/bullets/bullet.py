"""A list item with what its surroundings say about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from stackproof.spec.build import not_understood, requirement, strength_of
from stackproof.spec.model import Kind, Requirement, Strength, Value
from stackproof.spec.outline import Item
from stackproof.spec.text import split_label, stable_slug


class Topic(StrEnum):
    """What a heading (or an introducing item) announces; the value begins the ids below it."""

    LOCK = "lock"
    IMAGE = "image"
    PASSWORD = "password"  # noqa: S105 - a chapter's name
    JWT = "jwt"
    TLS = "tls"
    REVIEW = "review"
    UPGRADE = "upgrade"
    REDIS = "redis"
    POSTGRESQL = "postgresql"
    PINNING_PRODUCTION = "pinning.production"
    PINNING_DEVELOPMENT = "pinning.development"


_TOPICS = {
    Topic.LOCK: re.compile(r"\block[ -]?files?\b|\block(?:ing|ed)?\b"),
    Topic.IMAGE: re.compile(r"\b(?:base|container|docker|oci) images?\b|^images?$"),
    Topic.PASSWORD: re.compile(
        r"\bpasswords?\b.*\bhash|\bhash\w*\b.*\bpasswords?\b|^passwords?$|^(?:password )?hash(?:ing|es|ers?)$"
    ),
    Topic.JWT: re.compile(
        r"\bjwts?\b|\bjson web tokens?\b|\b(?:access|refresh|bearer) tokens?\b|^tokens?\b(?! bucket)"
    ),
    Topic.TLS: re.compile(r"\btls\b|\bssl\b|\btransport (?:security|encryption)\b|\bencryption in transit\b"),
    Topic.REVIEW: re.compile(r"\b(?:quarterly|monthly|yearly|annual|periodic|regular|dependency) review\b|^reviews?$"),
    Topic.UPGRADE: re.compile(r"\blts\b|\bupgrade"),
    Topic.REDIS: re.compile(r"\bredis\b|\bvalkey\b"),
    Topic.POSTGRESQL: re.compile(r"\bpostgres(?:ql)?\b"),
    Topic.PINNING_PRODUCTION: re.compile(
        r"\b(?:production|runtime)\b.*\b(?:dependenc|pin|packages?|requirements?)|^production$"
    ),
    Topic.PINNING_DEVELOPMENT: re.compile(
        r"\b(?:dev(?:elopment)?|tooling)\b.*\b(?:dependenc|pin|packages?|tool)|^development$"
    ),
}


def topic_of(words: str) -> Topic | None:
    """The topic that a heading announces, or None."""
    lowered = words.lower()
    return next((topic for topic, form in _TOPICS.items() if form.search(lowered)), None)


@dataclass(frozen=True)
class Bullet:
    """One list item on its way to become a requirement."""

    item: Item

    @cached_property
    def text(self) -> str:
        """The item's text without a task list's box."""
        return re.sub(r"^\[[ xX]\]\s+", "", self.item.content.text)

    @property
    def code(self) -> tuple[str, ...]:
        """The pieces that are written as code."""
        return self.item.content.code

    @cached_property
    def _split(self) -> tuple[str, str]:
        return split_label(self.text)

    @property
    def label(self) -> str:
        """Lower-case words before the colon; empty without one."""
        return self._split[0].lower()

    @property
    def value(self) -> str:
        """The words after the colon, or all of them."""
        return self._split[1]

    @cached_property
    def context(self) -> str:
        """The texts of the items that this one is nested in and its own, lower case: what is said as a whole."""
        return " ".join([*self.item.parents, self.text]).lower()

    @cached_property
    def topic(self) -> Topic | None:
        """What the nearest enclosing item or heading announces that announces anything."""
        nearest = [*reversed(self.item.parents), *reversed(self.item.chapter)]
        return next((topic for words in nearest if (topic := topic_of(split_label(words)[0] or words))), None)

    @property
    def strength(self) -> Strength:
        """How binding its own words and those that introduce it are."""
        return strength_of(self.text, introduced_by=self.item.parents)

    def known(
        self, identifier: str, kind: Kind, value: Value, *, strength: Strength | None = None, note: str = ""
    ) -> Requirement:
        """The requirement that this item states."""
        return requirement(
            identifier,
            self.item.chapter,
            self.item.line,
            self.text,
            kind,
            value,
            strength=self.strength if strength is None else strength,
            note=note,
        )

    def procedure(self, identifier: str) -> Requirement:
        """The requirement of something that people do and no program can see."""
        return self.known(identifier, Kind.PROCEDURE, None, strength=Strength.PROCEDURAL)

    def flag(self, identifier: str, value: bool | None, *, strength: Strength | None = None) -> Requirement:
        """A yes or no; None is not understood."""
        if value is None:
            return self.unreadable(identifier, "whether it is demanded or ruled out; write Enabled or Disabled")
        return self.known(identifier, Kind.FLAG, value, strength=strength)

    def unreadable(self, identifier: str, what: str) -> Requirement:
        """A clause whose subject is known and whose value is not."""
        return self.puzzling(identifier, f"cannot tell {what}")

    def puzzling(self, identifier: str, why: str) -> Requirement:
        """A clause that stays in the list without being understood."""
        item = self.item
        return not_understood(identifier, item.chapter, item.line, self.text, why, strength=self.strength)

    def own_id(self) -> str:
        """An id out of this item's own words and the headings above it, whatever its neighbours are."""
        if self.topic is not None:
            prefix = [str(self.topic)]
        else:
            prefix = [stable_slug(heading) for heading in self.item.chapter] or ["preamble"]
        parents = [(split_label(words)[0] or words).strip().rstrip(":") for words in self.item.parents]
        telling = [words for words in parents if not _GENERIC.fullmatch(words.lower()) and topic_of(words) is None]
        inner = [stable_slug(words) for words in telling]
        return ".".join([*prefix, *inner, stable_slug(self._split[0] or self.text)])


_GENERIC = re.compile(
    r"(?:(?:recommended|required|other|further|production) )*(?:settings?|configuration|options?|requirements?)"
)
