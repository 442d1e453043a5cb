"""What nobody understands is kept, named after its own words, and said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackproof.spec import Kind, Specification

type Parse = Callable[[str], Specification]
type WithTable = Callable[[str], str]


def ids(found: Specification) -> list[str]:
    """The ids after that of the table's row and its date."""
    return [one.id for one in found.requirements][2:]


def test_bullet_in_an_unknown_chapter(parse: Parse, with_table: WithTable) -> None:
    """A bullet that no rule knows is a requirement without a value, and says why."""
    found = parse(with_table("## Observability rules\n\n- Log format: JSON lines")).requirements[-1]

    assert (found.id, found.kind, found.value, found.understood) == (
        "observability-rules.log-format",
        Kind.UNKNOWN,
        None,
        False,
    )
    assert found.note
    assert found.line == 9


def test_row_of_an_unknown_table(parse: Parse, with_table: WithTable) -> None:
    """A row of a table that is no version matrix is kept."""
    found = parse(with_table("## Ports\n\n| Service | Port |\n|---|---|\n| web | 443 |\n| db | 5432 |"))

    assert ids(found) == ["ports.web", "ports.db"]
    assert found.requirements[-1].text == "db | 5432"


def test_rows_that_begin_alike(parse: Parse, with_table: WithTable) -> None:
    """Rows are told apart by as many cells as it takes."""
    found = parse(with_table("## Routes\n\n| Method | Path |\n|---|---|\n| GET | jobs |\n| GET | me |"))

    assert ids(found) == ["routes.get-jobs", "routes.get-me"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Request timeout: 30 seconds", "Request timeout: 2 minutes"),
        ("Keep logs for 30 days", "Keep logs for 90 days"),
        ("Compression enabled", "Compression disabled"),
        ("Workers = 4", "Workers = 8"),
        ("Node.js 20.x on build machines", "Node.js 22.x on build machines"),
    ],
)
def test_id_has_no_value_in_it(parse: Parse, with_table: WithTable, first: str, second: str) -> None:
    """An id outlives a change of figures and switches."""
    one, other = (ids(parse(with_table(f"## Rules\n\n- {words}"))) for words in (first, second))

    assert one == other


def test_heading_with_a_version(parse: Parse, with_table: WithTable) -> None:
    """The version in a heading is no part of the ids below it."""
    one, other = (ids(parse(with_table(f"## nginx {version}\n\n- Workers: auto"))) for version in ("1.26.x", "1.28"))

    assert one == other == ["nginx.workers"]


def test_long_statements_that_begin_alike(parse: Parse, with_table: WithTable) -> None:
    """Beyond the leading words a digest of the rest keeps ids apart, whatever the neighbours are."""
    words = "all calls from the service to other services carry a request id in the"
    alone = ids(parse(with_table(f"## Rules\n\n- {words} header")))
    beside = ids(parse(with_table(f"## Rules\n\n- {words} body\n- {words} header")))

    assert alone == beside[1:]
    assert len(set(beside)) == 2


def test_same_words_below_two_headings(parse: Parse, with_table: WithTable) -> None:
    """The path of headings is part of an unknown clause's id."""
    found = parse(with_table("## A\n\n### Limits\n\n- Size: 1 MB\n\n## B\n\n### Limits\n\n- Size: 2 MB"))

    assert ids(found) == ["a.limits.size", "b.limits.size"]


def test_parent_that_only_introduces(parse: Parse, with_table: WithTable) -> None:
    """A title with a list below is no clause; its words are part of the ids below it."""
    found = parse(with_table("## Cachez\n\n- Local:\n  - Size: 5\n- Shared\n  - Size: 6"))

    assert ids(found) == ["cachez.local.size", "cachez.shared.size"]


def test_parent_that_states_something(parse: Parse, with_table: WithTable) -> None:
    """A whole sentence is a clause although a list stands below it."""
    found = parse(with_table("## Edge\n\n- A proxy stands in front of the service\n  - nginx"))

    assert ids(found) == [
        "edge.a-proxy-stands-in-front-of-the-service",
        "edge.a-proxy-stands-in-front-of-the-service.nginx",
    ]


def test_links_below_references_are_no_clauses(parse: Parse, with_table: WithTable) -> None:
    """A list of links under References states nothing; a sentence there still does."""
    found = parse(
        with_table("## References\n\n- [Django](https://x.test)\n- <https://y.test>\n- Follow [this](https://z.test)")
    )

    assert ids(found) == ["references.follow-this"]


def test_links_elsewhere_are_clauses(parse: Parse, with_table: WithTable) -> None:
    """A link under another heading is kept."""
    assert ids(parse(with_table("## Rules\n\n- [Our rules](https://x.test)"))) == ["rules.our-rules"]


def test_notes_and_prose_are_no_clauses(parse: Parse, with_table: WithTable) -> None:
    """Block quotes, paragraphs, comments and samples of code state nothing."""
    text = "## Rules\n\nSome prose.\n\n> A note:\n> - with a bullet\n\n<!-- - hidden -->\n\n```yaml\n- a: b\n```"

    assert ids(parse(with_table(text))) == []


def test_struck_clause_is_said(parse: Parse, with_table: WithTable) -> None:
    """A clause that was struck through is neither taken as valid nor dropped."""
    found = parse(with_table("## JWT\n\n- ~~Rotation: Enabled~~")).requirements[-1]

    assert not found.understood
    assert "struck" in found.note


def test_task_list_is_a_list(parse: Parse, with_table: WithTable) -> None:
    """The boxes of a task list are no part of the clause."""
    assert ids(parse(with_table("## JWT\n\n- [x] Rotation: Enabled"))) == ["jwt.rotation"]


def test_row_in_a_list_is_read(parse: Parse, with_table: WithTable) -> None:
    """A matrix inside a list item is a matrix."""
    text = "## More\n\n- Tools\n\n  | Component | Constraint |\n  |---|---|\n  | ruff | `>=0.9` |\n"

    assert "version.ruff" in ids(parse(with_table(text)))


def test_document_without_a_title(parse: Parse) -> None:
    """Several first-level headings are chapters."""
    found = parse(
        "# One\n\n| Component | Constraint |\n|---|---|\n| ruff | `>=0.9` |\n\n# Two\n\n- A: b\n"
    ).requirements

    assert [one.chapter for one in found] == ["One", "Two"]


def test_terminal_escapes_are_gone(parse: Parse, with_table: WithTable) -> None:
    """Nothing of a document can steer a terminal."""
    text = "## Rules\n\n- a\x1b[31mred\x1b[0m\x07 b\u202e c\u200b d\x9b31m &#27;"
    found = parse(with_table(text)).requirements[-1]

    assert found.text == "ared b c d \ufffd"
    assert all(character.isprintable() for character in found.text)


def test_text_is_cut(parse: Parse, with_table: WithTable) -> None:
    """A requirement quotes at most 500 characters."""
    found = parse(with_table("## Rules\n\n- " + "word " * 300)).requirements[-1]

    assert len(found.text) == 500
