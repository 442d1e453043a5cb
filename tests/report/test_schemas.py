"""The schemas that are shipped are those of the models."""

import json
from pathlib import Path

import jsonschema
import pytest

from stackproof.commands.schema import What, document_of

ROOT = Path(__file__).parents[2]
SHIPPED = {
    What.REPORT: ROOT / "reports" / "json" / "report.schema.json",
    What.DIFF: ROOT / "reports" / "json" / "diff.schema.json",
    What.MATRIX: ROOT / "reports" / "json" / "matrix.schema.json",
    What.TARGET: ROOT / "docs" / "stackproof.schema.json",
}


@pytest.mark.parametrize("what", list(What))
def test_the_shipped_schema_is_the_models(what):
    """A change of the model without `stackproof schema … > FILE` is noticed here."""
    assert json.loads(SHIPPED[what].read_text()) == document_of(what)


@pytest.mark.parametrize("what", list(What))
def test_the_schema_is_a_schema(what):
    """Draft 2020-12's own meta-schema accepts it."""
    jsonschema.Draft202012Validator.check_schema(document_of(what))


def test_the_reference_services_descriptor_fits_its_schema():
    """An editor that completes by the schema finds nothing wrong with ours."""
    import tomllib

    data = tomllib.loads((ROOT / "sample_app" / "stackproof.toml").read_text())

    jsonschema.validate(data, document_of(What.TARGET))
