"""On which line of a TOML document each key stands; the document is one that `tomllib` has accepted."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

type KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def lines_of(text: str) -> Mapping[KeyPath, int]:
    """Line (from 1) of every table, key and element; a table that dotted keys make stands at the first of them."""
    return _Locator(text).read()


class _Locator:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._lines: dict[KeyPath, int] = {(): 1}
        self._counts: dict[KeyPath, int] = {}

    def read(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        while self._skip(_BLANK) and self._at < len(self._text):
            begun = self._at
            if self._text.startswith("[[", self._at):
                table = self._header(2)
            elif self._text[self._at] == "[":
                table = self._header(1)
            else:
                self._pair(table)
            if self._at == begun:  # nothing that is known here: better no line than no end
                break
        return self._lines

    def _header(self, brackets: int) -> KeyPath:
        line = self._line()
        self._at += brackets
        names = self._key()
        self._skip(_SPACE)
        self._at += brackets
        path = self._inside(names[:-1]) + names[-1:]
        self._note_all(path, line)
        if brackets == 2:
            number = self._counts.get(path, -1) + 1
            self._counts[path] = number
            path = (*path, number)
        self._lines[path] = line  # a table's own header is its place, wherever a table under it stood before
        return path

    def _inside(self, names: KeyPath) -> KeyPath:
        """The path of a table, a name that stands for an array of tables leading into its last element."""
        path: KeyPath = ()
        for name in names:
            path = (*path, name)
            if path in self._counts:
                path = (*path, self._counts[path])
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table + self._key()
        self._skip(_SPACE)
        self._at += 1  # the equals sign
        self._note_all(path, line, above=table)
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        opening = self._text[self._at : self._at + 1]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline(path)
        elif not self._skip_if(_STRING):
            self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        number = 0
        while self._skip(_BLANK) and self._at < len(self._text) and self._text[self._at] != "]":
            self._lines.setdefault((*path, number), self._line())
            self._value((*path, number))
            number += 1
            self._skip(_BLANK)
            if self._text[self._at : self._at + 1] != ",":
                break
            self._at += 1
        self._at += 1

    def _inline(self, path: KeyPath) -> None:
        self._at += 1
        while self._skip(_BLANK) and self._at < len(self._text) and self._text[self._at] != "}":
            self._pair(path)
            self._skip(_BLANK)
            if self._text[self._at : self._at + 1] != ",":
                break
            self._at += 1
        self._at += 1

    def _key(self) -> KeyPath:
        names: list[str] = []
        while True:
            self._skip(_SPACE)
            begun = self._at
            if self._skip_if(_STRING):
                names.append(_unquoted(self._text[begun : self._at]))
            elif self._skip_if(_BARE):
                names.append(self._text[begun : self._at])
            else:
                break
            self._skip(_SPACE)
            if self._text[self._at : self._at + 1] != ".":
                break
            self._at += 1
        return tuple(names)

    def _note_all(self, path: KeyPath, line: int, above: KeyPath = ()) -> None:
        for length in range(len(above) + 1, len(path) + 1):
            self._lines.setdefault(path[:length], line)

    def _line(self) -> int:
        return bisect_right(self._starts, self._at)

    def _skip(self, shape: re.Pattern[str]) -> bool:
        match = shape.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return True

    def _skip_if(self, shape: re.Pattern[str]) -> bool:
        begun = self._at
        self._skip(shape)
        return self._at > begun


def _unquoted(text: str) -> str:
    import tomllib

    value = tomllib.loads(f"key = {text}")["key"]
    return str(value)
