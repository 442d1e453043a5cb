"""What a group or a file of requirements is for, told from its name, or by the descriptor."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from stackproof.project.model import Use

_DEVELOPMENT = frozenset(
    """
    dev devel develop development test tests testing tox nox ci lint linting linter format formatting style quality
    doc docs documentation typing types type typecheck typechecking mypy stubs local debug bench benchmark benchmarks
    release build tool tools tooling coverage precommit notebook notebooks e2e
    """.split()
)
_PRODUCTION = frozenset("prod production deploy deployment runtime main server live".split())
_WORDS = re.compile(r"[^a-z0-9]+")
_SUFFIX = re.compile(r"\.(txt|in)$")
_PLAIN = frozenset({"requirements", "requirement", "reqs"})
_COMMON = _PLAIN | {"base", "common", "core", "app", "web", "worker", "all"}


@dataclass(frozen=True, slots=True)
class Uses:
    """How the names of groups and files are understood.

    Attributes:
        production: names of groups, extras and requirements files that the descriptor calls production.
        development: likewise.
    """

    production: tuple[str, ...] = ()
    development: tuple[str, ...] = ()

    def of_group(self, name: str) -> Use:
        """Of a dependency group: development, unless its name or the descriptor says otherwise."""
        return self._said(name) or (Use.PRODUCTION if _words(name) & _PRODUCTION else Use.DEVELOPMENT)

    def of_extra(self, name: str) -> Use:
        """Of an extra: optional, unless it is named for development as many are."""
        return self._said(name) or (Use.DEVELOPMENT if _words(name) & _DEVELOPMENT else Use.OPTIONAL)

    def of_file(self, name: str) -> Use:
        """Of a requirements file: production, unless its name has a word of development."""
        words = _words(_SUFFIX.sub("", name.lower())) - _PLAIN
        return self._said(name) or (Use.DEVELOPMENT if words & _DEVELOPMENT else Use.PRODUCTION)

    def names_a_use(self, name: str) -> bool:
        """Whether a requirements file is named after what asks for packages, and not after limits on them."""
        file = name.rpartition("/")[2]
        return self.is_said(name) or bool(
            _words(_SUFFIX.sub("", file.lower())) & (_COMMON | _PRODUCTION | _DEVELOPMENT)
        )

    def is_said(self, name: str) -> bool:
        """Whether the descriptor speaks of that group or file."""
        return self._said(name) is not None

    def _said(self, name: str) -> Use | None:
        if _key(name) in {_key(one) for one in self.production}:
            return Use.PRODUCTION
        return Use.DEVELOPMENT if _key(name) in {_key(one) for one in self.development} else None


def _words(name: str) -> set[str]:
    return set(_WORDS.split(name.lower()))


def _key(name: str) -> str:
    return name if "/" in name or name.endswith((".txt", ".in")) else str(canonicalize_name(name))
