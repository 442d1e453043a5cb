"""Plain text out of Markdown, and the words that make an id."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

MAX_TEXT = 500
LEADING_WORDS = 8

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")
_HYPHENS = {ord(one): "-" for one in "\u2010\u2011\u2212"} | {ord("\u2265"): ">=", ord("\u2264"): "<="}
_MARKUP = re.compile(r"[`*_\[\]<>&!\\]")
_ONLY_CODE = re.compile(r"`([^`\\\n]*[^`\\\s][^`\\\n]*)`")
_SCRIPT_LINK = re.compile(r"\]\(\s*<?\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_LABEL = re.compile(r"(?P<label>.{1,80}?)(?::(?=\s|$)|\s+[-\u2013\u2014]+\s|\s+=\s)\s*(?P<value>.*)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_VALUE_WORD = re.compile(
    r"v?[0-9].*|x|lts|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety"
    r"|enabled?|disabled?|on|off|true|false|yes|no|not|never|always"
)


@dataclass(frozen=True, slots=True)
class Inline:
    """The content of a cell, a bullet or a heading without its markup.

    Attributes:
        text: plain text; control characters and terminal escapes are gone.
        code: the pieces that were written as code, in order.
        html: the tags that were met; a clause must have none.
        link_only: the content is one link and nothing else.
    """

    text: str
    code: tuple[str, ...] = ()
    html: tuple[str, ...] = ()
    link_only: bool = False


def clean(text: str) -> str:
    """One line without terminal escapes, control, format and unassigned characters; hyphens made plain."""
    if not (text.isascii() and text.isprintable()):
        text = _ESCAPE.sub("", text).translate(_HYPHENS)
        text = "".join(" " if one.isspace() else one for one in text if one.isspace() or _shown(one))
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def inline(content: str) -> Inline:
    """Read the inline Markdown of one cell, bullet or heading."""
    if not _MARKUP.search(content):
        return Inline(clean(content))
    if (whole := _ONLY_CODE.fullmatch(content)) is not None:
        return Inline(clean(whole[1]), (clean(whole[1]),))
    tokens = _inline_parser().parseInline(content)[0].children or []
    pieces: list[str] = []
    code: list[str] = []
    html = ["a link to script"] if _SCRIPT_LINK.search(content) else []
    for token in tokens:
        if token.type == "html_inline":
            html.append(clean(token.content)[:60])
        elif token.type in {"softbreak", "hardbreak"}:
            pieces.append(" ")
        else:
            pieces.append(token.content)
            if token.type == "code_inline":
                code.append(clean(token.content))
    kinds = [token.type for token in tokens if token.content or token.type.startswith("link")]
    link_only = bool(kinds) and kinds[0] == "link_open" and kinds.index("link_close") == len(kinds) - 1
    return Inline(clean("".join(pieces)), tuple(code), tuple(html), link_only)


def slug(text: str) -> str:
    """Lower case, every run of other characters than letters and figures turned into one hyphen."""
    return "-".join(_WORD.findall(text.lower()))


def stable_slug(text: str) -> str:
    """A slug without the words that carry a value (figures, versions, on and off), for ids that must outlive it.

    Beyond `LEADING_WORDS` words a short digest of all of them stands for the rest, so that the id depends on
    the clause alone and never on its neighbours.
    """
    pieces = re.split(r"\s+", text.lower())
    words = [
        word
        for piece in pieces
        if not _VALUE_WORD.fullmatch(piece.strip("()[]{},;.\"'`<>=~!+%"))
        for word in _WORD.findall(piece)
    ]
    if not words:
        return "clause"
    if len(words) <= LEADING_WORDS:
        return "-".join(words)
    digest = hashlib.sha256(" ".join(words).encode()).hexdigest()[:4]
    return "-".join([*words[:LEADING_WORDS], digest])


def split_label(text: str) -> tuple[str, str]:
    """`("Access token lifetime", "15 minutes")` of "Access token lifetime: 15 minutes"; no label gives `("", text)`."""
    match = _LABEL.match(text)
    return (match["label"].strip(), match["value"].strip()) if match else ("", text)


def outside_parentheses(text: str) -> str:
    """The text without its parenthesised remarks, innermost first; an unpaired one stays."""
    while True:
        shorter = re.sub(r"\([^()]*\)", " ", text)
        if shorter == text:
            return " ".join(text.split())
        text = shorter


def shortened(text: str) -> str:
    """The text as a requirement carries it: at most `MAX_TEXT` characters."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _shown(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


@cache
def _inline_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 50})
