"""The rows of a document that are Python packages, as requirements; and the Pythons that the document admits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from stackproof.spec.findings.finding import Subject
from stackproof.spec.jsonable import constraint_text
from stackproof.spec.model import Requirement, VersionRule
from stackproof.spec.releases import admits, release
from stackproof.spec.support import support_of

_LINE = re.compile(
    r"v?(?P<release>\d{1,9}(?:\.\d{1,9}){0,4})(?P<any>\.[x*])?(?P<rest>\s+LTS)?", re.ASCII | re.IGNORECASE
)
_EXTRAS = re.compile(r"\[([\w\s,.-]*)\]$", re.ASCII)
_EXTRA = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_ELSEWHERE = re.compile(
    r"\b(?:front-?end|javascript|typescript|node(?:\.?js)?|npm|react native|ios|android|swift|kotlin|flutter)\b",
    re.IGNORECASE,
)
_TOOLS = re.compile(
    r"pytest.*|.*-stubs|types-.*|mypy|pyright|black|ruff|flake8.*|isort|pylint.*|bandit|tox.*|nox|coverage|pre-commit"
    r"|sphinx.*|hypothesis|factory-boy|faker|twine|build|wheel|setuptools"
)
_FOR_TOOLS = re.compile(r"\b(?:develop\w*|dev|test\w*|quality|lint\w*|tooling|documentation)\b", re.IGNORECASE)
_MOST_PATCHES = 60


@dataclass(frozen=True, slots=True)
class Package:
    """A row that is a Python package.

    Attributes:
        line: 1-based line of the document; tells rows apart.
        component: as written.
        name: normalised; `extras` are those that stand in brackets behind the component.
        constraint: of the row, or of its Version column where it states none.
        written: the Version column; `release` its numbers, None where it is more, or less, than a release line.
        stated: the row has a Constraint of its own.
        tool: it is for developing, not for running the service.
    """

    line: int
    component: str
    name: str
    extras: tuple[str, ...]
    constraint: SpecifierSet
    written: str
    release: tuple[int, ...] | None
    stated: bool
    tool: bool = False

    def asked(self, specifiers: object, extra: str = "") -> str:
        """A requirement of this package."""
        extras = sorted({*self.extras, extra} - {""})
        return f"{self.name}{f'[{",".join(extras)}]' if extras else ''}{specifiers}"

    @property
    def own(self) -> str:
        """The row's Constraint as a requirement."""
        return self.asked(self.constraint)

    @property
    def tested(self) -> str:
        """The row's Version as a requirement; its Constraint where that cannot be told."""
        return self.asked(line_of(self.release)) if self.release else self.own

    @property
    def constraint_text(self) -> str:
        """The Constraint as people write it."""
        return constraint_text(self.constraint)

    @property
    def surely_python(self) -> bool:
        """The component is written as packages are, or is known by another name: no guess of a capitalised word."""
        bare = _EXTRAS.sub("", self.component).strip()
        return bare == bare.lower() or canonicalize_name(bare) != self.name


def line_of(numbers: Iterable[int]) -> str:
    """`==5.2.*` of (5, 2)."""
    return f"=={'.'.join(map(str, numbers))}.*"


def packages_of(subject: Subject) -> tuple[list[Package], list[Package]]:
    """The rows that are Python packages, and those that are probably packages of another language."""
    here: list[Package] = []
    elsewhere: list[Package] = []
    for one, rule in subject.rows:
        if rule.package:
            (elsewhere if _ELSEWHERE.search(one.chapter) else here).append(_package(one, rule, rule.package))
    return here, elsewhere


def _package(one: Requirement, rule: VersionRule, name: str) -> Package:
    match = _LINE.fullmatch(rule.line.strip())
    numbers = tuple(int(number) for number in match["release"].split(".")) if match else None
    brackets = _EXTRAS.search(rule.component.strip())
    words = (word.strip() for word in (brackets[1].split(",") if brackets else ()))
    extras = tuple(canonicalize_name(word) for word in words if _EXTRA.fullmatch(word))
    stated = numbers is None or str(rule.constraint) != line_of(numbers)
    tool = bool(_TOOLS.fullmatch(name) or _FOR_TOOLS.search(one.chapter))
    return Package(one.line, rule.component, name, extras, rule.constraint, rule.line.strip(), numbers, stated, tool)


@dataclass(frozen=True, slots=True)
class Pythons:
    """The Pythons that are looked at.

    Attributes:
        versions: "3.12", or the lowest patch release that is admitted, "3.12.4".
        line: of the row for Python, or None without one.
    """

    versions: tuple[str, ...]
    line: int | None


def pythons_of(subject: Subject) -> Pythons:
    """The release lines of Python that its row admits, of those that are known to exist; none without a row."""
    row = subject.row("Python") or subject.row("CPython")
    if row is None:
        return Pythons((), None)
    one, rule = row
    lines = sorted(numbers for text in support_of("Python").ends if (numbers := release(text)) is not None)
    admitted = (numbers for numbers in lines if admits(rule.constraint, numbers))
    found = (_lowest(rule.constraint, ".".join(map(str, numbers))) for numbers in admitted)
    return Pythons(tuple(version for version in found if version), one.line)


def _lowest(constraint: SpecifierSet, line: str) -> str | None:
    """The line itself where its first release is admitted, else its first patch release that is."""
    if constraint.contains(f"{line}.0"):
        return line
    patches = (f"{line}.{number}" for number in range(1, _MOST_PATCHES))
    return next((one for one in patches if constraint.contains(one)), None)
