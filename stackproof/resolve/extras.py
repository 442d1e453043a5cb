"""Packages that can work with a row's package, and then want another release of it than the row admits.

A package may talk to another without requiring it: kombu speaks to Redis through redis-py, which only its extra `redis`
requires. Whoever leaves the extra out gets an installation in which nothing keeps the two in step. Extras named like a
tool ("mypy", "pytest") are for those who develop the package, and are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stackproof.resolve.answer import Resolved
from stackproof.resolve.asker import Asker, Exhausted
from stackproof.resolve.minimal import minimal
from stackproof.resolve.rows import Package
from stackproof.resolve.words import listed, on_pythons, quoted
from stackproof.spec.findings.finding import Finding, Severity

_MOST = 25  # extras that are looked into
_AT_ONCE = 1_500  # extras in one question
_MOST_PAIRS = 150_000  # of a package and the name of an extra
_BRACKETS = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)\[(?P<extras>[a-z0-9._,-]+)\]")

type Extra = tuple[str, str]  # a package, and the row's package after which its extra is named


@dataclass(frozen=True, slots=True)
class Trap:
    """An extra that wants what its namesake's row does not admit.

    Attributes:
        package: with its version, the one that was chosen.
        row: of the package after which the extra is named; `chosen` is its version.
        wants: the releases of it that the extra requires, as the resolver has it; may be empty.
        brings: the rows through which the package comes.
        said: the resolver's words.
        cure: what was tried and goes together.
    """

    package: str
    version: str
    row: Package
    chosen: str
    wants: str
    brings: tuple[Package, ...]
    said: str
    cure: str


def traps_of(asker: Asker, rows: Sequence[Package], python: str) -> Iterator[Trap]:
    """Extras, named like a row's package, that want what the row does not admit; the Constraints go together.

    Raises:
        Unanswered: the resolver could not tell.
    """
    chosen = asker.freshly([row.own for row in rows], python)
    if not isinstance(chosen, Resolved):
        return
    by_name = {row.name: row for row in rows}
    doubtful = _doubtful(asker, chosen, rows, python)
    for package, name in doubtful:
        row, pin = by_name[name], f"{package}[{name}]=={chosen.pins[package]}"
        if asker.fits([pin, row.own], python):
            continue
        conflict = asker.conflict([pin, row.own], python)
        if conflict.needs_build or conflict.absent or not _directly(asker, pin, package, name, python):
            continue
        wants = re.search(
            rf"{re.escape(package)}\[{re.escape(name)}\]\S* depends on {re.escape(name)}(\S*)", conflict.said
        )
        brings = _bringing(chosen, package, by_name)
        cure = _cure(asker, rows, (package, name), brings, python)
        yield Trap(
            package,
            chosen.pins[package],
            row,
            chosen.pins[name],
            wants[1].rstrip(",;") if wants else "",
            brings,
            conflict.said,
            cure,
        )
    if len(doubtful) >= _MOST:
        raise Exhausted(f"{len(doubtful)} extras were looked into", hint="mend what was found, and look again")


def _doubtful(asker: Asker, chosen: Resolved, rows: Sequence[Package], python: str) -> list[Extra]:
    """Extras that do not go together with the rows; a package without such an extra ignores it.

    Many are asked for at once, so that a few questions do; not all, since uv's time grows with the square of them.
    """
    names = [row.name for row in rows if not row.tool]
    if len(chosen.pins) * len(names) > _MOST_PAIRS:
        raise Exhausted(
            f"{len(chosen.pins)} packages and {len(names)} names of extras are too many", hint="ask of fewer"
        )
    pairs = [(package, name) for package in chosen.pins for name in names if name != package]
    found: list[Extra] = []

    def asked(some: Sequence[Extra]) -> list[str]:
        extras: dict[str, list[str]] = {}
        for package, name in some:
            extras.setdefault(package, []).append(name)
        pins = [f"{package}[{','.join(with_)}]=={chosen.pins[package]}" for package, with_ in extras.items()]
        return pins + [row.own for row in rows if row.name not in extras]

    def fits(some: Sequence[Extra]) -> bool:
        return asker.fits(asked(some), python)

    for start in range(0, len(pairs), _AT_ONCE):
        left = pairs[start : start + _AT_ONCE]
        while len(found) < _MOST and not fits(left):
            named = _named(asker.conflict(asked(left), python).said)
            guess = next((pair for pair in left if pair in named and not fits([pair])), None)
            culprits = (guess,) if guess else minimal(left, fits, named)
            if not culprits:
                break
            found += culprits
            left = [pair for pair in left if pair not in culprits]
    return found


def _named(said: str) -> set[Extra]:
    """The extras that the resolver speaks of."""
    return {(match["name"], extra) for match in _BRACKETS.finditer(said) for extra in match["extras"].split(",")}


def _directly(asker: Asker, pin: str, package: str, name: str, python: str) -> bool:
    """The extra itself requires its namesake, and not something that requires it in turn."""
    alone = asker.answer([pin], python)
    return isinstance(alone, Resolved) and package in alone.via.get(name, ())


def _bringing(chosen: Resolved, package: str, rows: dict[str, Package]) -> tuple[Package, ...]:
    """The rows through which a package comes, the nearest first."""
    found: list[Package] = []
    waiting, seen = [package], {package}
    while waiting:
        name = waiting.pop(0)
        if name in rows:
            found.append(rows[name])
        for asker in chosen.via.get(name, ()):
            if asker not in seen:
                seen.add(asker)
                waiting.append(asker)
    return tuple(found)


def _cure(asker: Asker, rows: Sequence[Package], extra: Extra, brings: Sequence[Package], python: str) -> str:
    package, name = extra
    for row in brings:
        if row.name == name:
            continue
        changed = [one.asked(one.constraint, name) if one == row else one.own for one in rows]
        answer = asker.freshly(changed, python)
        if isinstance(answer, Resolved) and _agrees(asker, answer, extra, rows, python):
            with_what = f"{package} {answer.pins[package]}" if package in answer.pins else f"no {package}"
            return f"write {row.name}[{name}] for {row.component} (line {row.line}), with which {with_what} is chosen"
    answer = asker.freshly([*(one.own for one in rows), f"{package}[{name}]"], python)
    if isinstance(answer, Resolved):
        return f"give {package} a row, as {package}[{name}]: {answer.pins[package]} goes together with the others"
    return f"move the Constraint of {name} to what {package} needs: no release of {package} goes with it as it is"


def _agrees(asker: Asker, answer: Resolved, extra: Extra, rows: Sequence[Package], python: str) -> bool:
    package, name = extra
    version = answer.pins.get(package)
    own = [row.own for row in rows if row.name == name]
    return version is None or asker.fits([f"{package}[{name}]=={version}", *own], python)


def trap_finding(trap: Trap, pythons: Sequence[str]) -> Finding:
    """All of it resolves, and still it will not run."""
    through = [row for row in trap.brings if row.name not in {trap.package, trap.row.name}]
    bringing = f", which comes with {listed([row.component for row in through[:2]])}," if through else ""
    message = (
        f"{trap.package} {trap.version}{bringing} wants {trap.row.name}{trap.wants} by its own extra "
        f"{trap.row.name!r}, but the row of {trap.row.component} has {trap.row.constraint_text}, and {trap.chosen} was "
        f"chosen {on_pythons(pythons)}: it all installs, and nothing keeps the two apart until they meet"
        f"{quoted(trap.said)}"
    )
    lines = (trap.row.line, *(row.line for row in trap.brings if row != trap.row))
    return Finding("extra-contradicts", message, tuple(dict.fromkeys(lines)), trap.cure, Severity.WARNING)
