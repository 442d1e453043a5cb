"""Values of requirements for programs and for people."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from packaging.specifiers import Specifier, SpecifierSet

from stackproof.spec.model import Choice, Edge, Requirement, Threshold, Value, VersionRule

_OPERATORS = ("===", "==", "~=", ">=", ">", "!=", "<=", "<")
_UNITS = (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
_RELATIONS = {">=": "at least ", "<=": "at most ", "==": ""}


def constraint_text(constraint: SpecifierSet) -> str:
    """The constraint with its lower bound first, as people write it: ">=5.2,<5.3"; "any" if it admits everything."""
    ordered = sorted(constraint, key=lambda one: (_rank(one), one.version))
    return ",".join(str(one) for one in ordered) or "any"


def _rank(specifier: Specifier) -> int:
    return _OPERATORS.index(specifier.operator)


def value_to_json(value: Value) -> Any:
    """The value with nothing but what JSON knows.

    Durations are `{"seconds": 900}`, dates ISO 8601, flags and images themselves, and the rest an object with the
    names of the value's attributes. Procedures and clauses that nobody understood have null.
    """
    known: Any = value
    match value:
        case timedelta():
            known = {"seconds": _number(value.total_seconds())}
        case date():
            known = value.isoformat()
        case VersionRule():
            known = {name: getattr(value, name) for name in ("component", "package", "constraint", "line")}
            known["constraint"] = constraint_text(value.constraint)
        case Edge():
            known = asdict(value)
        case Threshold():
            known = {"number": _number(value.number), "relation": value.relation, "of": value.of}
        case Choice():
            known = {"options": list(value.options)}
    return known


def requirement_to_json(one: Requirement) -> dict[str, Any]:
    """One requirement as `spec list --json` prints it."""
    return {
        "id": one.id,
        "chapter": one.chapter,
        "line": one.line,
        "text": one.text,
        "kind": str(one.kind),
        "value": value_to_json(one.value),
        "strength": str(one.strength),
        "understood": one.understood,
        "note": one.note,
        "source": one.source,
    }


def describe(value: Value) -> str:
    """The value in a few words for people: "15 minutes", ">=5.2,<5.3", "at least 100", "25 % of RAM"."""
    words = "" if value is None else str(value)
    match value:
        case bool():
            words = "yes" if value else "no"
        case timedelta():
            words = _duration(value)
        case VersionRule():
            words = constraint_text(value.constraint)
        case Edge():
            words = f"{value.child} {value.child_line}".strip() + f" on {value.parent} {value.parent_line}".rstrip()
        case Threshold():
            words = _threshold(value)
        case Choice():
            words = " or ".join(value.options)
    return words


def _duration(value: timedelta) -> str:
    """In the largest units that hold it; whole weeks only from two on, because "7 days" is how people say it."""
    left, pieces = value.total_seconds(), []
    for unit, seconds in _UNITS:
        if unit == "week" and (left % seconds or left < 2 * seconds):
            continue
        amount = left // seconds if unit != "second" else left
        if amount:
            left -= amount * seconds
            pieces.append(f"{_number(amount)} {unit}{'' if amount == 1 else 's'}")
    return " ".join(pieces) or "0 seconds"


def _threshold(value: Threshold) -> str:
    prefix = _RELATIONS.get(value.relation, f"{value.relation} ")
    if value.of is None:
        return f"{prefix}{_number(value.number)}"
    return f"{prefix}{_number(round(value.number * 100, 6))} % of {value.of}"


def _number(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number
