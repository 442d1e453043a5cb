"""Derived requirements: only where a clause bears them, each with its source, none in the document's place."""

import pytest

from stackproof.errors import InfrastructureError
from stackproof.harness import derived_requirements, reference_specification
from stackproof.spec import Choice, Kind, Threshold, read
from stackproof.spec.derived import derive

SPECIFICATION = read(reference_specification())


def written(folder, text):
    """A folder with one file of derivations."""
    (folder / "some.toml").write_text(text, encoding="utf-8")
    return folder


ENTRY = """
[[derived]]
id = "jwt.something"
stands_on = ["nothing.there", "jwt.rotation"]
source = "RFC 9700, section 4.14"
text = "Something that follows from rotation is so and not otherwise."
"""


def test_the_shipped_ones_have_a_source_and_a_clause():
    """Every derived requirement of the reference document says where it comes from and what it stands on."""
    assert SPECIFICATION.derived
    for one in SPECIFICATION.derived:
        assert one.source, one.id
        assert SPECIFICATION.find(one.note.removeprefix("follows from ")).line == one.line, one.id


def test_ids_are_unique_over_both_kinds():
    """The document's own ids and the derived ones never meet."""
    ids = [one.id for one in SPECIFICATION.every]

    assert len(ids) == len(set(ids))


def test_the_first_clause_that_fits_lends_its_place(tmp_path):
    """Line, chapter and strength are those of the clause; the value is a flag unless the file says otherwise."""
    (one,) = derive(SPECIFICATION.requirements, written(tmp_path, ENTRY))
    clause = SPECIFICATION.find("jwt.rotation")

    assert (one.line, one.chapter, one.kind, one.value) == (clause.line, clause.chapter, Kind.FLAG, True)


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        ('value = ["a", "b"]', Kind.CHOICE, Choice(("a", "b"))),
        ("at_least = 32", Kind.THRESHOLD, Threshold(32.0, ">=")),
        ("at_most = 60", Kind.THRESHOLD, Threshold(60.0, "<=")),
    ],
)
def test_values_are_typed(tmp_path, line, kind, value):
    """Words make a choice, a bound makes a threshold."""
    (one,) = derive(SPECIFICATION.requirements, written(tmp_path, ENTRY + line))

    assert (one.kind, one.value) == (kind, value)


def test_a_document_without_the_clause_derives_nothing(tmp_path):
    """What stands on no clause is not there."""
    text = ENTRY.replace('"jwt.rotation"', '"session.length"')

    assert derive(SPECIFICATION.requirements, written(tmp_path, text)) == ()


@pytest.mark.parametrize("logger", ["structlog", "python-json-logger", "loguru", "django-structlog"])
def test_any_structured_logger_stands_for_structured_logs(tmp_path, logger):
    """What may not stand in a log does not depend on which library writes it."""
    path = tmp_path / "team.md"
    path.write_text(f"# T\n\n| Component | Constraint |\n|---|---|\n| {logger} | `>=1` |\n", encoding="utf-8")
    found = {one.id for one in derive(read(path).requirements, derived_requirements())}

    assert {"observability.json-lines", "observability.no-tokens-in-logs", "observability.no-forged-lines"} <= found


def test_what_the_document_states_itself_is_the_documents(tmp_path):
    """An edition that states a derived requirement as its own keeps its own words and value."""
    text = ENTRY.replace("jwt.something", "jwt.blacklist")

    assert derive(SPECIFICATION.requirements, written(tmp_path, text)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "[[derived",
        "",
        ENTRY.replace("source", "origin"),
        ENTRY + "at_least = 1\nat_most = 2",
        ENTRY.replace('"jwt.something"', '"Jwt Something"'),
        ENTRY * 2,
    ],
    ids=["no-toml", "empty", "unknown-key", "two-bounds", "id", "twice"],
)
def test_a_damaged_file_is_the_harness_s_fault(tmp_path, text):
    """The file is named, and the error is the infrastructure's."""
    with pytest.raises(InfrastructureError, match=r"some\.toml"):
        derive(SPECIFICATION.requirements, written(tmp_path, text))


def test_every_file_can_be_read():
    """The files that are shipped hold nothing that the reference document leaves unused."""
    found = {one.id for one in derive(SPECIFICATION.requirements, derived_requirements())}
    text = "".join(path.read_text(encoding="utf-8") for path in derived_requirements().glob("*.toml"))

    assert len(found) == text.count("[[derived]]")
