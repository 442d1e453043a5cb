"""What the tests of robustness share."""

import os

import pytest


@pytest.fixture
def foreign_environment():
    """This process's environment with other variables in it, and nothing of the harness's own."""

    def make(variables):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STACKPROOF_")}
        return {**kept, **variables}

    return make
