"""What a service has not, by its own word (`project.unused`), and which requirements are about nothing therefore."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from stackproof.check import View
from stackproof.spec.model import Kind, VersionRule

if TYPE_CHECKING:
    from stackproof.descriptor.model import Descriptor
    from stackproof.spec.model import Requirement, Specification

PYTHON = "version.python"
CELERY = "version.celery"
IMAGE = "image.python"
# through these alone one sees what only a service with the component can have
INSIDE = frozenset({View.PROJECT, View.CELERY})
_ROWS = frozenset({Kind.SUPPORT, Kind.COMPATIBILITY})
_FIRST = re.compile(r"[A-Za-z][\w-]*")


def with_what_follows(descriptor: Descriptor, specification: Specification) -> Descriptor:
    """The descriptor, its `project.unused` spelled out: a service without Python has none of its packages."""
    project = descriptor.project
    if project is None or PYTHON not in project.unused:
        return descriptor
    rows = [one.id for one in specification.requirements if isinstance(one.value, VersionRule) and one.value.package]
    unused = tuple(dict.fromkeys((*project.unused, IMAGE, *rows)))
    return descriptor.model_copy(update={"project": project.model_copy(update={"unused": unused})})


def lacking(requirement: Requirement, unused: Collection[str], closed: Collection[View]) -> str:
    """The id in `unused` for whose lack the requirement is about nothing; "" where it may be about something.

    A requirement is about the component whose row its id names (`support.python`, `compatibility.daphne.…`), that its
    text begins with ("Django setting: …"), or, where it is derived, whose row implies it. The last counts only where
    nobody could look but inside of such a component: what anybody's service may do, others look at. What is asked of
    Celery itself (the view `celery`) nothing else could meet, whatever implies it.

    Args:
        closed: the views that the check needs and has not.
    """
    if requirement.id in unused:
        return requirement.id
    if View.CELERY in closed and CELERY in unused:
        return CELERY
    if not set(closed) <= INSIDE:
        return ""
    parts = requirement.id.split(".")[1:] if requirement.kind in _ROWS else []
    rows = [requirement.follows_from, *(f"version.{one}" for one in (*parts, _first_word(requirement)))]
    return next((one for one in rows if one in unused), "")


def _first_word(requirement: Requirement) -> str:
    """The first word of a clause's label, as ids have it; "" for none."""
    label, colon, _ = requirement.text.partition(":")
    found = _FIRST.match(label) if colon and requirement.source is None else None
    return found[0].lower() if found else ""
