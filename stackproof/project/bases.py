"""Which images a project's Dockerfiles and compose files stand on, and which of them are about a component."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.specifiers import SpecifierSet

from stackproof.check import NotAssessed
from stackproof.project.compose import Build, Service, read_compose
from stackproof.project.dockerfile import Dockerfile, DockerfileTrouble, Stage, read_dockerfile
from stackproof.project.found import for_development, for_production, found, is_compose, is_dockerfile
from stackproof.project.model import Place
from stackproof.project.references import Kept, Reference, inside, keeps
from stackproof.project.view import text_of

_STARTS = re.compile(
    r"(?:^|[\s\"'/&|;\[])(?:manage\.py|daphne|gunicorn|uvicorn|celery|hypercorn|uwsgi|django-admin|python[\d.]*|uv|"
    r"poetry|pipenv)(?:$|[\s\"'&|;,])"
)
_INSTALLS = re.compile(
    r"(?:^|[\s/&|;])(?:pip[\d.]* install|uv (?:sync|pip)|poetry install|pdm (?:install|sync)|pipenv (?:install|sync))\b"
)
_ENVIRONMENT = re.compile(r"venv|site-packages|/usr/local(?:/lib(?:/python[\d.]*)?)?/?$|/root/\.local|/install|/wheels")
_LIKE = {
    "python": re.compile(r"python"),
    "postgres": re.compile(r"postgres(?:ql)?|postgis|timescaledb|pgvector|citus"),
    "redis": re.compile(r"redis|valkey|keydb|dragonfly"),
}
_TOOL = re.compile(
    r"exporter|commander|insight|admin|backup|bouncer|proxy|operator|sentinel-ui|-ui$|gui|operations|init"
)
_WORKS = re.compile(r"(?i)prod|production|runtime|release|final|deploy|app|web|server|run")
_EARLIER = re.compile(
    r"(?i)(?:^|[-_.])(?:dev|devel|development|tests?|testing|lint|debug|docs?|ci|build|builder)(?:$|[-_.])"
)


@dataclass(frozen=True, slots=True)
class Base:
    """An image that something of the project stands on.

    Attributes:
        what: "the final stage of Dockerfile", "service db of compose.yaml".
        written: as it stands there.
        reference: None where it cannot be told, for `trouble`.
        development: the file is for development or tests, by its name or by what it mounts.
        python: what stands on it runs Python.
        copied: (what was copied, from which stage's image) of environments that come from another image.
    """

    what: str
    place: Place
    written: str
    reference: Reference | None
    trouble: str = ""
    development: bool = False
    python: bool = False
    copied: tuple[tuple[str, Reference], ...] = ()

    def __str__(self) -> str:
        return f"{self.what} ({self.place}) is on {self.reference or self.written}"

    def is_image(self, name: str) -> bool:
        """Whether it is the official image of that name, on Docker Hub or a mirror."""
        return self.reference is not None and self.reference.is_image(name)

    def keeps(self, wanted: str) -> tuple[Kept, str]:
        """Whether it is the image that a document names, or a more specific tag of it; and why not."""
        if self.reference is None:
            return Kept.UNKNOWN, self.trouble
        asked = Reference.parse(wanted)
        if self.reference.is_image(asked.path):
            return keeps(asked, self.reference)
        if self.reference.official:
            return Kept.NO, f"the image is {self.reference.path}, not {asked.path}"
        why = f"{self.reference.path} is not the official {asked.path}, and whether it is built on it cannot be told"
        return Kept.UNKNOWN, why

    def taken_otherwise(self, wanted: str) -> list[str]:
        """Environments that come from the same image of another release, each as a sentence."""
        asked = Reference.parse(wanted)
        return [
            f"{self.what} takes its environment from {stage}, which is on {one}: {why}"
            for stage, one in self.copied
            for kept, why in (keeps(asked, one),)
            if kept is Kept.NO and asked.release.split(".") != one.release.split(".")[: asked.release.count(".") + 1]
        ]

    def release_inside(self, constraint: SpecifierSet) -> bool | None:
        """Whether the release that the tag names is inside; None where the tag does not tell."""
        return inside(self.reference.release, constraint) if self.reference and self.reference.release else None


@dataclass(slots=True)
class Images:
    """All of a project's.

    Attributes:
        pinned: every reference with a digest, of any stage.
        troubles: files that are not for development and could not be read.
        charts: Helm charts, whose templates are not rendered.
    """

    bases: list[Base] = field(default_factory=list)
    pinned: list[tuple[Reference, Place]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)

    def about(self, wanted: str) -> list[Base]:
        """Those that are the image of a reference, or stand in its place; of development only without others."""
        name = Reference.parse(wanted).path
        among = [one for one in self.bases if _is_about(one, name)]
        return [one for one in among if not one.development] or among

    def ambiguous(self, wanted: str) -> list[str]:
        """Digests of that image that stand behind tags of different releases: one of the tags tells a lie."""
        asked = Reference.parse(wanted).path
        found: dict[str, dict[str, str]] = {}
        for one, place in self.pinned:
            if one.is_image(asked) and one.release:
                line = ".".join(one.release.split(".")[:2])
                found.setdefault(one.digest, {}).setdefault(line, f"{one.path}:{one.tag} ({place})")
        return [
            f"{digest[:19]}… is {' and '.join(tags.values())}"
            for digest, tags in found.items()
            if any(not _same_line(one, two) for one in tags for two in tags)
        ]


def _same_line(one: str, two: str) -> bool:
    """Whether one of two releases may be the other, more or less exactly."""
    left, right = one.split("."), two.split(".")
    return all(a == b for a, b in zip(left, right, strict=False))


def _like(name: str) -> re.Pattern[str]:
    return _LIKE.get(name) or re.compile(re.escape(name))


def _is_about(base: Base, name: str) -> bool:
    if base.reference is None:
        return bool(_like(name).search(f"{base.written} {base.what}".lower())) or (name == "python" and base.python)
    if base.reference.is_image(name):
        return True
    if name == "python":
        return base.python
    last = base.reference.path.rpartition("/")[2]
    return bool(_like(name).match(last)) and not _TOOL.search(last)


def read_images(root: Path) -> Images:
    """Read every Dockerfile and compose file of a project.

    Raises:
        NotAssessed: the project has too many files.
    """
    images = Images()
    files = found(root, lambda path: is_compose(path) or is_dockerfile(path) or path.endswith("Chart.yaml"))
    composes, dockerfiles = tuple(filter(is_compose, files)), tuple(filter(is_dockerfile, files))
    images.charts += [one for one in files if one.rpartition("/")[2] == "Chart.yaml"]
    services = services_of(root, composes, images.troubles)
    built: set[str] = set()
    mounted = {one.place.file for one in services if one.sources and not for_production(one.place.file)}
    for service in services:
        development = for_development(service.place.file) or service.place.file in mounted
        if service.build is None:
            if service.written:
                images.bases.append(_of_service(service, development))
                reference = images.bases[-1].reference
                images.pinned += [(reference, images.bases[-1].place)] if reference and reference.digest else []
            continue
        if not development:
            built.add(service.build.dockerfile)
        _add(images, root, service.build, f"{service}", service.place, development)
    for file in dockerfiles:
        if file not in built:
            _add(images, root, Build(file), "", Place(file), for_development(file))
    images.bases = list(dict.fromkeys(images.bases))
    return images


def services_of(root: Path, composes: tuple[str, ...], troubles: list[str]) -> list[Service]:
    """Services of all compose files; a file that cannot be read is told in `troubles`, unless it is for development."""
    services: dict[tuple[Place, str], Service] = {}
    for file in composes:
        try:
            services |= {(one.place, one.name): one for one in read_compose(root, file)}
        except NotAssessed as error:
            if not for_development(file):
                troubles.append(str(error))
    return list(services.values())


def _of_service(service: Service, development: bool) -> Base:
    place = service.place_of("image", service.image_line)
    try:
        reference, trouble = (Reference.parse(service.image), "") if service.image else (None, service.trouble)
    except ValueError as error:
        reference, trouble = None, str(error)
    return Base(str(service), place, service.written[:200], reference, trouble, development)


def _add(images: Images, root: Path, build: Build, by: str, place: Place, development: bool) -> None:
    try:
        dockerfile = dockerfile_of(root, build)
        stage = stage_of(dockerfile, build.target)
    except NotAssessed as error:
        what = by or build.dockerfile
        if not development:
            images.bases.append(Base(what, place, build.dockerfile or what, None, str(error), python=True))
        return
    file = build.dockerfile if not build.inline else place.file
    what = f"{'the final stage' if stage is dockerfile.stages[-1] else str(stage)} of {file}"
    offset = place.line if build.inline else 0
    base = _of_stage(dockerfile, stage, what, file, offset)
    for one in dockerfile.stages:
        reference = _reference(one)[0]
        if reference is not None and reference.digest:
            images.pinned.append((reference, Place(file, one.line + offset)))
    images.bases.append(replace(base, development=development or for_development(file)))


def dockerfile_of(root: Path, build: Build) -> Dockerfile:
    """The Dockerfile of a build.

    Raises:
        NotAssessed: it cannot be read; the reason names file and line.
    """
    if build.trouble:
        raise NotAssessed(build.trouble)
    try:
        return read_dockerfile(build.inline or text_of(root, build.dockerfile), build.arguments)
    except DockerfileTrouble as error:
        raise NotAssessed(f"{build.dockerfile}: {error}") from None


def stage_of(dockerfile: Dockerfile, target: str) -> Stage:
    """The stage that is built: the named one, else the last, unless its name says that it is another's.

    Raises:
        NotAssessed: there is no such stage, or which one is meant cannot be told.
    """
    if target:
        named = dockerfile.stage(target)
        if named is None:
            raise NotAssessed(f"there is no stage {target[:60]}")
        return named
    last = dockerfile.stages[-1]
    if not last.name or not _EARLIER.search(last.name) or len(dockerfile.stages) == 1:
        return last
    likely = [one for one in dockerfile.stages if one.name and for_production(one.name)]
    if len(likely) == 1:
        return likely[0]
    raise NotAssessed(f"the last stage is called {last.name}, and which one runs in production cannot be told")


def _of_stage(dockerfile: Dockerfile, stage: Stage, what: str, file: str, offset: int) -> Base:
    chain = dockerfile.below(stage)
    lowest = chain[-1]
    taken = dockerfile.taken_from(stage)
    copied = []
    python = _runs_python(dockerfile, stage)
    for copy, source in taken:
        under = _reference(dockerfile.below(source)[-1])[0]
        if under is not None and under.is_image("python"):
            python = True
            if any(_ENVIRONMENT.search(path) for path in copy.paths):
                copied.append((str(source), under))
    reference, trouble = _reference(lowest)
    return Base(
        what, Place(file, lowest.line + offset), lowest.written[:200], reference, trouble, False, python, tuple(copied)
    )


def _runs_python(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a stage starts Python, or installs packages of it and does not start something else."""
    commands = [one for one in dockerfile.start(stage) if one is not None]
    written = " ".join(str(one) for one in commands)
    if _STARTS.search(written):
        return True
    installs = any(_INSTALLS.search(text) for one in dockerfile.below(stage) for text in one.runs)
    return installs and (not commands or ".sh" in written or "entrypoint" in written)


def _reference(stage: Stage) -> tuple[Reference | None, str]:
    if not stage.base:
        return None, stage.trouble
    try:
        return Reference.parse(stage.base), ""
    except ValueError as error:
        return None, str(error)
