"""`stackproof schema`: JSON Schemas of what goes in and what comes out."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from stackproof.commands.choices import one_of


class What(StrEnum):
    """Which schema."""

    TARGET = "target"
    REPORT = "report"
    DIFF = "diff"
    MATRIX = "matrix"


def schema(
    what: Annotated[
        What,
        typer.Argument(
            help="target: stackproof.toml; report: report.json; diff, matrix: their --format json.",
            **one_of(What, "schema", "schema"),
        ),
    ],
) -> None:
    """Print the JSON Schema of the target descriptor, a report, a comparison or a matrix, for editors and readers.

    \b
    stackproof schema target > stackproof.schema.json
    stackproof schema report
    """
    json.dump(document_of(what), sys.stdout, indent=2)
    sys.stdout.write("\n")


def document_of(what: What) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the descriptor, a report, a comparison or a matrix."""
    from pydantic import BaseModel

    model: type[BaseModel]
    if what is What.TARGET:
        from stackproof.descriptor.model import Descriptor as model  # noqa: N813
    elif what is What.DIFF:
        from stackproof.report.comparison import Comparison as model  # noqa: N813
    elif what is What.MATRIX:
        from stackproof.report.cells import Matrix as model  # noqa: N813
    else:
        from stackproof.report.model import Report as model  # noqa: N813
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
