"""A document that cannot be read is refused with every problem, its line and its cure."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof.errors import ExitCode, UsageError
from stackproof.spec import read, source

type Write = Callable[..., Path]
type WithTable = Callable[[str], str]


def refusal(path: Path | str) -> UsageError:
    """The error that reading gives."""
    with pytest.raises(UsageError) as caught:
        read(path)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "cure: " in str(caught.value)
    return caught.value


def test_missing_file(tmp_path: Path) -> None:
    """A path that is not there is named."""
    assert str(tmp_path / "no.md") in str(refusal(tmp_path / "no.md"))


def test_folder(tmp_path: Path) -> None:
    """A folder is no document."""
    assert "folder" in str(refusal(tmp_path))


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_impossible_path(name: str) -> None:
    """A path that no system accepts is refused as any other."""
    assert "cannot be read" in str(refusal(name))


@pytest.mark.parametrize(("ending", "line"), [(b"\n", 3), (b"\r\n", 3), (b"\r", 3)])
def test_not_utf8(write: Write, ending: bytes, line: int) -> None:
    """The byte and the line that are not UTF-8 are named, whatever the line endings are."""
    path = write(b"# T" + ending * 2 + b"ab\xe9")

    assert f"{path}:{line}: byte {5 + 2 * len(ending)} (0xe9)" in str(refusal(path))


def test_utf16(write: Write) -> None:
    """UTF-16 is recognised, because an editor's default may be the cause."""
    assert "UTF-16" in str(refusal(write("# T".encode("utf-16"))))


def test_byte_order_mark_is_harmless(write: Write, with_table: WithTable) -> None:
    """UTF-8 with a byte order mark is UTF-8."""
    assert len(read(write(b"\xef\xbb\xbf" + with_table("").encode())).requirements) == 2


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "# Title\n\nProse only.\n", "# T\n\n- Rotation: Enabled\n", "```\n| a | b |\n|---|---|\n```\n"],
)
def test_no_tables(write: Write, text: str) -> None:
    """A document without a table states no version and is refused."""
    assert "no table" in str(refusal(write(text)))


def test_table_without_rows(write: Write) -> None:
    """A table without rows, and no clause elsewhere, is no specification."""
    assert "no clause" in str(refusal(write("| Component | Constraint |\n|---|---|\n")))


@pytest.mark.parametrize("cell", ["^5.2", "latest", "5.2", ">=5.2 <5.3", "5.x", ">= five", "~> 5.2", "=5.2"])
def test_broken_specifier(write: Write, cell: str) -> None:
    """A constraint that is no version range is named with its line, cell and what it should look like."""
    path = write(f"# T\n\n| Component | Constraint |\n|---|---|\n| Django | `{cell}` |\n")
    message = str(refusal(path))

    assert f"{path}:5: cell 'Constraint'" in message
    assert ">=5.2,<5.3" in message


def test_every_problem_is_named(write: Write) -> None:
    """One run names all problems of the document, in the order of its lines."""
    path = write(
        "| Component | Constraint |\n|---|---|\n| a | `^1` |\n| b | `>=1` |\n| b | `>=2` |\n"
        "|  | `>=3` |\n| <b>c</b> | `>=1` |\n"
    )
    message = str(refusal(path))
    lines = [int(line.split(":")[1]) for line in message.split("\n") if line.startswith(str(path))]

    assert lines == [3, 5, 6, 7]


def test_many_problems_are_cut(write: Write) -> None:
    """Thousands of problems do not fill the screen; their number is said."""
    path = write("| Component | Constraint |\n|---|---|\n" + "".join(f"| p{n} | `^{n}` |\n" for n in range(1000)))

    assert "and 970 more problems" in str(refusal(path))


def test_row_twice(write: Write, with_table: WithTable) -> None:
    """A component with two rows is refused, and both lines are named."""
    path = write(with_table("").rstrip() + "\n| django | 5.1.x | `>=5.1` | - | again |\n")
    message = str(refusal(path))

    assert f"{path}:6: 'version.django'" in message
    assert "line 5 states it" in message


def test_clause_twice(write: Write, with_table: WithTable) -> None:
    """Two bullets that state the same thing are refused."""
    path = write(with_table("## JWT\n\n- Rotation: Enabled\n- Rotation: Disabled"))

    assert f"{path}:10: 'jwt.rotation'" in str(refusal(path))


def test_far_too_large_file(tmp_path: Path) -> None:
    """A file of 50 MB is refused before it is read."""
    path = tmp_path / "large.md"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    began = time.process_time()

    assert "50.0 MB" in str(refusal(path))
    assert time.process_time() - began < 1


def test_endless_file() -> None:
    """A device without an end is refused after as many bytes as are allowed."""
    assert "limit" in str(refusal("/dev/zero"))


def test_too_many_lines(write: Write) -> None:
    """A file of very many short lines is refused."""
    assert "lines" in str(refusal(write("- a\n" * (source.MAX_LINES + 1))))


def test_nul(write: Write, with_table: WithTable) -> None:
    """A NUL character is refused with its line."""
    path = write(with_table("a\0b"))

    assert f"{path}:7: holds a NUL" in str(refusal(path))


def test_merge_conflict(write: Write, with_table: WithTable) -> None:
    """Each marker of an unfinished merge is named."""
    path = write(with_table("<<<<<<< HEAD\n- a\n=======\n- b\n>>>>>>> other"))
    message = str(refusal(path))

    assert f"{path}:7: merge-conflict" in message
    assert f"{path}:11: merge-conflict" in message


@pytest.mark.parametrize(
    "cell",
    [
        "<script>alert(1)</script>",
        "<b>bold</b>",
        "a<br>b",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x]( JavaScript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
    ],
)
@pytest.mark.parametrize("place", ["| {} | `>=1` |", "| a | `>=1` {} |", "\n\n- {}", "\n\n## {}"])
def test_markup_or_script(write: Write, cell: str, place: str) -> None:
    """A tag or a link to script in a cell, a bullet or a heading is refused."""
    path = write("| Component | Constraint |\n|---|---|\n| ok | `>=1` |\n" + place.format(cell) + "\n")

    assert "markup or script" in str(refusal(path))


def test_comment_in_a_cell(write: Write) -> None:
    """A comment hides words from the reader of a clause, so a cell has none."""
    path = write("| Component | Constraint |\n|---|---|\n| ok <!-- 1 --> | `>=1` |\n")

    assert "<!-- 1 -->" in str(refusal(path))


@pytest.mark.parametrize(
    "cell", ["`code <b>`", "**bold**", "_x_", "[l](https://x.test)", "a < b > c", "&lt;b&gt;", "![i](x.png)", "~~x~~"]
)
def test_plain_markdown_is_welcome(write: Write, cell: str) -> None:
    """Code, emphasis, links, images and entities in a cell are plain text."""
    path = write(f"| Component | Constraint | Why |\n|---|---|---|\n| ok | `>=1` | {cell} |\n")

    assert [one.id for one in read(path).requirements] == ["version.ok"]


LOST = {
    "script": ("<script>\nalert(1)\n</script>", "script"),
    "table in HTML": ("<table>\n<tr><td>a</td></tr>\n</table>", "HTML <table>"),
    "list in HTML": ("<div>\n- Rotation: Enabled\n</div>", "inside an HTML block"),
    "open comment": ("<!-- \n- Rotation: Enabled", "never closed"),
    "open fence": ("```\n- Rotation: Enabled", "never closed"),
    "over-indented": ("Text\n\n    - Rotation: Enabled", "reads it as code"),
    "word processor": ("\u2022 Rotation: Enabled", "makes no list"),
    "late number": ("Steps are\n2. Rotation: Enabled", "continues the paragraph"),
    "broken table": ("| Component | Constraint |\n|---|\n| ruff | `>=1` |", "belongs to no table"),
}


@pytest.mark.parametrize("case", LOST)
def test_clause_that_markdown_would_lose(write: Write, with_table: WithTable, case: str) -> None:
    """What Markdown takes for something else than a clause is pointed out instead of lost in silence."""
    text, word = LOST[case]

    assert word in str(refusal(write(with_table(text))))


def test_deep_nesting(write: Write, with_table: WithTable) -> None:
    """Lists nested beyond what can be read to the end are refused."""
    deep = "".join("  " * level + "- a\n" for level in range(300))

    assert "nested too deeply" in str(refusal(write(with_table(deep))))


@pytest.mark.parametrize("sign", [">", "- ", "1. ", "[", "`", "*a ", "(", "&", "<", "!["])
def test_hostile_repetition_ends_soon(write: Write, with_table: WithTable, sign: str) -> None:
    """Half a million signs of one kind are read or refused, and neither takes long."""
    path = write(with_table("## JWT\n\n- Rotation: " + sign * 5 + "\n\n" + sign * 200_000))
    began = time.process_time()
    with contextlib.suppress(UsageError):
        read(path)

    assert time.process_time() - began < 5


@pytest.mark.parametrize("cell", ["x" * 3000, "[" * 500])
def test_cell_out_of_all_measure(write: Write, cell: str) -> None:
    """A cell that is no statement of a person is refused with its line."""
    path = write(f"| Component | Constraint | Why |\n|---|---|---|\n| ok | `>=1` | {cell} |\n")

    assert f"{path}:3: cell 'Why'" in str(refusal(path))


def test_many_rows_are_read(write: Write) -> None:
    """A table of ten thousand rows is read in a second or so."""
    rows = "".join(f"| package{number} | {number}.x | `>={number}` |\n" for number in range(10_000))
    path = write("| Component | Version | Constraint |\n|---|---|---|\n" + rows)
    began = time.process_time()

    assert len(read(path).requirements) == 10_000
    assert time.process_time() - began < 5
