"""The vocabulary in which a check states what must hold.

Every statement records what it looked at, so that a check which passes leaves evidence.
"""

from __future__ import annotations

from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from stackproof.check import Violation, not_assessed
from stackproof.evidence import Recorder


class Expect:
    """Statements about the target; one that does not hold raises `Violation`.

    Args:
        recorder: where evidence goes.
        reproduce: the default command that shows a violation again.
    """

    def __init__(self, recorder: Recorder, *, reproduce: str = "") -> None:
        self._recorder = recorder
        self._reproduce = reproduce
        self.conclusion = ""

    def that(self, what: str, seen: Any, **detail: Any) -> Subject:
        """Begin a statement: `expect.that("maxmemory-policy of the cache", policy).equals("allkeys-lru")`."""
        return Subject(self, what, seen, detail)

    def note(self, title: str, **detail: Any) -> None:
        """Record something that a reader should know and that decides nothing."""
        self._recorder.add("note", title, **detail)

    def measured(self, title: str, **detail: Any) -> None:
        """Record a measurement."""
        self._recorder.add("measurement", title, **detail)

    def conclude(self, sentence: str) -> None:
        """The sentence that the report gives as the reason for `satisfied`."""
        self.conclusion = sentence

    def holds(self, condition: bool, *, expected: str, seen: str, **detail: Any) -> None:
        """State a condition in words of its own.

        Raises:
            Violation: the condition is false.
        """
        self._recorder.add("measurement", seen, expected=expected, holds=condition, **detail)
        if not condition:
            raise Violation(expected, seen, reproduce=self._reproduce)
        self.conclusion = self.conclusion or seen


class Subject:
    """The left-hand side of a statement."""

    def __init__(self, expect: Expect, what: str, seen: Any, detail: dict[str, Any]) -> None:
        self._expect = expect
        self._what = what
        self._seen = seen
        self._detail = detail

    def equals(self, wanted: Any) -> None:
        """The value is the wanted one."""
        self._judge(self._seen == wanted, f"{self._what} to be {wanted}")

    def is_one_of(self, wanted: tuple[Any, ...]) -> None:
        """The value is one of the wanted ones."""
        self._judge(self._seen in wanted, f"{self._what} to be {' or '.join(str(one) for one in wanted)}")

    def differs_from(self, other: Any, *, of: str) -> None:
        """The value is another than `other`, which is described by `of`; neither value is shown."""
        same = bool(self._seen == other)
        self._expect.holds(
            not same,
            expected=f"{self._what} to differ from {of}",
            seen=f"{self._what} is the same as {of}" if same else f"{self._what} differs from {of}",
            **self._detail,
        )

    def at_least(self, bound: float) -> None:
        """The number is not below the bound."""
        self._judge(float(self._seen) >= bound, f"{self._what} to be at least {bound:g}")

    def between(self, low: float, high: float, *, unit: str = "") -> None:
        """The number lies within both bounds, inclusive."""
        self._judge(low <= float(self._seen) <= high, f"{self._what} to lie between {low:g} and {high:g}{unit}")

    def is_inside(self, constraint: SpecifierSet) -> None:
        """The version satisfies the specifier set (PEP 440; pre-releases are judged like any version).

        Raises:
            NotAssessed: the text is no PEP 440 version, so no order is defined.
        """
        try:
            version = Version(str(self._seen))
        except InvalidVersion:
            not_assessed(f"{self._what} is {self._seen!r}, which is no PEP 440 version")
        self._judge(constraint.contains(version, prereleases=True), f"{self._what} inside {constraint}")

    def _judge(self, holds: bool, expected: str) -> None:
        self._expect.holds(holds, expected=expected, seen=f"{self._what} is {self._seen}", **self._detail)
