"""The specification: Markdown in, typed requirements out."""

from __future__ import annotations

from stackproof.spec.model import (
    Choice,
    Edge,
    Kind,
    Requirement,
    Specification,
    Strength,
    Threshold,
    Value,
    VersionRule,
)
from stackproof.spec.reader import read

__all__ = [
    "Choice",
    "Edge",
    "Kind",
    "Requirement",
    "Specification",
    "Strength",
    "Threshold",
    "Value",
    "VersionRule",
    "read",
]
