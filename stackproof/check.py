"""How a check is declared, and the words in which it ends.

A check is a plain pytest function under `suites/`:

```python
@verifies("jwt.rotation", needs=[View.HTTP, View.ACCOUNTS])
def refresh_answers_a_new_refresh_token(session, expect): ...
```

It runs once for each requirement of the specification at hand that one of its patterns names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from stackproof.patterns import fits
from stackproof.spec.model import Kind, Requirement


class View(StrEnum):
    """One way of seeing the target; the descriptor opens it."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    ACCOUNTS = "accounts"
    POSTGRES = "postgres"
    REDIS = "redis"
    PROJECT = "project"  # the service's own interpreter
    FILES = "files"  # the project's files, read and never run
    IMAGE = "image"  # what is installed inside of the image that runs
    HOST = "host"
    ENGINE = "engine"  # the container engine of the target
    CLOCK = "clock"
    CELERY = "celery"
    KEY = "key"  # the key that signs tokens
    DISPOSABLE = "disposable"  # accounts that may be made, changed and deleted
    RESTART = "restart"  # a command that restarts the service
    REPLICAS = "replicas"  # other processes of the service, each with an address of its own
    LOGS = "logs"  # what the service's processes write
    BACKUP = "backup"  # base backups of PostgreSQL
    WAITING = "waiting"  # an operation that waits inside the service


class Violation(AssertionError):
    """The target was seen to break the clause.

    Args:
        expected: what the clause demands, with its value.
        seen: what was observed instead.
        reproduce: one command that shows it again, or "".
    """

    def __init__(self, expected: str, seen: str, *, reproduce: str = "") -> None:
        super().__init__(f"expected {expected}; seen: {seen}")
        self.expected = expected
        self.seen = seen
        self.reproduce = reproduce


class NotAssessed(Exception):
    """The check could not look, or a control failed: nothing may be said about the target."""


class NotApplicable(Exception):
    """The descriptor says that the target has nothing which the clause could be about."""


def not_assessed(reason: str) -> NoReturn:
    """End the check without a verdict on the target; `reason` says what would have been needed."""
    raise NotAssessed(reason)


def not_applicable(reason: str) -> NoReturn:
    """End the check because the descriptor rules the clause out; `reason` names the descriptor's key."""
    raise NotApplicable(reason)


@dataclass(frozen=True, slots=True)
class Check:
    """What `@verifies` declares.

    Attributes:
        patterns: requirement ids, `*` allowed ("version.*").
        needs: views without which the check is not run.
        writes: goes beyond ordinary use of the service; needs `--allow-writes`.
        supplementary: looks deeper at what another check already decides. Where it cannot run, the report
            says so, and the requirement's verdict stands on the other checks; a violation that it sees counts.
        kind: restrict the patterns to requirements of this kind.
        where: restrict them further, by a predicate on the requirement.
        one_of: checks that name the same word here look at the same thing in different places: where one of them could
            look, those that could not are named in the reason, and the requirement's verdict stands without them.
        serial: never at the same time as another check of the same word ("clock").
        lengthy: takes seconds where others take moments: it begins before them, so that it is not the last to end.
        alone: disturbs every other check where it works on the target itself; it then runs after them.
        drill: what the check breaks for a while: a part that `[drill]` names, or another word; needs `--drill`, and
            runs after all others with nothing beside it.
        remedy: what to change in the service when the check is violated.
    """

    patterns: tuple[str, ...]
    needs: frozenset[View]
    writes: bool = False
    supplementary: bool = False
    kind: Kind | None = None
    where: Callable[[Requirement], bool] | None = None
    one_of: str = ""
    serial: str = ""
    lengthy: bool = False
    alone: bool = False
    drill: str = ""
    remedy: str = ""
    title: str = field(default="", compare=False)

    def selects(self, requirement: Requirement) -> bool:
        """Whether this check judges that requirement."""
        return (
            (self.kind is None or requirement.kind is self.kind)
            and (requirement.understood or requirement.id in self.patterns)
            and fits(requirement.id, self.patterns)
            and (self.where is None or self.where(requirement))
        )


ATTRIBUTE = "__stackproof_check__"


def verifies[F: Callable[..., Any]](
    *patterns: str,
    needs: Iterable[View],
    writes: bool = False,
    supplementary: bool = False,
    kind: Kind | None = None,
    where: Callable[[Requirement], bool] | None = None,
    one_of: str = "",
    serial: str = "",
    lengthy: bool = False,
    alone: bool = False,
    drill: str = "",
    remedy: str = "",
) -> Callable[[F], F]:
    """Declare which requirements a function judges and what it needs; see `Check` for the arguments.

    Raises:
        TypeError: no pattern is given, or the function has no docstring (it is the check's title).
    """
    if not patterns:
        raise TypeError("a check names at least one requirement id")

    def declare(function: F) -> F:
        if not function.__doc__:
            raise TypeError(f"{function.__module__}.{function.__name__} needs a docstring: it is the check's title")
        check = Check(
            patterns=patterns,
            needs=frozenset(needs),
            writes=writes,
            supplementary=supplementary,
            kind=kind,
            where=where,
            one_of=one_of,
            serial=serial,
            lengthy=lengthy,
            alone=alone or bool(drill),
            drill=drill,
            remedy=remedy,
            title=function.__doc__.strip().splitlines()[0],
        )
        setattr(function, ATTRIBUTE, check)
        function.__test__ = True  # type: ignore[attr-defined] # pytest collects by this mark, no prefix needed
        return function

    return declare


def check_of(function: object) -> Check | None:
    """The declaration on a function, or None where it is no check."""
    found = getattr(function, ATTRIBUTE, None)
    return found if isinstance(found, Check) else None
