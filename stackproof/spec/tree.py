"""The compatibility tree: who stands on whom, and at which version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from stackproof.spec.build import not_understood, requirement, strength_of
from stackproof.spec.model import Edge, Kind, Requirement
from stackproof.spec.outline import Drawing, Item
from stackproof.spec.packages import package_of
from stackproof.spec.stray import looks_like_drawing
from stackproof.spec.text import clean, slug, stable_slug

_CHAPTER = re.compile(r"compatib|dependency (?:tree|graph|matrix)", re.IGNORECASE)
_PREFIX = re.compile(r"(?:[\s\u2500-\u257f|>]|[-+`\\_*](?=[-\s\u2500_|>`+\\*]))*")
_NODE = re.compile(
    r"(?P<name>.*?\S)\s+(?:(?:==|~=|>=|@)\s*)?(?P<line>v?\d[\w.+*]*(?:\s+LTS)?)(?:\s*\((?P<extra>[^()]*)\))?(?:\s*(?:#|//|<-).*)?",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?P<name>[A-Za-z][\w .()-]*?)(?:\s*(?:#|//|<-).*)?")
_EXTRA = re.compile(
    r"(?:(?:with|on|and|needs|requires)\s+)?(?P<name>.*?\S)\s+(?P<line>v?\d[\w.+*]*(?:\s+LTS)?)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree, and the further components that its parenthesis names as its ground."""

    name: str
    line_text: str
    also: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    column: int
    line: int
    chapter: tuple[str, ...]
    text: str
    node: Node


def speaks_of_compatibility(chapter: Iterable[str]) -> bool:
    """Whether the headings announce the compatibility tree."""
    return any(_CHAPTER.search(heading) for heading in chapter)


def is_tree(drawing: Drawing) -> bool:
    """Whether a block of preformatted text is a compatibility tree and not, say, a listing of folders or of code."""
    texts = [clean(line[_indent(line) :]) for line in drawing.lines]
    texts = [text for text in texts if text]
    versioned = sum(1 for text in texts if _NODE.fullmatch(text))
    drawn = looks_like_drawing(drawing.lines)
    if speaks_of_compatibility(drawing.chapter):
        return bool(texts) and (drawn or versioned * 2 >= len(texts))
    return drawn and versioned * 2 > len(texts)


def is_node(text: str) -> bool:
    """Whether a list item in the tree's chapter is a node: a component and its version."""
    return _NODE.fullmatch(text) is not None


def read_drawing(drawing: Drawing, known: Mapping[str, str]) -> Iterator[Requirement]:
    """One requirement for each edge of a drawn tree; a line that is no node is kept as not understood.

    Args:
        drawing: the preformatted block.
        known: slug of a table row's component, by the slug or the package that a node may be called.
    """
    open_nodes: list[_Placed] = []
    edges = False
    for offset, raw in enumerate(drawing.lines):
        expanded = raw.expandtabs(4)
        column = _indent(expanded)
        text = clean(expanded[column:])
        if not text or text.startswith(("#", "//")):
            continue
        node = _node(text)
        if node is None:
            yield _odd(drawing.chapter, drawing.line + offset, text)
            continue
        placed = _Placed(column, drawing.line + offset, drawing.chapter, text, node)
        while open_nodes and open_nodes[-1].column >= column:
            open_nodes.pop()
        parent = open_nodes[-1].node if open_nodes else None
        open_nodes.append(placed)
        for edge in _edges(placed, parent, known):
            edges = True
            yield edge
    if open_nodes and not edges:
        yield _odd(drawing.chapter, open_nodes[0].line, open_nodes[0].text)


def read_item(item: Item, known: Mapping[str, str]) -> Iterator[Requirement]:
    """The edges of a tree that is written as nested list items."""
    node = _node(item.content.text)
    if node is None:
        yield _odd(item.chapter, item.line, item.content.text)
        return
    parent = _node(item.parents[-1]) if item.parents else None
    placed = _Placed(len(item.parents), item.line, item.chapter, item.content.text, node)
    yield from _edges(placed, parent, known)


def canonical(name: str, known: Mapping[str, str]) -> str:
    """The slug under which a node's component stands in the tables, or its own."""
    own = slug(name)
    if own in known:
        return known[own]
    return known.get(f"pypi:{package_of(name)}", own)


def _edges(placed: _Placed, parent: Node | None, known: Mapping[str, str]) -> Iterator[Requirement]:
    node = placed.node
    grounds = [(parent.name, parent.line_text)] if parent is not None else []
    child = canonical(node.name, known)
    for name, line in [*grounds, *node.also]:
        edge = Edge(node.name, node.line_text, name, line, package_of(node.name), package_of(name))
        identifier = f"compatibility.{child}.{canonical(name, known)}"
        yield requirement(
            identifier,
            placed.chapter,
            placed.line,
            placed.text,
            Kind.COMPATIBILITY,
            edge,
            strength=strength_of(placed.text),
        )


def _node(text: str) -> Node | None:
    match = _NODE.fullmatch(text)
    if match is None:
        bare = _BARE.fullmatch(text)
        return Node(bare["name"].strip(), "", ()) if bare is not None and slug(bare["name"]) else None
    if not slug(match["name"]):
        return None
    parts = re.split(r"\s*[,;+]\s*|\s+and\s+", match["extra"] or "")
    also = [found for part in parts if (found := _EXTRA.fullmatch(part)) is not None and slug(found["name"])]
    return Node(match["name"], match["line"], tuple((one["name"], one["line"]) for one in also))


def _odd(chapter: tuple[str, ...], line: int, text: str) -> Requirement:
    why = "the line is no edge of the tree; write a component and its version, such as Django 5.2.x"
    return not_understood(f"compatibility.{stable_slug(text)}", chapter, line, text, why)


def _indent(line: str) -> int:
    match = _PREFIX.match(line.expandtabs(4))
    return match.end() if match else 0
