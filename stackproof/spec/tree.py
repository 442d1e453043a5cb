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
    """A node of the tree where it stands.

    Attributes:
        name: the component as written.
        version: its release line as written, or nothing.
        also: further components, with their lines, that its parenthesis names as its ground.
        line: 1-based line of the document.
        text: the whole line without the drawing.
    """

    name: str
    version: str
    also: tuple[tuple[str, str], ...]
    line: int
    text: str


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


def walk(drawing: Drawing) -> Iterator[tuple[Node, Node | None]]:
    """Each line of a drawn tree with its parent; a line that is no node has an empty name and no parent."""
    above: list[tuple[int, Node]] = []
    for offset, raw in enumerate(drawing.lines):
        column = _indent(raw)
        text = clean(raw.expandtabs(4)[column:])
        if not text or text.startswith(("#", "//")):
            continue
        node = node_of(text, drawing.line + offset)
        if node is None:
            yield Node("", "", (), drawing.line + offset, text), None
            continue
        while above and above[-1][0] >= column:
            above.pop()
        yield node, above[-1][1] if above else None
        above.append((column, node))


def read_drawing(drawing: Drawing, known: Mapping[str, str]) -> Iterator[Requirement]:
    """One requirement for each edge of a drawn tree; a line that is no node is kept as not understood.

    Args:
        drawing: the preformatted block.
        known: slug of a table row's component, by the slug or the package that a node may be called.
    """
    lone: Node | None = None
    for node, parent in walk(drawing):
        if not node.name:
            yield _odd(drawing.chapter, node)
        elif parent is None and not node.also:
            if lone is not None:
                yield _odd(drawing.chapter, lone)
            lone = node
        else:
            lone = None
            yield from _edges(drawing.chapter, node, parent, known)
    if lone is not None:
        yield _odd(drawing.chapter, lone)


def read_item(item: Item, known: Mapping[str, str]) -> Iterator[Requirement]:
    """The edges of a tree that is written as nested list items."""
    node = node_of(item.content.text, item.line)
    parent = node_of(item.parents[-1], item.line) if item.parents else None
    if node is None or (item.leaf and parent is None and not node.also):
        yield _odd(item.chapter, Node("", "", (), item.line, item.content.text))
    else:
        yield from _edges(item.chapter, node, parent, known)


def canonical(name: str, known: Mapping[str, str]) -> str:
    """The slug under which a node's component stands in the tables, or its own."""
    own = slug(name)
    if own in known:
        return known[own]
    return known.get(f"pypi:{package_of(name)}", own)


def _edges(
    chapter: tuple[str, ...], node: Node, parent: Node | None, known: Mapping[str, str]
) -> Iterator[Requirement]:
    grounds = [(parent.name, parent.version)] if parent is not None else []
    child = canonical(node.name, known)
    strength = strength_of(node.text)
    for name, version in [*grounds, *node.also]:
        edge = Edge(node.name, node.version, name, version, package_of(node.name), package_of(name))
        identifier = f"compatibility.{child}.{canonical(name, known)}"
        yield requirement(identifier, chapter, node.line, node.text, Kind.COMPATIBILITY, edge, strength=strength)


def node_of(text: str, line: int) -> Node | None:
    """The node that a line of the tree is, without its drawing; None if it names no component."""
    match = _NODE.fullmatch(text)
    if match is None:
        bare = _BARE.fullmatch(text)
        return Node(bare["name"].strip(), "", (), line, text) if bare is not None and slug(bare["name"]) else None
    if not slug(match["name"]):
        return None
    parts = re.split(r"\s*[,;+]\s*|\s+and\s+", match["extra"] or "")
    also = [found for part in parts if (found := _EXTRA.fullmatch(part)) is not None and slug(found["name"])]
    return Node(match["name"], match["line"], tuple((one["name"], one["line"]) for one in also), line, text)


def _odd(chapter: tuple[str, ...], node: Node) -> Requirement:
    why = "the line is no edge of the tree; write a component and its version, such as Django 5.2.x, under another"
    return not_understood(f"compatibility.{stable_slug(node.text)}", chapter, node.line, node.text, why)


def _indent(line: str) -> int:
    match = _PREFIX.match(line.expandtabs(4))
    return match.end() if match else 0
