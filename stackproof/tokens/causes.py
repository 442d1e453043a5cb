"""Likely causes of what a service was seen to do, from its own settings. They explain; they decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.check import NotAssessed
from stackproof.target.project import ProjectView

APPLICATION = "rest_framework_simplejwt.token_blacklist"


def of_unrevoked_tokens(project: ProjectView | None) -> str:
    """Why simplejwt revokes nothing, as the end of a sentence, or "" where the settings do not tell.

    Args:
        project: None where the view is closed.
    """
    if project is None:
        return ""
    try:
        settings = project.settings()
    except NotAssessed:
        return ""
    jwt = settings.get("SIMPLE_JWT")
    apps = [str(one) for one in settings.get("INSTALLED_APPS") or ()]
    if not isinstance(jwt, Mapping):
        return ""
    installed = any(one.startswith(APPLICATION) for one in apps)
    return _of_settings(jwt, installed)


def _of_settings(jwt: Mapping[str, Any], installed: bool) -> str:
    asked = bool(jwt.get("BLACKLIST_AFTER_ROTATION"))
    if asked and not installed:
        return (
            "; the cause, by the project's settings: SIMPLE_JWT['BLACKLIST_AFTER_ROTATION'] is on and the application "
            f"'{APPLICATION}' is missing from INSTALLED_APPS. simplejwt passes over that in silence"
        )
    if not installed:
        return f"; by the project's settings '{APPLICATION}' is not installed"
    if not asked:
        return "; by the project's settings SIMPLE_JWT['BLACKLIST_AFTER_ROTATION'] is off"
    return ""
