"""Projects that a test writes, seen as files."""

from types import SimpleNamespace

from stackproof.evidence import Recorder, Redactor
from stackproof.project.view import ProjectFiles


def written(folder, files, unused=()):
    """The view of a project of these files, by their names."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = SimpleNamespace(path=folder, unused=unused, production=(), development=())
    return ProjectFiles(SimpleNamespace(project=project), Recorder(Redactor()))
