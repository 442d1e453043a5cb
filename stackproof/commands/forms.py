"""What a comparison or a matrix is written as, and the writers of both."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


class Form(StrEnum):
    """A form for a person, for a pull request, for a program."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


def write(found: BaseModel, form: Form, name: str) -> None:
    """Write it to standard output.

    Args:
        name: of its writers: `reports/markdown/<name>.py` and `reports/terminal/<name>.py`.
    """
    from stackproof.harness import put_tree_on_path
    from stackproof.progress import out

    put_tree_on_path()
    if form is Form.JSON:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    elif form is Form.MARKDOWN:
        sys.stdout.write(import_module(f"reports.markdown.{name}").write(found))
    else:
        import_module(f"reports.terminal.{name}").write(found, out())
