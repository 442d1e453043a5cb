"""A project of a test's own, seen through the interpreter that runs the tests or through one that a test makes up."""

import sys

import pytest

from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.project import ProjectView

DJANGO = "SECRET_KEY = 'k' * 50\nINSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']\n"


@pytest.fixture
def view(tmp_path):
    """A view on the project in `tmp_path`, with its recorder."""

    def make(python=sys.executable, **project):
        given = {"path": str(tmp_path), "python": str(python), **project}
        data = {"target": {"base_url": "http://127.0.0.1"}, "project": given}
        redactor = Redactor()
        recorder = Recorder(redactor)
        made = ProjectView(parse_descriptor(data, tmp_path / "stackproof.toml"), recorder, redactor)
        return made, recorder

    return make


@pytest.fixture
def settings(tmp_path):
    """Write a settings module of the project and give its name."""

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(DJANGO + text, encoding="utf-8")
        return name

    return write
