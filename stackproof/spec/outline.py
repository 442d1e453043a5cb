"""Markdown into the pieces that can be clauses: table rows, list items, drawings of a tree, and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stackproof.spec import stray
from stackproof.spec.problems import Problem
from stackproof.spec.text import Inline, clean, inline

if TYPE_CHECKING:
    from markdown_it.token import Token

    from stackproof.spec.source import Source

MAX_NESTING = 100
MAX_CLAUSE = 2000
MAX_BRACKETS = 100  # pairing them takes a time that grows with their number squared


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the document, its title included."""

    line: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One body row of a table; `headers` and `cells` have the same length."""

    chapter: tuple[str, ...]
    line: int
    table: int
    headers: tuple[str, ...]
    cells: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One list item; `parents` are the texts of the items that it is nested in, outermost first."""

    chapter: tuple[str, ...]
    line: int
    content: Inline
    parents: tuple[str, ...]
    leaf: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A block of preformatted text, `line` being that of its first line."""

    chapter: tuple[str, ...]
    line: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A block quote's paragraph: read by the lint, never a clause."""

    line: int
    text: str


type Block = Row | Item | Drawing


@dataclass(frozen=True, slots=True)
class Outline:
    """A document's pieces in their order, and what is wrong with it."""

    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    notes: tuple[Note, ...]
    tables: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _OpenItem:
    line: int
    parents: tuple[str, ...]
    pieces: list[Inline] = field(default_factory=list)
    leaf: bool = True

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces if piece.text)


def outline(source: Source) -> Outline:
    """Take a document apart. Faults are collected in `problems`, not raised."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table").disable(["inline", "text_join"])
    return _Walker(source, parser.parse(source.text)).walk()


class _Walker:
    """One pass over the block tokens, with what is open at the moment."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        tops = [token for token in tokens if token.type == "heading_open" and token.level == 0]
        h1 = [token for token in tops if token.tag == "h1"]
        self.title = tops[0] if len(h1) == 1 and tops[0] is h1[0] else None
        self.stack: list[tuple[int, str]] = []
        self.items: list[_OpenItem] = []
        self.quotes = 0
        self.tables = 0
        self.table_line = 0
        self.row_line = 0
        self.in_head = False
        self.headers: tuple[str, ...] = ()
        self.cells: list[Inline] = []
        self.blocks: list[Block] = []
        self.headings: list[Heading] = []
        self.notes: list[Note] = []
        self.problems: list[Problem] = []

    @property
    def chapter(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.stack)

    def walk(self) -> Outline:
        for index, token in enumerate(self.tokens):
            if token.level >= MAX_NESTING - 2:
                cure = f"write at most {MAX_NESTING // 4} levels of lists and quotes"
                self.problems.append(Problem(_line(token), "is nested too deeply to be read to its end", cure))
                break
            handler = getattr(self, f"_on_{token.type}", None)
            if handler is not None:
                handler(token, index)
        self.blocks.sort(key=lambda block: block.line)
        return Outline(tuple(self.blocks), tuple(self.headings), tuple(self.notes), self.tables, tuple(self.problems))

    def _on_heading_open(self, token: Token, index: int) -> None:
        if token.level:
            return
        level, content = int(token.tag[1]), self._inline(self.tokens[index + 1], "heading")
        self.headings.append(Heading(_line(token), level, content.text))
        if token is not self.title:
            while self.stack and self.stack[-1][0] >= level:
                self.stack.pop()
            self.stack.append((level, content.text))

    def _on_blockquote_open(self, token: Token, index: int) -> None:
        self.quotes += 1

    def _on_blockquote_close(self, token: Token, index: int) -> None:
        self.quotes -= 1

    def _on_table_open(self, token: Token, index: int) -> None:
        self.tables += not self.quotes
        self.table_line = _line(token)

    def _on_tr_open(self, token: Token, index: int) -> None:
        self.cells = []

    def _on_tr_close(self, token: Token, index: int) -> None:
        if self.in_head:
            self.headers = tuple(cell.text for cell in self.cells)
        elif not self.quotes and any(cell.text for cell in self.cells):
            row = Row(self.chapter, self.row_line, self.table_line, self.headers, tuple(self.cells))
            self.blocks.append(row)

    def _on_th_open(self, token: Token, index: int) -> None:
        self._cell(index, head=True)

    def _on_td_open(self, token: Token, index: int) -> None:
        self._cell(index, head=False)

    def _cell(self, index: int, *, head: bool) -> None:
        content = self.tokens[index + 1]
        self.row_line, self.in_head = _line(content), head
        position = len(self.cells)
        named = self.headers[position] if not head and position < len(self.headers) else ""
        self.cells.append(self._inline(content, f"cell {named!r}" if named else "cell"))

    def _on_list_item_open(self, token: Token, index: int) -> None:
        parents = tuple(one.text for one in self.items if one.text)
        for one in self.items:
            one.leaf = False
        self.items.append(_OpenItem(_line(token), parents))

    def _on_list_item_close(self, token: Token, index: int) -> None:
        item = self.items.pop()
        if item.text and not self.quotes:
            code = tuple(code for piece in item.pieces for code in piece.code)
            content = Inline(item.text, code, (), len(item.pieces) == 1 and item.pieces[0].link_only)
            self.blocks.append(Item(self.chapter, item.line, content, item.parents, item.leaf))

    def _on_inline(self, token: Token, index: int) -> None:
        before = self.tokens[index - 1].type
        if before in {"th_open", "td_open"} or (before == "heading_open" and not self.items):
            return
        if self.quotes:
            self.notes.append(
                Note(
                    _line(token),
                    inline(
                        token.content[:MAX_CLAUSE].replace("[", "", max(0, token.content.count("[") - MAX_BRACKETS))
                    ).text,
                )
            )
        elif self.items:
            self.items[-1].pieces.append(self._inline(token, "list item"))
        else:
            self._paragraph(token)

    def _paragraph(self, token: Token) -> None:
        start, end = token.map or [0, 0]
        raw = self.source.lines[start:end]
        if stray.looks_like_drawing(raw):
            self.blocks.append(Drawing(self.chapter, start + 1, raw))
        else:
            self.problems += stray.in_paragraph(raw, start + 1)

    def _on_fence(self, token: Token, index: int) -> None:
        start, end = token.map or [0, 0]
        if not stray.is_closed(token.markup, self.source.lines[start:end]):
            cure = f"end the block with a line of {token.markup}"
            self.problems.append(Problem(start + 1, "opens a block of code that is never closed", cure))
        if not self.quotes:
            self.blocks.append(Drawing(self.chapter, start + 2, tuple(token.content.split("\n"))))

    def _on_code_block(self, token: Token, index: int) -> None:
        start, end = token.map or [0, 0]
        raw = self.source.lines[start:end]
        if stray.looks_like_drawing(raw) or not stray.clause_lines(raw):
            self.blocks.append(Drawing(self.chapter, start + 1, raw))
        elif not self.quotes:
            cure = (
                "indent a nested list by two or four columns from its parent, and a list or table of its own not at all"
            )
            for offset in stray.clause_lines(raw):
                self.problems.append(
                    Problem(start + 1 + offset, "is indented so far that Markdown reads it as code", cure)
                )

    def _on_html_block(self, token: Token, index: int) -> None:
        self.problems += stray.in_html(token.content, _line(token), in_clause=bool(self.items))

    def _inline(self, token: Token, where: str) -> Inline:
        if len(token.content) > MAX_CLAUSE:
            what = f"{where} of {len(token.content)} characters, and {MAX_CLAUSE} are the limit"
            self.problems.append(Problem(_line(token), what, "shorten it, or move the explanation into a paragraph"))
            return Inline(clean(token.content[:MAX_CLAUSE]))
        if token.content.count("[") > MAX_BRACKETS:
            what = f"{where} with more than {MAX_BRACKETS} square brackets"
            self.problems.append(Problem(_line(token), what, "remove them, or put the text between backticks"))
            return Inline(clean(token.content))
        content = inline(token.content)
        if content.html:
            what = f"{where} holds markup or script: {', '.join(content.html)}"
            cure = "write plain text there; put characters that are meant literally between backticks"
            self.problems.append(Problem(_line(token), what, cure))
        return content


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0
