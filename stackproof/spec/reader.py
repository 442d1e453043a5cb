"""From a document to its requirements."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stackproof.harness import derived_requirements
from stackproof.spec import tree
from stackproof.spec.bullets import ambiguous, read_bullet
from stackproof.spec.derived import derive
from stackproof.spec.matrix import MatrixReader
from stackproof.spec.model import Kind, Requirement, Specification, VersionRule
from stackproof.spec.outline import Block, Drawing, Item, Outline, Row, outline
from stackproof.spec.problems import Problem, refuse
from stackproof.spec.source import Source, load
from stackproof.spec.text import slug

_REFERENCES = {"references", "reference", "links", "further-reading", "see-also", "sources", "resources"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A document with everything that was found in it, readable or not.

    Attributes:
        source: the text.
        outline: its pieces.
        requirements: in the order of the document; ids may still occur twice.
        problems: why it cannot be read; empty for a good document.
        duplicates: requirements whose id an earlier one has, each after that one.
    """

    source: Source
    outline: Outline
    requirements: tuple[Requirement, ...]
    problems: tuple[Problem, ...]
    duplicates: tuple[tuple[Requirement, Requirement], ...]


def read(path: Path | str) -> Specification:
    """Read a specification.

    Args:
        path: the Markdown document, UTF-8, at most 5 MB.

    Raises:
        UsageError: the document cannot be read; the message names file, line and cure of every problem.
    """
    draft = examine(path)
    refuse(draft.source.path, [*draft.problems, *map(_duplicate, draft.duplicates)])
    derived = derive(draft.requirements, derived_requirements())
    return Specification(draft.source.path, draft.source.digest, draft.requirements, derived)


def examine(path: Path | str) -> Draft:
    """Read a document as far as possible and keep its problems as data, for the lint.

    Raises:
        UsageError: the file itself is no text of a reasonable size.
    """
    source = load(path)
    with _no_collection():
        return _examine(source)


def _examine(source: Source) -> Draft:
    pieces = outline(source)
    rows = MatrixReader()
    found = list(rows.read(block for block in pieces.blocks if isinstance(block, Row)))
    known = _components(found)
    for block in pieces.blocks:
        found += _clauses(block, known)
    found = _apart(sorted(found, key=lambda one: one.line), pieces)
    found = _without_repeated_rationale(found)
    problems = [*pieces.problems, *rows.problems, *_emptiness(pieces, found)]
    return Draft(source, pieces, tuple(found), tuple(problems), tuple(_twice(found)))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the garbage collector: a large table makes a million tokens and no cycle, and it would visit them all."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _components(requirements: Iterable[Requirement]) -> Mapping[str, str]:
    """Slugs of the tables' components by slug and by package, for the names in the tree."""
    known: dict[str, str] = {}
    for one in requirements:
        if isinstance(one.value, VersionRule):
            name = slug(one.value.component)
            known[name] = name
            if one.value.package:
                known.setdefault(f"pypi:{one.value.package}", name)
    return known


def _clauses(block: Block, known: Mapping[str, str]) -> Iterable[Requirement]:
    if isinstance(block, Drawing):
        return tree.read_drawing(block, known) if tree.is_tree(block) else ()
    if isinstance(block, Item):
        if block.content.link_only and any(slug(heading) in _REFERENCES for heading in block.chapter):
            return ()
        if tree.speaks_of_compatibility(block.chapter[-1:]) and tree.is_node(block.content.text):
            return tree.read_item(block, known)
        return read_bullet(block)
    return ()


def _without_repeated_rationale(requirements: list[Requirement]) -> list[Requirement]:
    """Two rows may rest on the same fact (the version of OpenAPI); the first of them states it."""
    seen: dict[str, Requirement] = {}
    kept = []
    for one in requirements:
        first = seen.setdefault(one.id, one)
        if first is one or one.kind is not Kind.CHOICE or one.id != "api.openapi-version" or one.value != first.value:
            kept.append(one)
    return kept


def _apart(requirements: list[Requirement], pieces: Outline) -> list[Requirement]:
    """Procedures are known by a word or two: where items have these in different words, none is taken for one."""
    claims: dict[str, set[str]] = {}
    for one in requirements:
        if one.kind is Kind.PROCEDURE:
            claims.setdefault(one.id, set()).add(one.text)
    contested = {identifier for identifier, texts in claims.items() if len(texts) > 1}
    if not contested:
        return requirements
    items = {block.line: block for block in pieces.blocks if isinstance(block, Item)}
    return [ambiguous(items[one.line], one.id) if one.id in contested else one for one in requirements]


def _twice(requirements: Iterable[Requirement]) -> Iterable[tuple[Requirement, Requirement]]:
    """Pairs of equal ids; two lines that share several are paired once."""
    seen: dict[str, Requirement] = {}
    told: set[tuple[int, int]] = set()
    for one in requirements:
        first = seen.setdefault(one.id, one)
        if first is not one and (first.line, one.line) not in told:
            told.add((first.line, one.line))
            yield first, one


def _duplicate(pair: tuple[Requirement, Requirement]) -> Problem:
    first, second = pair
    what = f"{second.id!r} is stated a second time; line {first.line} states it already"
    return Problem(second.line, what, "keep one of the two, or give them different names")


def _emptiness(pieces: Outline, requirements: list[Requirement]) -> list[Problem]:
    if not pieces.tables:
        cure = "give a document with a version matrix: a table with the columns Component, Version and Constraint"
        return [Problem(0, "holds no table, so it states no version", cure)]
    if not requirements and not pieces.problems:
        return [Problem(0, "holds no clause: its tables have no rows", "add a row for each component")]
    return []
