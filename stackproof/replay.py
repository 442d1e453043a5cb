"""A finding of a report looked at again: which command that is, and what has become of it.

A report may come from anywhere, and the command in it is text of somebody else. So it is never handed to a shell: it
has to be `stackproof run` with options that are known here, and what would change the target is done only if the
caller says so again.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from stackproof.errors import ExitCode, UsageError
from stackproof.report.build import suite_of
from stackproof.report.model import CheckPart, Report, RequirementPart
from stackproof.report.words import one_line
from stackproof.verdict import Verdict

VALUED = frozenset({"--target", "--project", "--services", "--spec", "--patience", "--as-of", "--budget"})
VALUED_REFERENCE = frozenset({"--postgres", "--redis", "--resolution", "--python"})
ASKED_AGAIN = ("--allow-writes", "--drill")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is looked at again.

    Attributes:
        requirements: those that the id names, or that the check of this id judges.
        check: the check's id, "" for all of the requirement's.
    """

    requirements: tuple[RequirementPart, ...]
    check: str = ""

    @property
    def only(self) -> str:
        """Their ids, as `--only` takes them."""
        return ",".join(one.id for one in self.requirements)

    def rows(self) -> Iterator[tuple[str, CheckPart]]:
        """(requirement, check) of each verdict that is looked at again."""
        for one in self.requirements:
            for check in one.checks:
                if not self.check or check.id == self.check:
                    yield one.id, check


def finding_of(report: Report, name: str) -> Finding:
    """What an id of a requirement or of a check names in the report.

    Raises:
        UsageError: nothing in it is called so.
    """
    every = {one.id: one for one in (*report.requirements, *report.derived)}
    if name in every:
        return Finding((every[name],))
    judged = [one for one in every.values() if any(check.id == name for check in one.checks)]
    if judged:
        violated = [one for one in judged if _verdict(one, name) is Verdict.VIOLATED]
        return Finding(tuple(violated or judged), name)
    ids = [*every, *(check.id for one in every.values() for check in one.checks)]
    near = [one_line(one, 120) for one in get_close_matches(name[:120], ids, n=3, cutoff=0.5)]
    raise UsageError(
        f"{name[:120]!r} is neither a requirement nor a check of the report",
        hint=f"did you mean {', '.join(near)}?" if near else "`stackproof render REPORT` shows its ids",
    )


def command_of(report: Report, finding: Finding, given: Mapping[str, str], allowed: frozenset[str]) -> list[str]:
    """The words behind `stackproof` that look again.

    Args:
        given: options of the caller, which hold before those of the report: `--target`, `--project`, `--spec`.
        allowed: of `ASKED_AGAIN`, what the caller allows.

    Raises:
        UsageError: the report's own command is another one, or asks for more than the caller allows.
    """
    recorded = next((check.reproduce for _, check in finding.rows() if check.reproduce), "")
    recorded = recorded or _of_others(report)
    options, flags = _understood(recorded) if recorded else ({}, set())
    if given.keys() & {"--target", "--project"}:
        options = {
            name: value for name, value in options.items() if name not in {"--target", "--project", "--services"}
        }
    options |= given
    if not options.keys() & {"--target", "--project"} and report.target.kind == "described":
        raise UsageError(
            "the report does not say by which stackproof.toml its target was described",
            hint="give it with --target, or a project's folder with --project",
        )
    missing = sorted(flags - allowed) if options.keys() & {"--target", "--project"} else []
    if missing:
        raise UsageError(
            f"it was seen with {' and '.join(missing)}, which goes beyond ordinary use of the service",
            hint=f"give {' '.join(missing)} here, too, if that is meant",
        )
    words = ["run", *(word for pair in options.items() for word in pair), *sorted(flags | allowed)]
    words += ["--only", finding.only]
    return [*words, "--suite", suite_of(finding.check)] if finding.check else words


def outcome_of(then: Finding, now: Report) -> tuple[list[tuple[str, CheckPart, CheckPart | None]], ExitCode]:
    """([(requirement, check then, check now)], exit code): 1 still violated, 0 no longer, 4 nobody can say."""
    found = {(one.id, check.id): check for one in (*now.requirements, *now.derived) for check in one.checks}
    rows = [(identity, check, found.get((identity, check.id))) for identity, check in then.rows()]
    verdicts = [check.verdict if check else Verdict.NOT_ASSESSED for _, _, check in rows]
    if Verdict.VIOLATED in verdicts:
        return rows, ExitCode.NON_CONFORMANT
    before = [index for index, (_, check, _) in enumerate(rows) if check.verdict is Verdict.VIOLATED]
    asked = [verdicts[index] for index in before] or verdicts
    seen = all(one in {Verdict.SATISFIED, Verdict.NOT_APPLICABLE} for one in asked)
    return rows, ExitCode.CONFORMANT if rows and seen else ExitCode.INCOMPLETE


def _understood(recorded: str) -> tuple[dict[str, str], set[str]]:
    """(options with a value, flags) of a recorded command."""
    hint = "paste it yourself if it is to be trusted, or give --target"
    shown = one_line(recorded, 160)
    try:
        words = shlex.split(recorded)
    except ValueError:
        raise UsageError(f"the report's command cannot be read: {shown}", hint=hint) from None
    if words[:2] != ["stackproof", "run"]:
        raise UsageError(f"the report's command is none of `stackproof run`: {shown}", hint=hint)
    options: dict[str, str] = {}
    flags: set[str] = set()
    rest = iter(words[2:])
    for word in rest:
        if word in ASKED_AGAIN:
            flags.add(word)
        elif word in VALUED | VALUED_REFERENCE | {"--only"}:
            value = next(rest, "")
            if not value or value.startswith("-"):
                raise UsageError(f"the report's command cannot be read: {shown}", hint=hint)
            options[word] = value
        else:
            raise UsageError(f"the report's command has an option that is not known: {shown}", hint=hint)
    options.pop("--only", None)
    return options, flags


def _of_others(report: Report) -> str:
    """The command of another finding: it names the same target."""
    every = (*report.requirements, *report.derived)
    return next((check.reproduce for one in every for check in one.checks if check.reproduce), "")


def _verdict(one: RequirementPart, check_id: str) -> Verdict | None:
    return next((check.verdict for check in one.checks if check.id == check_id), None)
