"""Starting the service's settings with another environment: what is asked, and what came of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GARBAGE = "stackproof-malformed"
SALT = secrets.token_hex(8)  # digests of keys can be compared inside this process, and nowhere else

# What an interpreter needs to run at all, and what the harness itself hands to it
_KEPT = re.compile(
    r"(?i)^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|SHELL|TERM|SYSTEMROOT|VIRTUAL_ENV|CONDA_PREFIX"
    r"|LD_LIBRARY_PATH|DYLD_\w+|SSL_CERT_\w+|PYTHON\w*|PGCONNECT_TIMEOUT|DJANGO_SETTINGS_MODULE|DJANGO_CONFIGURATION"
    r"|STACKPROOF_\w+)$"
)
_NAME = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_DJANGOS = {"DJANGO_SETTINGS_MODULE"}


@dataclass(frozen=True, slots=True)
class Boots:
    """A start with a changed environment.

    Attributes:
        without: variables that are taken out.
        given: variables that are set to another value.
        bare: nothing is left but what an interpreter needs.
    """

    without: frozenset[str] = frozenset()
    given: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False

    @classmethod
    def malformed(cls, variable: str) -> Boots:
        """One variable holds a word that means nothing."""
        return cls(given={variable: GARBAGE})

    def of(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The variables as this change leaves them."""
        kept = {name: value for name, value in variables.items() if name not in self.without}
        if self.bare:
            kept = {name: value for name, value in kept.items() if _KEPT.match(name)}
        return {**kept, **self.given}

    def __str__(self) -> str:
        if self.bare:
            return "none of the service's variables"
        changes = [f"{name} taken out" for name in sorted(self.without)]
        changes += [f"{name} set to a word that means nothing" for name in sorted(self.given)]
        return " and ".join(changes) or "the environment as it is"


@dataclass(frozen=True, slots=True)
class SettingsField:
    """One field of a settings class.

    Attributes:
        called: names by which an error may call it.
        variables: environment variables that fill it.
        typed: its type refuses a word that means nothing.
        given: one of the variables is set.
    """

    name: str
    called: frozenset[str]
    variables: tuple[str, ...]
    required: bool
    typed: bool
    given: bool


@dataclass(frozen=True, slots=True)
class SettingsClass:
    """A pydantic-settings class that the service instantiated while its settings loaded."""

    name: str
    own: bool
    fields: tuple[SettingsField, ...]


@dataclass(frozen=True, slots=True)
class Boot:
    """What came of a start.

    Attributes:
        said: the exception that ended it, without values; `kind` is its class.
        key: a digest of SECRET_KEY, to be compared with that of another start; "" where it did not load.
        refused: (class, field) that pydantic refused, whether or not the service took notice.
        readers: other libraries for environments that are loaded.
    """

    booted: bool
    said: str
    kind: str
    key: str
    pydantic_settings: bool
    made: tuple[SettingsClass, ...]
    refused: tuple[tuple[str, str], ...]
    readers: tuple[str, ...]

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Boot:
        """From the probe's answer."""
        return cls(
            booted=bool(answer["booted"]),
            said=str(answer["said"]),
            kind=str(answer["kind"]),
            key=str(answer["key"]),
            pydantic_settings=bool(answer["pydantic_settings"]),
            made=tuple(_class(one) for one in answer["made"]),
            refused=tuple((str(one["class"]), str(one["field"])) for one in answer["refused"]),
            readers=tuple(str(one) for one in answer["readers"]),
        )

    def refuses(self, kind: SettingsClass, field: SettingsField) -> bool:
        """Whether pydantic refused that field in this start."""
        called = {one.lower() for one in (*field.called, *field.variables)}
        return any(name == kind.name and one.lower() in called for name, one in self.refused)

    def names(self, variables: tuple[str, ...]) -> str:
        """The variable (or setting) that the words of a failed start name, or ""."""
        words = self.said.lower()
        known = next((one for one in variables if re.search(rf"\b{re.escape(one.lower())}\b", words)), "")
        other = next((one for one in _NAME.findall(self.said) if one not in _DJANGOS), "")
        return known or other or next((one for _, one in self.refused if one), "")

    def __str__(self) -> str:
        return "they load" if self.booted else f"{self.kind}: {self.said[:200]}"


def _class(one: Mapping[str, Any]) -> SettingsClass:
    fields = tuple(
        SettingsField(
            name=str(field["field"]),
            called=frozenset(map(str, field["called"])),
            variables=tuple(map(str, field["variables"])),
            required=bool(field["required"]),
            typed=bool(field["typed"]),
            given=bool(field["given"]),
        )
        for field in one["fields"]
    )
    return SettingsClass(str(one["class"]), bool(one["own"]), fields)
