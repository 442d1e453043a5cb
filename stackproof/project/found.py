"""Files of a project by their names, found within bounds, and what their names say of their use."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from stackproof.check import not_assessed

ENTRIES_CAP = 100_000  # of all folders together
FOUND_CAP = 200  # files of one kind
DEPTH_CAP = 8  # folders inside folders

_LEFT_OUT = frozenset({"node_modules", "bower_components", "site-packages", "__pycache__"})
_HIDDEN_AND_READ = frozenset({".docker", ".devcontainer"})
_DEVELOPMENT = re.compile(
    r"(?i)(?:^|[/._-])(?:dev|devel|develop|development|devcontainer|local|override|tests?|testing|ci|debug|e2e|examples?|"
    r"docs?|benchmarks?|fixtures?)(?:$|[/._-])"
)
_COMPOSE = re.compile(r"(?i)(docker-)?compose([._-].+)?\.ya?ml")
_PRODUCTION = re.compile(r"(?i)(?:^|[/._-])(?:prod|production|live|deploy|release)(?:$|[/._-])")


def found(root: Path, wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """Paths below the folder, with slashes, of the files whose path is wanted; those near the top come first.

    Hidden folders, environments and folders of others' code are left out, symbolic links are not followed.

    Raises:
        NotAssessed: there are more files than are looked through.
    """
    seen, names, top = 0, [], str(root)
    for folder, below, files in os.walk(top):
        inside = folder[len(top) :].replace(os.sep, "/").strip("/")
        if "pyvenv.cfg" in files:  # a virtual environment, whatever it is called
            below.clear()
            continue
        below[:] = [] if inside.count("/") + 1 >= DEPTH_CAP else sorted(one for one in below if not _left_out(one))
        seen += len(files) + len(below)
        if seen > ENTRIES_CAP:
            not_assessed(f"the project has more than {ENTRIES_CAP} files; name the service's folder in project.path")
        prefix = f"{inside}/" if inside else ""
        names += [path for one in files if wanted(path := prefix + one)]
    if len(names) > FOUND_CAP:
        not_assessed(f"the project has {len(names)} such files, {names[0]} and others; name the service's own folder")
    return tuple(sorted(names, key=lambda one: (one.count("/"), one)))


def _left_out(name: str) -> bool:
    return name.lower() in _LEFT_OUT or (name.startswith(".") and name not in _HIDDEN_AND_READ)


def for_development(path: str) -> bool:
    """Whether a file is for development or tests, by its own name or its folders'."""
    return bool(_DEVELOPMENT.search(path)) and not _PRODUCTION.search(path)


def for_production(path: str) -> bool:
    """Whether a file is for production by its own name or its folders'."""
    return bool(_PRODUCTION.search(path))


def is_dockerfile(path: str) -> bool:
    """`Dockerfile`, `Dockerfile.web`, `web.Dockerfile`, `Containerfile`; no folder's ignore file, no template."""
    name = path.rpartition("/")[2]
    if "file" not in name.lower():
        return False
    if re.search(r"(?i)\.(dockerignore|j2|jinja2?|tmpl|tpl|template|erb|md|rst|txt|py|sh|orig|bak)$", name):
        return False
    return bool(re.fullmatch(r"(?i)(dockerfile|containerfile)([._-].+)?|.+[._-](dockerfile|containerfile)", name))


def is_compose(path: str) -> bool:
    """`compose.yaml`, `docker-compose.prod.yml` and the like."""
    return path.endswith("ml") and bool(_COMPOSE.fullmatch(path.rpartition("/")[2]))
