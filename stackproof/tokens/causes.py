"""Likely causes of what a service was seen to do, from its own settings. They explain; they decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.check import NotAssessed
from stackproof.target.project import ProjectView


@dataclass(frozen=True, slots=True)
class Library:
    """A library that signs tokens and revokes them by an application of its own, or silently not at all.

    Attributes:
        setting: the name of its settings, "" where the project gives none.
        installed: its application is in INSTALLED_APPS.
    """

    name: str
    setting: str
    installed: bool

    @property
    def application(self) -> str:
        """What INSTALLED_APPS has to name."""
        return f"{self.name}.token_blacklist"


def libraries_of(settings: Mapping[str, Any]) -> tuple[Library, ...]:
    """Which of simplejwt and ninja-jwt, its fork, the settings of a project speak of."""
    apps = [str(one) for one in settings.get("INSTALLED_APPS") or ()]
    forked = "NINJA_JWT" in settings or any(one.partition(".")[0] == "ninja_jwt" for one in apps)
    original = any("rest_framework_simplejwt" in one for one in (*apps, str(settings.get("REST_FRAMEWORK"))))
    found: list[Library] = []
    if original or ("SIMPLE_JWT" in settings and not forked):
        found.append(_library("rest_framework_simplejwt", ("SIMPLE_JWT",), settings, apps))
    if forked:
        found.append(_library("ninja_jwt", ("SIMPLE_JWT", "NINJA_JWT"), settings, apps))  # the first that is there
    return tuple(found)


def _library(name: str, readable: tuple[str, ...], settings: Mapping[str, Any], apps: list[str]) -> Library:
    setting = next((one for one in readable if one in settings), "")
    return Library(name, setting, any(f"{one}.".startswith(f"{name}.token_blacklist.") for one in apps))


def of_unrevoked_tokens(project: ProjectView | None) -> str:
    """Why the library revokes nothing, as the end of a sentence, or "" where the settings do not tell.

    Args:
        project: None where the view is closed.
    """
    if project is None:
        return ""
    try:
        settings = project.settings()
    except NotAssessed:
        return ""
    found = libraries_of(settings)
    if len(found) != 1 or not isinstance(settings.get(found[0].setting), Mapping):
        return ""
    return _of_settings(found[0], settings[found[0].setting])


def _of_settings(library: Library, jwt: Mapping[str, Any]) -> str:
    asked = bool(jwt.get("BLACKLIST_AFTER_ROTATION"))
    if asked and not library.installed:
        return (
            f"; the cause, by the project's settings: {library.setting}['BLACKLIST_AFTER_ROTATION'] is on and the "
            f"application '{library.application}' is missing from INSTALLED_APPS. That is passed over in silence"
        )
    if not library.installed:
        return f"; by the project's settings '{library.application}' is not installed"
    if not asked:
        return f"; by the project's settings {library.setting}['BLACKLIST_AFTER_ROTATION'] is off"
    return ""
