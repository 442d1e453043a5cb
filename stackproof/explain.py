"""What an id or a word of a report means: a requirement, a check, a verdict, a level."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from stackproof.errors import UsageError
from stackproof.faults import Fault
from stackproof.registry import RegisteredCheck
from stackproof.remedies import Remedy, link_of, remedy_of
from stackproof.spec.jsonable import describe, value_to_json
from stackproof.spec.model import Requirement, Specification

WORDS: Mapping[str, str] = {
    "satisfied": "Every check that decides ran, saw what the clause demands, and left evidence. What was not looked at "
    "stands in the reason.",
    "violated": "A check saw the target break the clause: expected, seen and the evidence are in the report. "
    "It stands whatever else could not run.",
    "waived": "Violated, and a waiver in force stands for it: somebody accepted it, for a reason, until a day.",
    "attested": "No program looked. A person vouches for it in stackproof.toml, until a day.",
    "not-assessed": "Nobody looked, or a control failed, so that nothing can be said. The reason says what would have "
    "been needed: a view that is closed, an option, a quieter machine. It is never a pass.",
    "not-applicable": "stackproof.toml says that the service has nothing which the clause could be about.",
    "error": "The harness failed, or a check left no evidence. It says nothing about the target.",
    "conformant": "Everything that is required was assessed, and nothing is violated. Exit code 0.",
    "conformant-with-waivers": "The same, with violations for which waivers stand. Exit code 0.",
    "non-conformant": "Something is violated without a waiver, or a waiver or an attestation is out of order. "
    "Exit code 1.",
    "incomplete": "Nothing is violated, and something that is required was not assessed, or the harness failed at it. "
    "Exit code 4.",
}


@dataclass(frozen=True, slots=True)
class Proven:
    """A fault that a check must notice."""

    name: str
    summary: str
    check: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of an id.

    Attributes:
        kind: "requirement", "check" or "word".
        what: what is asked for, a sentence or a few.
        why: where it comes from.
        facts: (name, value) in the order in which they are shown.
        judged: checks, each with how it looks.
        proven: faults that show that they notice.
    """

    id: str
    kind: str
    what: str
    why: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    judged: tuple[tuple[str, str], ...] = ()
    remedy: Remedy | None = None
    proven: tuple[Proven, ...] = ()


def explain(
    name: str, specification: Specification, checks: Sequence[RegisteredCheck], faults: Sequence[Fault]
) -> Explanation:
    """What the id of a requirement or of a check, or a word, means.

    Raises:
        UsageError: nothing is called so; the message names what is nearest.
    """
    requirements = {one.id: one for one in specification.every}
    by_id = {one.id: one for one in checks}
    if name in requirements:
        return _requirement(requirements[name], specification, checks, faults)
    if name in by_id:
        return _check(by_id[name], specification, faults)
    if name.lower() in WORDS:
        return Explanation(name.lower(), "word", WORDS[name.lower()])
    shown = name[:80]
    near = get_close_matches(shown, [*requirements, *by_id, *WORDS], n=3, cutoff=0.5)
    near = near or [one for one in requirements if shown.lower() in one][:5]
    raise UsageError(
        f"{shown!r} is no requirement, no check and no verdict",
        hint=(f"did you mean {', '.join(near)}? " if near else "")
        + "`stackproof spec list` and `stackproof list` show every id",
    )


def _requirement(
    one: Requirement, specification: Specification, checks: Sequence[RegisteredCheck], faults: Sequence[Fault]
) -> Explanation:
    own = [check for check in checks if check.check.selects(one)]
    why = f"It follows from {specification.path}, line {one.line}, by {one.source}." if one.source else ""
    why = why or f"{specification.path}, line {one.line}, states it: {one.chapter}."
    facts = [("demand", describe(one.value) or "nothing that a program could measure"), ("strength", one.strength)]
    if one.source:
        facts += [("counts", "with --strict"), ("read", link_of(one.source))]
    if not one.understood:
        facts.append(("not understood", one.note))
    if not own:
        facts.append(("judged by", "nobody: an attestation in stackproof.toml settles it"))
    return Explanation(
        one.id,
        "requirement",
        one.text,
        why,
        tuple((name, value) for name, value in facts if value),
        tuple((check.id, f"{check.check.title} Needs {_needs(check)}.") for check in own),
        remedy_of(one.id, value_to_json(one.value), describe(one.value)),
        _proven({check.id for check in own}, faults),
    )


def _check(one: RegisteredCheck, specification: Specification, faults: Sequence[Fault]) -> Explanation:
    judged = [requirement for requirement in specification.every if one.check.selects(requirement)]
    facts = [("needs", _needs(one))]
    if one.check.supplementary:
        facts.append(("supplementary", "it can violate, and alone it cannot satisfy"))
    if one.check.one_of:
        facts.append(("one of", f"{one.check.one_of}: one that could look is enough"))
    return Explanation(
        one.id,
        "check",
        _docstring(one),
        facts=tuple(facts),
        judged=tuple((requirement.id, requirement.text) for requirement in judged[:50]),
        remedy=Remedy(one.check.remedy) if one.check.remedy else None,
        proven=_proven({one.id}, faults),
    )


def _needs(one: RegisteredCheck) -> str:
    asked = ["--drill"] if one.check.drill else ["--allow-writes"] if one.check.writes else []
    return ", ".join([*sorted(one.check.needs), *asked]) or "nothing"


def _proven(checks: set[str], faults: Sequence[Fault]) -> tuple[Proven, ...]:
    return tuple(
        Proven(fault.name, fault.summary, check) for fault in faults for check in fault.notices if check in checks
    )


def _docstring(one: RegisteredCheck) -> str:
    """The whole docstring of the check, of which its title is the first line."""
    name = one.id.partition("::")[2]
    try:
        tree = ast.parse(one.path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return one.check.title
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return inspect.cleandoc(ast.get_docstring(node) or one.check.title)
    return one.check.title
