"""Words of the command line, read into values."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Never

import typer

from stackproof.errors import UsageError
from stackproof.patterns import fits

Advisories = Annotated[
    str, typer.Option(metavar="FILE|pypi|osv|URL", help="With --project: where vulnerabilities are looked up.")
]
Index = Annotated[
    str, typer.Option(metavar="URL|FILE", help="With --project: the index that tells which releases were yanked.")
]

if TYPE_CHECKING:
    from stackproof.spec.model import Requirement, Specification


def refused(what: str, given: str, known: Sequence[str], kind: str) -> Never:
    """Leave with what there is, the likely one first.

    Raises:
        UsageError: always.
    """
    near = get_close_matches(given, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"{what} {given}: there is no such {kind}", hint=f"{hint}there are {', '.join(known)}")


def one_of[Kind: StrEnum](kind: type[Kind], name: str, noun: str) -> dict[str, Any]:
    """Settings of an option or an argument that takes one word of several: its parser, its help, its completion.

    Args:
        name: as it stands on the command line, such as --services.
        noun: what each of the words is.
    """
    words = [one.value for one in kind]

    def parsed(text: Kind | str) -> Kind:
        return kind(text) if text in words else refused(name, str(text), words, noun)

    return {"parser": parsed, "metavar": "|".join(words), "autocompletion": beginning_with(lambda: words)}


def beginning_with(known: Callable[[], Sequence[str]]) -> Callable[[str], list[str]]:
    """A completion: what is known and begins with what is typed; nothing where it cannot be told."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        try:
            return [f"{before}{comma}{one}" for one in known() if one.startswith(last)]
        except Exception:
            return []

    return complete


def _suites() -> list[str]:
    from stackproof.harness import harness_root

    folder = harness_root() / "suites"
    return sorted(one.name for one in folder.iterdir() if one.is_dir() and not one.name.startswith(("_", ".")))


def _requirements() -> list[str]:
    from stackproof.harness import reference_specification
    from stackproof.spec import read

    return [one.id for one in read(reference_specification()).every]


def _formats() -> list[str]:
    from stackproof.report.formats import FORMATS

    return [one.name for one in FORMATS]


complete_suite = beginning_with(_suites)
complete_requirement = beginning_with(_requirements)
complete_format = beginning_with(_formats)


def day_of(text: str) -> datetime.date | None:
    """The day of --as-of, or None where none is given.

    Raises:
        UsageError: it is no day.
    """
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--as-of {text}: is no day", hint="write it as 2027-03-31") from None


def suites_named(names: Sequence[str]) -> tuple[str, ...]:
    """The suites of --suite, which may be given several times and take commas.

    Raises:
        UsageError: there is no such suite.
    """
    known = _suites()
    wanted = tuple(one.strip() for text in names for one in text.split(",") if one.strip())
    for one in wanted:
        if one not in known:
            refused("--suite", one, known, "suite")
    return wanted


def specification_with(path: Path, only: Sequence[str]) -> Specification:
    """The specification, which has the requirements that --only names.

    Raises:
        UsageError: it cannot be read, or has no such requirement.
    """
    from stackproof.spec import read

    specification = read(path)
    ids = [one.id for one in specification.every]
    for pattern in only:
        if not any(fnmatchcase(one, pattern) for one in ids):
            near = get_close_matches(pattern, ids, n=3, cutoff=0.5)
            raise UsageError(
                f"--only {pattern}: {specification.path} has no such requirement",
                hint=(f"did you mean {', '.join(near)}? " if near else "") + "`stackproof spec list` shows every id",
            )
    return specification


def needs_something_to_judge(suites: Sequence[str], only: Sequence[str], specification: Specification) -> None:
    """See that --suite and --only have a check in common: else a run would look at nothing, and say so at its end.

    Raises:
        UsageError: they have none.
    """
    from stackproof.registry import load_checks

    if not suites or not only:
        return
    wanted = [one for one in specification.every if fits(one.id, only)]
    judging = {one.id.partition("/")[0] for one in load_checks() if any(one.check.selects(two) for two in wanted)}
    if not judging & set(suites):
        cure = f"it is judged by: {', '.join(sorted(judging))}" if judging else "no suite does: leave one of both out"
        raise UsageError(f"--suite {','.join(suites)} judges nothing of --only {','.join(only)}", hint=cure)


def shard_named(text: str) -> tuple[int, int]:
    """(number, of how many) of --shard "2/4"; (1, 1) where none is given.

    Raises:
        UsageError: it is no shard.
    """
    number, slash, count = text.partition("/")
    if not text:
        return 1, 1
    if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= 1000):
        raise UsageError(f"--shard {text}: is no shard", hint="write the number and of how many, such as 2/4")
    return int(number), int(count)


def open_since(report: Path, specification: Specification, only: Sequence[str] = ()) -> tuple[str, ...]:
    """Ids of the requirements that an earlier report did not find to hold, or that another edition states otherwise.

    None where everything held and the specification says the same.

    Args:
        only: patterns of the ids that are asked for; empty for all.

    Raises:
        UsageError: it is no report.
    """
    from stackproof.report.files import load
    from stackproof.spec.jsonable import value_to_json
    from stackproof.verdict import Verdict

    settled = {Verdict.SATISFIED, Verdict.NOT_APPLICABLE, Verdict.ATTESTED}
    earlier = load(report)
    before = {one.id: one for one in (*earlier.requirements, *earlier.derived)}

    def is_open(one: Requirement) -> bool:
        then = before.get(one.id)
        return then is None or then.verdict not in settled or then.value != value_to_json(one.value)

    return tuple(one.id for one in specification.every if fits(one.id, only) and is_open(one))
