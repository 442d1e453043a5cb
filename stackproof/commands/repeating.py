"""The command that shows a run again, for whoever reads its report."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stackproof.commands.run import Wanted


def command_of(wanted: Wanted) -> str:
    """`stackproof run` with the options that decide what is judged, without `--only`."""
    from stackproof.harness import reference_specification

    words = ["stackproof", "run"]
    if wanted.target:
        words += ["--target", quote(str(wanted.target))]
    elif wanted.project:
        words += ["--project", quote(str(wanted.project))]
    elif wanted.services != "auto":
        words += ["--services", wanted.services]
    words += [word for name, value in wanted.of.told.items() for word in (f"--{name}", quote(value))]
    if wanted.specification != reference_specification():
        words += ["--spec", quote(str(wanted.specification))]
    if wanted.allow_writes:
        words.append("--allow-writes")
    if wanted.drill:
        words.append("--drill")
    if wanted.patience:
        words += ["--patience", f"{wanted.patience:g}s"]
    for option, value in (("--advisories", wanted.advisories), ("--index", wanted.index)):
        words += [option, quote(value)] if value else []
    if wanted.as_of:
        words += ["--as-of", wanted.as_of.isoformat()]
    return " ".join(words)
