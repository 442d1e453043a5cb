"""What the tests of project files share."""

import pytest

from stackproof.evidence import Recorder, Redactor


@pytest.fixture
def evidence():
    """An empty recorder."""
    return Recorder(Redactor())
