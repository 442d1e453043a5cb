"""Versions that one place of the document states and another denies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackproof.spec import tree
from stackproof.spec.bullets.containers import image_version
from stackproof.spec.findings.finding import Finding, Severity, Subject, agrees
from stackproof.spec.jsonable import constraint_text
from stackproof.spec.model import Kind, Requirement, VersionRule
from stackproof.spec.outline import Drawing, Item
from stackproof.spec.releases import admits, release

_HEADING = re.compile(
    r"(?:[\d.]+[.)]?\s+)?(?P<name>.*?[^\W\d_].*?)\s+v?(?P<version>\d+(?:\.\d+)*(?:\.x)?)(?:\s+LTS)?", re.ASCII
)


def version_outside_constraint(subject: Subject) -> Iterator[Finding]:
    """A row's Version column names a line of which its Constraint admits nothing."""
    for one, rule in subject.rows:
        line = release(rule.line)
        if line is not None and not admits(rule.constraint, line):
            message = (
                f"{rule.component}: the Version {rule.line} lies outside the Constraint "
                f"{constraint_text(rule.constraint)} of its own row"
            )
            yield Finding("version-outside-constraint", message, (one.line,), "change one of the two cells")


def tree_disagrees(subject: Subject) -> Iterator[Finding]:
    """The compatibility tree names another version than the component's row, or a component without a row."""
    told: set[tuple[str, str]] = set()
    for line, name, version in _nodes(subject):
        row = subject.row(name)
        if row is None:
            if (name, "") not in told:
                told.add((name, ""))
                message = f"the compatibility tree names {name} {version}".rstrip() + ", which has no row"
                cure = f"add a row for {name}, or take it out of the tree"
                yield Finding("tree-without-row", message, (line,), cure, Severity.WARNING)
        elif not agrees(version, row[1]) and (name, version) not in told:
            told.add((name, version))
            yield _disagreement("tree-disagrees", f"the compatibility tree has {name} {version}", line, row)


def _nodes(subject: Subject) -> Iterator[tuple[int, str, str]]:
    for block in subject.draft.outline.blocks:
        if isinstance(block, Drawing) and tree.is_tree(block):
            found: Iterable[tree.Node | None] = (node for node, _ in tree.walk(block))
        elif isinstance(block, Item) and tree.speaks_of_compatibility(block.chapter[-1:]):
            text = block.content.text
            found = [tree.node_of(text, block.line)] if tree.is_node(text) else []
        else:
            continue
        for node in found:
            if node is not None and node.name:
                yield node.line, node.name, node.version
                yield from ((node.line, name, version) for name, version in node.also)


def heading_disagrees(subject: Subject) -> Iterator[Finding]:
    """A heading such as "PostgreSQL 16.x" names another version than the component's row."""
    for heading in subject.draft.outline.headings:
        match = _HEADING.fullmatch(heading.text)
        row = subject.row(match["name"]) if match else None
        if match and row is not None and not agrees(match["version"], row[1]):
            yield _disagreement("heading-disagrees", f"the heading has {heading.text}", heading.line, row)


def image_disagrees(subject: Subject) -> Iterator[Finding]:
    """A base image's tag names another version than the component's row, or the image is that of another row."""
    for one in subject.stated("image."):
        if one.kind is not Kind.IMAGE or not isinstance(one.value, str):
            continue
        found, labelled = image_version(one.value), subject.row(one.id.removeprefix("image."))
        if found is None:
            continue
        program = subject.row(found[0])
        if program is not None and labelled is not None and program != labelled:
            message = f"the image {one.value} is one of {program[1].component}, not of {labelled[1].component}"
            cure = "name the image that the label announces"
            yield Finding("image-of-another", message, (one.line, labelled[0].line), cure)
        elif program is not None and not agrees(found[1], program[1]):
            yield _disagreement("image-disagrees", f"the image is {one.value}", one.line, program)


def _disagreement(code: str, saying: str, line: int, row: tuple[Requirement, VersionRule]) -> Finding:
    one, rule = row
    message = f"{saying}, but the row of {rule.component} has {rule.line} ({constraint_text(rule.constraint)})"
    return Finding(code, message, (line, one.line), "give both places the same version")


def row_twice(subject: Subject) -> Iterator[Finding]:
    """Two rows of one component, or two other clauses of one id."""
    told: set[tuple[int, int]] = set()
    for first, second in subject.draft.duplicates:
        told.add((first.line, second.line))
        what = "the component has two rows" if first.id.startswith("version.") else "the clause is stated twice"
        cure = "keep one of the two, or give them different names"
        yield Finding("row-twice", f"{first.id}: {what}", (first.line, second.line), cure)
    by_package: dict[str, Requirement] = {}
    for one, rule in subject.rows:
        if rule.package:
            first = by_package.setdefault(rule.package, one)
            if first is not one and (first.line, one.line) not in told:
                message = f"{first.id} and {one.id} are the same package, {rule.package}"
                yield Finding("row-twice", message, (first.line, one.line), "keep one of the two rows")


RULES = (version_outside_constraint, tree_disagrees, heading_disagrees, image_disagrees, row_twice)
