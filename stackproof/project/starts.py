"""How a project starts its service: Dockerfiles, compose files, a Procfile, units of systemd. Nothing is run."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from stackproof.check import NotAssessed
from stackproof.project.bases import dockerfile_of, services_of, stage_of
from stackproof.project.compose import Build, Service
from stackproof.project.dockerfile import Command, Dockerfile, Stage
from stackproof.project.found import for_development, for_production, found, is_compose, is_dockerfile
from stackproof.project.model import Place
from stackproof.project.programs_started import Script, Started, started_by
from stackproof.project.view import text_of

SCRIPT_CAP = 256 * 1024  # characters
_PROCESS = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
_UVICORN = re.compile(r"uvicorn", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Start:
    """One command by which something of the project is started.

    Attributes:
        what: "CMD of Dockerfile", "service web of compose.yaml".
        written: as it stands there.
        development: the file is for development or tests by its name, or the project's folder is mounted over the code.
        production: the file is for production by its name.
        instead: it takes the place of what an image starts by itself.
    """

    what: str
    place: Place
    written: str
    programs: tuple[Started, ...]
    development: bool = False
    production: bool = False
    instead: bool = False

    @property
    def servers(self) -> tuple[str, ...]:
        """Names of the servers that it may start."""
        return tuple(dict.fromkeys(one.program for one in self.programs if one.serves))

    @property
    def troubles(self) -> tuple[str, ...]:
        """What of it cannot be told."""
        return tuple(dict.fromkeys(one.trouble for one in self.programs if one.trouble))


@dataclass(frozen=True, slots=True)
class Starts:
    """All of a project's.

    Attributes:
        troubles: files that could not be read, and are not for development.
        charts: Helm charts, whose templates are not rendered.
    """

    found: tuple[Start, ...]
    troubles: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()


def read_starts(root: Path) -> Starts:
    """Read every file that says how the service is started.

    Raises:
        NotAssessed: the project has too many files.
    """
    troubles: list[str] = []
    starts: list[Start] = []
    files = found(root, _says_something)
    services = services_of(root, tuple(filter(is_compose, files)), troubles)
    targets: dict[str, Build] = {}
    for service in services:
        if service.build and not service.build.inline and not for_development(service.place.file):
            targets.setdefault(service.build.dockerfile, service.build)
    for file in filter(is_dockerfile, files):
        try:
            build = targets.get(file, Build(file))
            dockerfile = dockerfile_of(root, build)
            starts += _of_dockerfile(root, file, dockerfile, stage_of(dockerfile, build.target))
        except NotAssessed as error:
            if not for_development(file):
                troubles.append(str(error))
    starts += [one for service in services if (one := _of_service(root, service))]
    for file in filter(_is_procfile, files):
        starts += _guarded(_of_procfile, root, file, troubles)
    for file in (one for one in files if one.endswith(".service")):
        starts += _guarded(_of_unit, root, file, troubles)
    charts = tuple(one for one in files if one.rpartition("/")[2] == "Chart.yaml")
    return Starts(tuple(_with_workers(root, one) for one in starts), tuple(troubles), charts)


def _is_procfile(path: str) -> bool:
    return path.rpartition("/")[2].split(".")[0] == "Procfile"


def _says_something(path: str) -> bool:
    return is_compose(path) or is_dockerfile(path) or _is_procfile(path) or path.endswith((".service", "Chart.yaml"))


def _guarded(read: Callable[[Path, str], Iterator[Start]], root: Path, file: str, troubles: list[str]) -> list[Start]:
    try:
        return list(read(root, file))
    except NotAssessed as error:
        if not for_development(file):
            troubles.append(str(error))
        return []


def _start(what: str, place: Place, written: str, programs: list[Started], *, instead: bool = False) -> Start:
    return Start(
        what,
        place,
        written[:300],
        tuple(programs),
        development=for_development(place.file),
        production=for_production(place.file),
        instead=instead,
    )


def _of_dockerfile(root: Path, file: str, dockerfile: Dockerfile, stage: Stage) -> Iterator[Start]:
    entrypoint, command = dockerfile.start(stage)
    if entrypoint is None and command is None:
        return
    programs = started_by(entrypoint, command, stage.variables, _scripts(root, file, dockerfile, stage))
    name = " and ".join(word for word, one in (("ENTRYPOINT", entrypoint), ("CMD", command)) if one is not None)
    written = " ".join(str(one) for one in (entrypoint, command) if one is not None)
    line = (command or entrypoint or Command((), for_shell=False, line=stage.line)).line
    yield _start(f"{name} of {file}", Place(file, line), written, programs)


def _of_service(root: Path, service: Service) -> Start | None:
    """What a service starts in place of its image's own command; None where it leaves that alone."""
    if service.command is None and service.entrypoint is None:
        return None
    entrypoint, command, variables = service.entrypoint, service.command, dict(service.variables)
    script = _scripts(root, service.place.file, None, None)
    if service.build is not None:
        try:
            dockerfile = dockerfile_of(root, service.build)
            stage = stage_of(dockerfile, service.build.target)
        except NotAssessed as error:
            programs = [Started("", trouble=f"{service}: {error}")]
        else:
            own = dockerfile.start(stage)
            entrypoint = entrypoint if entrypoint is not None else own[0]
            script = _scripts(root, service.build.dockerfile, dockerfile, stage)
            programs = started_by(entrypoint, command, {**stage.variables, **variables}, script)
    else:
        programs = [one for one in started_by(entrypoint, command, variables, script) if one.serves]
        if not programs:
            return None
    key, said = ("command", command) if command is not None else ("entrypoint", service.entrypoint)
    place = service.place_of(key, said.line if said is not None else service.place.line)
    written = " ".join(str(one) for one in (service.entrypoint, service.command) if one is not None)
    file = service.place.file  # of the service; what it extends may stand in another one
    return replace(
        _start(str(service), place, written, programs, instead=True),
        development=for_development(file) or (service.sources and not for_production(file)),
        production=for_production(file),
    )


def _of_procfile(root: Path, file: str) -> Iterator[Start]:
    for number, row in enumerate(text_of(root, file)[:SCRIPT_CAP].splitlines(), 1):
        match = _PROCESS.match(row.strip())
        if match:
            command = Command((match[2],), for_shell=True, line=number)
            programs = started_by(None, command, {}, _scripts(root, file, None, None))
            yield _start(f"{match[1]} of {file}", Place(file, number), match[2], programs)


def _of_unit(root: Path, file: str) -> Iterator[Start]:
    rows = text_of(root, file)[:SCRIPT_CAP].split("\n")
    at = 0
    while at < len(rows):
        line, text = at + 1, rows[at].strip()
        at += 1
        while text.endswith("\\") and at < len(rows):
            text = f"{text[:-1]} {rows[at].strip()}"
            at += 1
        if text.startswith("ExecStart="):
            written = text.removeprefix("ExecStart=").lstrip("@-:+!").strip()
            command = Command((written.replace("%", "_"),), for_shell=True, line=line)
            programs = started_by(None, command, {}, _scripts(root, file, None, None))
            yield _start(f"ExecStart of {file}", Place(file, line), written, programs)


def _scripts(root: Path, file: str, dockerfile: Dockerfile | None, stage: Stage | None) -> Script:
    """Looks a script of the image up in the project: by what was copied to it, else by the end of its path."""
    folders = list(dict.fromkeys((posixpath.dirname(file), "")))
    copied = [pair for one in dockerfile.below(stage) for pair in one.scripts] if dockerfile and stage else []

    def text(path: str) -> str | None:
        parts = [one for one in path.split("/") if one not in {"", "."}]
        names = ["/".join(parts[number:]) for number in range(len(parts))]
        for sources, place in copied:
            for source in sources:
                if place.rstrip("/").endswith(parts[-1]) or posixpath.basename(source) == parts[-1]:
                    names.insert(0, source.lstrip("/"))
        for name in names:
            for folder in folders:
                found_one = posixpath.normpath(posixpath.join(folder, name))
                try:
                    if not found_one.startswith("..") and (root / found_one).is_file():
                        return text_of(root, found_one)[:SCRIPT_CAP]
                except (NotAssessed, OSError, ValueError):
                    return None
        return None

    return text


def _with_workers(root: Path, start: Start) -> Start:
    """gunicorn whose workers are another server's is told as such; its settings are read, and never run."""
    programs = []
    for one in start.programs:
        workers = _workers_of(root, one.words) if one.program == "gunicorn" else ""
        trouble = f"gunicorn's workers are {workers[:60]}, so that another server speaks HTTP" if workers else ""
        programs.append(Started("", one.words, trouble) if trouble else one)
    return Start(
        start.what, start.place, start.written, tuple(programs), start.development, start.production, start.instead
    )


def _workers_of(root: Path, words: tuple[str, ...]) -> str:
    """The class of gunicorn's workers, where it is another server's; "" otherwise."""
    given, settings = "", "gunicorn.conf.py"
    for number, word in enumerate(words):
        following = words[number + 1] if number + 1 < len(words) else ""
        name, equals, value = word.partition("=")
        if name in {"-k", "--worker-class"}:
            given = value if equals else following
        elif name in {"-c", "--config"}:
            settings = (value if equals else following).removeprefix("file:")
    if not given:
        given = str(_literals(root, settings).get("worker_class", ""))
    return given if _UVICORN.search(given) or "hypercorn" in given.lower() else ""


def _literals(root: Path, name: str) -> Mapping[str, object]:
    """Names of a Python file that are set to a literal at its top; the file is parsed, not run."""
    try:
        tree = ast.parse(text_of(root, name.lstrip("/"))[:SCRIPT_CAP])
    except (NotAssessed, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found_ones: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found_ones.update({one.id: node.value.value for one in node.targets if isinstance(one, ast.Name)})
    return found_ones
