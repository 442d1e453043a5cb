"""What the tests of project files share: an empty recorder, and projects that a test writes down."""

import pytest

from stackproof.evidence import Recorder, Redactor
from stackproof.project.declared import read_declared
from stackproof.project.uses import Uses


@pytest.fixture
def evidence():
    """An empty recorder."""
    return Recorder(Redactor())


@pytest.fixture
def project(tmp_path):
    """Write files by their names, and give the folder."""

    def write(**files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return write


@pytest.fixture
def declared(project):
    """What a project of these files declares."""

    def read(files, production=(), development=()):
        return read_declared(project(**files), Uses(tuple(production), tuple(development)))

    return read
