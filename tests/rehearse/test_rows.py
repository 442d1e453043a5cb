"""Rows are found by any of their names, edited in place, and read back as they were written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from stackproof.errors import UsageError
from stackproof.harness import reference_specification
from stackproof.rehearse.editing import edit
from stackproof.rehearse.rows import assigned, change_of, find_row, raised_to, rows_of, uncapped
from stackproof.spec import read

DOCUMENT = reference_specification()
ROWS = rows_of(read(DOCUMENT))


def row(name):
    return find_row(ROWS, name, "spec.md")


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("Django", "Django"),
        ("django", "Django"),
        ("version.django", "Django"),
        ("djangorestframework", "Django REST Framework"),
        ("redis (Python)", "redis (Python)"),
        ("redis-python", "redis (Python)"),
        ("Redis", "Redis"),
        ("redis", "Redis"),
        ("postgresql", "PostgreSQL"),
        ("factory_boy", "factory-boy"),
    ],
)
def test_a_row_answers_to_its_names(name, component):
    """Its id, its component in any case, its words with hyphens, its package."""
    assert row(name).component == component


@pytest.mark.parametrize(("name", "near"), [("djnago", "Django"), ("postgres", "PostgreSQL"), ("celery-bet", "beat")])
def test_an_unknown_row_is_refused_with_what_was_meant(name, near):
    """One line, with names that are near."""
    with pytest.raises(UsageError) as refused:
        row(name)
    assert near in refused.value.hint


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Django=>=6.0,<6.1", "Django", ">=6.0,<6.1"),
        ("django=5.1.*", "django", "5.1.*"),
        ("redis (Python)=>=6.4", "redis (Python)", ">=6.4"),
        ("django>=6", "django", ">=6"),
        ("django==5.2.1", "django", "=5.2.1"),
    ],
)
def test_an_assignment_is_taken_apart(text, name, value):
    """The first sign that can be in no name ends the row's name."""
    assert assigned(text) == (name, value)


@pytest.mark.parametrize("text", ["", "django", "=5", "django="])
def test_what_assigns_nothing_is_refused(text):
    """A row or a value is missing."""
    with pytest.raises(UsageError):
        assigned(text)


@pytest.mark.parametrize(
    ("name", "value", "written", "tested"),
    [
        ("django", "6.0", ">=6.0,<6.1", "6.0.x"),
        ("django", "5.1.*", ">=5.1,<5.2", "5.1.x"),
        ("django", ">=5.2,<6.1", ">=5.2,<6.1", ""),
        ("django", ">= 5.2.7, <5.3", ">=5.2.7,<5.3", ""),
        ("redis-python", "6", ">=6,<7", "6.0.x"),
        ("redis-python", ">=6.4", ">=6.4", "6.4.x"),
        ("PostgreSQL", "17", ">=17,<18", "17.x"),
        ("django", "5.2.3", "==5.2.3", ""),
        ("django", "*", "*", ""),
    ],
)
def test_a_value_is_a_constraint_or_a_line(name, value, written, tested):
    """A line stands for its releases; the Version column moves only where it would lie outside."""
    change = change_of(row(name), value)
    assert (change.written, change.tested) == (written, tested)


@pytest.mark.parametrize("value", ["new", "=>6", "6.0 or so", ">=6.0;<7"])
def test_what_is_neither_is_refused(value):
    """With a cure, and without a traceback."""
    with pytest.raises(UsageError, match="neither a constraint nor"):
        change_of(row("django"), value)


def test_only_the_cells_of_the_row_change(tmp_path):
    """One line of the document differs, and in it two cells."""
    target = tmp_path / "edited.md"
    edit(DOCUMENT, [change_of(row("django"), "6.0")], target)
    before, after = DOCUMENT.read_bytes().splitlines(), target.read_bytes().splitlines()
    differing = [(old, new) for old, new in zip(before, after, strict=True) if old != new]

    assert len(differing) == 1
    assert differing[0][1] == differing[0][0].replace(b"5.2.x LTS", b"6.0.x").replace(b"`>=5.2,<5.3`", b"`>=6.0,<6.1`")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff# T\r\n\r\n| Component | Version | Constraint |\r\n|---|---|---|\r\n|Django|5.2.x|`>=5.2,<5.3`|\r\n",
        "# T\n\nComponent | Version | Constraint\n---|---|---\nDjango | 5.2.x | >=5.2,<5.3\n",
        "# T\n\n| Component | Why | Constraint |\n|---|---|---|\n| Django | a \\| b | `>=5.2,<5.3` |\n",
        "# T\n\n| Component | Constraint |\n|---|---|\n| Django | `>=5.2,<5.3`\n\nno last pipe, no last newline",
    ],
)
def test_other_hands_write_tables_otherwise(text, tmp_path):
    """No outer pipes, escaped pipes, CRLF, a byte order mark: the rest stays byte for byte."""
    document, target = tmp_path / "a.md", tmp_path / "b.md"
    document.write_bytes(text.encode())
    found = find_row(rows_of(read(document)), "django", "a.md")
    edit(document, [change_of(found, "6.0")], target)

    assert rows_of(read(target))[0].constraint == SpecifierSet(">=6.0,<6.1")
    edited = target.read_bytes().decode()
    assert edited.replace(">=6.0,<6.1", ">=5.2,<5.3").replace("6.0.x", "5.2.x") == text


def test_an_empty_cell_is_filled(tmp_path):
    """Where the Version column alone decided, the constraint decides from now on."""
    document, target = tmp_path / "a.md", tmp_path / "b.md"
    document.write_text("# T\n\n| Component | Version | Constraint |\n|---|---|---|\n| Django | 5.2.x |  |\n")
    edit(document, [change_of(rows_of(read(document))[0], "6.0")], target)

    assert "| Django | 6.0.x | `>=6.0,<6.1` |" in target.read_text()


def test_a_row_without_a_column_for_it_is_refused(tmp_path):
    """Nothing is guessed: the team edits its document itself."""
    document = tmp_path / "a.md"
    document.write_text("# T\n\n| Component | Version |\n|---|---|\n| Django | 5.2.x |\n")
    found = rows_of(read(document))[0]
    with pytest.raises(UsageError, match=r"a\.md:5: Django cannot be edited in place"):
        edit(document, [change_of(found, ">=5.2,<6.1")], tmp_path / "b.md")


@pytest.mark.parametrize(
    ("name", "version", "written"),
    [
        ("django", "6.0.2", ">=5.2,<6.1"),
        ("djangorestframework", "4.1.0", ">=3.16,<5.0"),
        ("drf-spectacular", "1.2", ">=0.28,<2.0"),
        ("pytest-asyncio", "1.4.0", ">=0.24,<2.0"),
        ("PostgreSQL", "18.1", ">=16,<19"),
    ],
)
def test_a_cap_is_raised_in_its_own_manner(name, version, written):
    """As many numbers as it had, just above the version."""
    change = raised_to(row(name), Version(version))
    assert change.written == written
    assert change.constraint.contains(version)


def test_a_row_that_admits_the_version_stays_as_it_is():
    """Nothing to edit."""
    assert raised_to(row("argon2-cffi"), Version("25.1.0")) is None


@given(
    floor=st.integers(0, 9),
    cap=st.integers(1, 9),
    minor=st.integers(0, 9),
    form=st.sampled_from([">={a},<{b}", ">={a}.{m},<{b}.0", "~={a}.{m}", "=={a}.*", ">={a}.{m},<{a}.{n},!={a}.{m}.1"]),
    version=st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 5)),
)
@settings(max_examples=300, deadline=None)
def test_whatever_the_constraint_the_newest_lies_inside_afterwards(floor, cap, minor, form, version):
    """Raised to a version that is not below the floor, a constraint admits it; uncapped, too."""
    written = form.format(a=floor, b=floor + cap, m=minor, n=minor + 1)
    newest = Version(".".join(map(str, version)))
    one = ROWS[1].__class__("version.x", "x", "x", SpecifierSet(written), "1.2.x", 1)
    change = raised_to(one, newest)

    assert (change is None) == one.constraint.contains(newest)
    assert change is None or change.constraint.contains(newest)
    assert not any(part.operator in {"<", "<=", "~=", "=="} for part in uncapped(one.constraint))
