"""Documents to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof.spec import Requirement, Specification, read

REFERENCE = Path(__file__).parents[2] / "spec" / "tech-stack.md"

TABLE = """# Stack

| Component | Version | Constraint | Support Until | Rationale |
|---|---|---|---|---|
| Django | 5.2.x LTS | `>=5.2,<5.3` | Apr 2028 | Long support |
"""


@pytest.fixture(scope="session")
def reference() -> str:
    """The text of our own edition."""
    return REFERENCE.read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a document and give its path."""

    def _write(text: str | bytes, name: str = "spec.md") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


@pytest.fixture
def parse(write: Callable[..., Path]) -> Callable[[str], Specification]:
    """Read a text as a specification."""
    return lambda text: read(write(text))


@pytest.fixture
def clause(parse: Callable[[str], Specification]) -> Callable[[str, str], list[Requirement]]:
    """The requirements of one bullet under one heading, beside a table."""

    def _clause(chapter: str, bullet: str) -> list[Requirement]:
        found = parse(f"{TABLE}\n## {chapter}\n\n{bullet}\n").requirements
        return [one for one in found if one.chapter.startswith(chapter)]

    return _clause


@pytest.fixture
def with_table() -> Callable[[str], str]:
    """A document that has a table and then the given text."""
    return lambda text: f"{TABLE}\n{text}\n"


@pytest.fixture
def edited(reference: str) -> Callable[..., str]:
    """Our own edition with one passage replaced; the passage must be there once."""

    def _edited(old: str, new: str) -> str:
        assert reference.count(old) == 1, old
        return reference.replace(old, new)

    return _edited
