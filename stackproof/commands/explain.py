"""`stackproof explain`: what an id or a word of a report means."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackproof.commands.choices import complete_requirement

if TYPE_CHECKING:
    from stackproof.explain import Explanation


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A requirement, a check, a verdict or a level.",
            autocompletion=complete_requirement,
        ),
    ],
    spec: Annotated[
        Path | None, typer.Option("--spec", "-s", metavar="FILE", help="The specification; default: the reference one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print an object.")] = False,
) -> None:
    """Explain a requirement, a check or a verdict: what it asks for, why, how it is judged, and what to change.

    \b
    stackproof explain jwt.rotation
    stackproof explain jwt/rotation::refresh_answers_a_new_refresh_token
    stackproof explain not-assessed
    """
    from stackproof.explain import WORDS
    from stackproof.explain import explain as explained
    from stackproof.faults import read_faults
    from stackproof.harness import harness_root, reference_specification
    from stackproof.registry import load_checks
    from stackproof.spec import read

    specification = read(spec or reference_specification())
    known = name.lower() in WORDS
    checks = () if known else load_checks()
    faults = () if known else read_faults(harness_root() / "sample_app")
    found = explained(name, specification, checks, faults)
    if as_json:
        json.dump(asdict(found), sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    _show(found)


def _show(found: Explanation) -> None:
    from rich.text import Text

    from stackproof.evidence import printable
    from stackproof.progress import out

    console = out()
    for line, style in _lines(found):
        console.print(Text(printable(line), style=style))


def _lines(found: Explanation) -> Iterator[tuple[str, str]]:
    """(text, style) of each paragraph."""
    yield found.id, "bold"
    yield found.what, ""
    if found.why:
        yield f"\n{found.why}", ""
    for name, value in found.facts:
        yield f"  {name:14} {value}", ""
    if found.judged:
        yield "\nJudged by" if found.kind == "requirement" else "\nJudges", "bold"
    for name, value in found.judged:
        yield f"  {name}\n      {value}", ""
    yield from _remedy(found)
    if found.proven:
        yield "\nSeen to notice", "bold"
    for fault in found.proven:
        yield f"  {fault.name}: {fault.summary}\n      {fault.check}", ""


def _remedy(found: Explanation) -> Iterator[tuple[str, str]]:
    if found.remedy is None:
        return
    if found.remedy.why:
        yield f"\nWhy it matters\n  {found.remedy.why}", ""
    yield "\nWhat to change", "bold"
    yield "  " + found.remedy.text.replace("\n", "\n  "), ""
    if found.remedy.patch:
        yield "\n    " + found.remedy.patch.replace("\n", "\n    "), ""
    if found.remedy.link:
        yield f"\n  {found.remedy.link}", ""
