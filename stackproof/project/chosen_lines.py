"""Which release lines a project's files choose: by its lock, its images, and the interpreter that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackproof.check import NotAssessed, not_applicable, not_assessed
from stackproof.project.model import Place
from stackproof.project.view import text_of

if TYPE_CHECKING:
    from stackproof.project.bases import Base
    from stackproof.project.view import ProjectFiles
    from stackproof.target.project import ProjectView

PINS = (".python-version", "runtime.txt")
_PINNED = re.compile(r"\s*(?:cpython[-@]|python-)?(?P<version>3\.\d{1,3}(?:\.\d{1,3})?)\s*", re.IGNORECASE)
_PRODUCTS = {  # images of other publishers whose tags are the releases of a product
    "valkey/valkey": "valkey",
    "eqalpha/keydb": "keydb",
    "dragonflydb/dragonfly": "dragonfly",
    "bitnami/redis": "redis",
    "bitnami/valkey": "valkey",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A release that a file chooses.

    Attributes:
        version: "5.2.19", or as far as the file tells: "3.12".
        where: the file and its line, for a sentence.
        product: of an image, "" elsewhere.
    """

    version: str
    where: str
    product: str = ""


def unless_django_is_unused(place: ProjectFiles | ProjectView) -> None:
    """End the check where the descriptor says that the service does not use Django.

    Raises:
        NotApplicable: it does.
    """
    if "version.django" in place.unused:
        not_applicable("project.unused says that the service does not use Django (version.django)")


def django_lines(files: ProjectFiles) -> list[Line]:
    """Django as the locks take it.

    Raises:
        NotAssessed: there is no lock, or it takes no Django.
        NotApplicable: likewise, and the descriptor says that the service does not use it.
    """
    found: dict[str, Line] = {}
    for one in (one for lock in files.locks() for one in lock.of("django")):
        found.setdefault(one.version, Line(one.version, str(one.place)))
    if not found:
        unless_django_is_unused(files)
        not_assessed("no lock of the project takes django")
    return list(found.values())


def python_lines(files: ProjectFiles) -> list[Line]:
    """Python as the images have it, and as files for tools name it; a range that is declared chooses none.

    Raises:
        NotAssessed: nothing chooses a Python, or an image does not tell its own.
    """
    found = _of_images(files, "python")
    for name in PINS:
        try:
            text = text_of(files.root, name)
        except NotAssessed:
            continue
        for number, line in enumerate(text.splitlines()[:20], 1):
            match = _PINNED.fullmatch(line)
            if match:
                found.append(Line(match["version"], str(Place(name, number))))
    if not found:
        not_assessed("neither an image nor .python-version chooses a Python; a declared range chooses none")
    return found


def postgresql_lines(files: ProjectFiles) -> list[Line]:
    """PostgreSQL as the images have it.

    Raises:
        NotAssessed: there is no such image, or one does not tell its release.
    """
    found = _of_images(files, "postgres")
    if not found:
        not_assessed("no compose file or Dockerfile of the project names an image of PostgreSQL")
    return found


def redis_lines(files: ProjectFiles) -> list[Line]:
    """Redis, or what stands in its place, as the images have it.

    Raises:
        NotAssessed: there is no such image, or one does not tell its product and release.
    """
    found = _of_images(files, "redis")
    if not found:
        not_assessed("no compose file or Dockerfile of the project names an image of Redis")
    return found


def _of_images(files: ProjectFiles, name: str) -> list[Line]:
    images = files.images()
    among = images.about(name)
    if among and all(one.development for one in among):
        not_assessed(
            f"only files for development name such an image ({among[0].place}), and they choose nothing for others"
        )
    if images.troubles and among:
        not_assessed("; ".join(images.troubles))
    untold = [f"{one}: {one.trouble or 'its tag names no release'}" for one in among if not _release(one)]
    if untold:
        not_assessed("; ".join(untold)[:600])
    strangers = [f"{one}: whose release that is cannot be told" for one in among if not _product(one, name)]
    if strangers:
        not_assessed("; ".join(strangers)[:600])
    return [Line(_release(one), f"{one.what}, {one.place}", _product(one, name)) for one in among]


def _release(base: Base) -> str:
    return base.reference.release if base.reference else ""


def _product(base: Base, name: str) -> str:
    """What an image is: the official one, or one that stands in the place of Redis; "" for anybody else's."""
    if base.is_image(name):
        return name
    return _PRODUCTS.get(base.reference.path, "") if base.reference and name == "redis" else ""
