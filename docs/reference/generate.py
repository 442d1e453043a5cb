"""Writes this folder's pages from the code: `python docs/reference/generate.py`; a test holds them against it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from stackproof.cli import _add_commands, app  # noqa: E402
from stackproof.faults import read_faults  # noqa: E402
from stackproof.registry import load_checks  # noqa: E402
from stackproof.remedies import remedy_of  # noqa: E402
from stackproof.spec import read  # noqa: E402
from stackproof.spec.jsonable import describe  # noqa: E402
from stackproof.variations import read_variations  # noqa: E402


def pages() -> dict[str, str]:
    """{file: its text}."""
    return {
        "commands.md": "\n".join(_commands()) + "\n",
        "checks.md": "\n".join(_checks()) + "\n",
        "requirements.md": "\n".join(_requirements()) + "\n",
        "faults.md": "\n".join(_faults()) + "\n",
    }


def _commands() -> Iterator[str]:
    if not app.registered_commands:
        _add_commands()
    group = typer.main.get_command(app)
    yield "# Commands\n\nWritten from the code; `stackproof COMMAND --help` says the same.\n"
    yield from _command(group, "stackproof")


def _command(command: Any, name: str) -> Iterator[str]:
    context = command.context_class(command, info_name=name, terminal_width=100, max_content_width=100)
    if hasattr(command, "list_commands"):
        for word in sorted(command.list_commands(context)):
            inner = command.get_command(context, word)
            if inner is not None:
                yield from _command(inner, f"{name} {word}")
        return
    yield f"## {name}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


def _checks() -> Iterator[str]:
    yield "# Checks\n\nWritten from the code; `stackproof list` and `stackproof explain ID` say the same.\n"
    chapter = ""
    for one in load_checks():
        if chapter != one.id.partition("/")[0]:
            chapter = one.id.partition("/")[0]
            yield f"## {chapter}\n\n| check | what it verifies | needs | is |\n| --- | --- | --- | --- |"
        what = ["writes"] if one.check.writes else []
        what += ["a drill"] if one.check.drill else []
        what += ["supplementary"] if one.check.supplementary else []
        ids = ", ".join(f"`{pattern}`" for pattern in one.check.patterns)
        needs = ", ".join(sorted(one.check.needs))
        yield f"| `{one.id.partition('/')[2]}`: {_cell(one.check.title)} | {ids} | {needs} | {', '.join(what)} |"


def _requirements() -> Iterator[str]:
    specification = read(ROOT / "spec" / "tech-stack.md")
    yield "# Requirements of the reference specification\n"
    yield "Written from `spec/`; `stackproof spec list` says the same.\n"
    yield "| requirement | demands | words | what to change |\n| --- | --- | --- | --- |"
    for one in specification.requirements:
        remedy = remedy_of(one.id)
        told = _cell(remedy.text) if remedy else ""
        yield f"| `{one.id}` | {_cell(describe(one.value))} | {_cell(one.text)} | {told} |"
    yield "\n## Derived from public standards\n\n| requirement | demands | source |\n| --- | --- | --- |"
    for one in specification.derived:
        yield f"| `{one.id}` | {_cell(one.text)} | {_cell(one.source or '')} |"


def _faults() -> Iterator[str]:
    app_folder = ROOT / "sample_app"
    yield "# Faults\n"
    yield "Ways in which `stackproof prove` breaks the reference service, and the checks that must notice.\n"
    yield "| fault | what is wrong | noticed by |\n| --- | --- | --- |"
    for one in read_faults(app_folder):
        yield f"| `{one.name}` | {_cell(one.summary)} | {', '.join(f'`{check}`' for check in one.notices)} |"
    yield "\n## Conforming variations\n\nOn these no check may raise an alarm.\n"
    yield "| variation | what is otherwise |\n| --- | --- |"
    for variation in read_variations(app_folder):
        yield f"| `{variation.name}` | {_cell(variation.summary)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    for file, text in pages().items():
        (HERE / file).write_text(text, encoding="utf-8")
