"""Findings as a stackproof.toml that explains itself, as a table, and as JSON."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stackproof.descriptor.reading import parse_descriptor
from stackproof.discovery.facts import TABLES, Fact, Findings, Gap
from stackproof.errors import InfrastructureError, UsageError
from stackproof.evidence import printable

LONGEST = 160  # characters of an explanation
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def toml_value(value: Any) -> str:
    """A value as TOML (1.0, basic strings and inline tables)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{toml_value(str(key))} = {toml_value(one)}" for key, one in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(one) for one in value)}]"
    return '"' + "".join(_escaped(one) for one in str(value)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    code = 0xFFFD if 0xD800 <= code <= 0xDFFF else code  # a lone surrogate is no character
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def one_line(text: str, cap: int = LONGEST) -> str:
    """A text for a comment or a cell: one line, nothing invisible, at most `cap` characters."""
    line = " ".join(printable(text.encode("utf-8", "replace").decode()).split())
    return line if len(line) <= cap else f"{line[: cap - 1]}…"


def as_toml(findings: Findings) -> str:
    """The file.

    Raises:
        InfrastructureError: it would not be a descriptor; that is a fault of ours.
    """
    head = [
        f"# Written by: stackproof init {one_line(findings.base_url)}",
        "# Each line says how it is known: seen (used, and it worked), documented (by the service itself) or guessed.",
        "# The account stands in STACKPROOF_USERNAME and STACKPROOF_PASSWORD, never here.",
        "# What to fill in is left as a comment. Next: stackproof doctor",
    ]
    text = "\n".join((*head, *_body(findings))) + "\n"
    try:
        parse_descriptor(tomllib.loads(text), Path("stackproof.toml"))
    except (tomllib.TOMLDecodeError, UsageError) as error:
        message = f"what was found makes no stackproof.toml: {one_line(str(error))}"
        raise InfrastructureError(message, hint="report it; describe the service by hand, docs/target.md") from None
    return text


def _body(findings: Findings) -> Iterator[str]:
    for table in TABLES:
        facts = findings.tables.get(table, {})
        gap = next((one for one in findings.gaps if one.table == table), None)
        off = "# " if table.startswith("auth") and not findings.can_sign_in else ""
        if facts:
            yield f"\n{off}[{table}]"
            for key, fact in facts.items():
                yield f"{off}{key} = {toml_value(fact.value)}  # {fact.sure}: {one_line(fact.why)}"
            if gap:
                yield from _gap(gap)
        elif gap:
            yield f"\n# [{table}]"
            yield from _gap(gap)


def _gap(gap: Gap) -> Iterator[str]:
    yield f"# missing: {one_line(gap.why)}"
    for line in gap.lines:
        yield f"# {one_line(line)}"


def rows(findings: Findings) -> list[tuple[str, str, str, str]]:
    """(what, value, how sure, why) of every line, gaps last."""
    found = [
        (f"{table}.{key}", one_line(toml_value(fact.value)), str(fact.sure), one_line(fact.why))
        for table, key, fact in findings.lines()
    ]
    return found + [(one.table, "", "missing", one_line(one.why)) for one in findings.gaps]


def as_data(findings: Findings, written: str) -> dict[str, Any]:
    """The findings for programs."""
    return {
        "base_url": findings.base_url,
        "written": written,
        "complete": findings.complete,
        "requests": findings.requests,
        "facts": [_fact(table, key, fact) for table, key, fact in findings.lines()],
        "missing": [{"table": one.table, "lines": list(one.lines), "why": one.why} for one in findings.gaps],
        "notes": [one_line(one) for one in findings.notes],
    }


def _fact(table: str, key: str, fact: Fact) -> dict[str, Any]:
    return {"key": f"{table}.{key}", "value": fact.value, "sure": fact.sure, "why": one_line(fact.why)}
