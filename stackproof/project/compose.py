"""Compose files as data: what each service is built from, which image it runs and what it starts."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stackproof.check import NotAssessed
from stackproof.project.dockerfile import Command
from stackproof.project.model import Place
from stackproof.project.substitution import Unresolved, filled
from stackproof.project.view import text_of
from stackproof.yaml_text import YamlTrouble, key_line, line_of, read_yaml

SIZE_CAP = 2 * 1024 * 1024  # characters of a file
FILES_CAP = 50  # files that one leads to
EXTENDS_CAP = 20  # services that one extends

_FETCHED = re.compile(r"[a-z+]+://|git@|github\.com/")
_ENV_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Build:
    """How a service's image is built.

    Attributes:
        dockerfile: its path in the project.
        inline: the text of the Dockerfile where the compose file has it itself.
        trouble: why it cannot be told which Dockerfile is meant.
    """

    dockerfile: str
    target: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    inline: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a compose file.

    Attributes:
        image: with its variables filled in; "" where there is none, or where `trouble` says why not.
        written: the image as it stands there.
        sources: it mounts a folder of the project over its code, as one does while developing.
        variables: of the compose file, by which its commands are filled in.
        extended: key -> the file that says it, of what another file's service says that this one extends.
    """

    name: str
    place: Place
    image: str = ""
    written: str = ""
    image_line: int = 0
    trouble: str = ""
    build: Build | None = None
    command: Command | None = None
    entrypoint: Command | None = None
    profiles: tuple[str, ...] = ()
    sources: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    extended: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"service {self.name} of {self.place.file}"

    def place_of(self, key: str, line: int) -> Place:
        """The line of a key of the service, in the file that says it."""
        return Place(self.extended.get(key, self.place.file), line)


class _Reader:
    """Reads one file and those that it leads to; each once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._documents: dict[str, dict[str, Any]] = {}

    def document(self, file: str) -> dict[str, Any]:
        """The mapping that a file holds.

        Raises:
            NotAssessed: it cannot be read, or is no compose file.
        """
        if file not in self._documents:
            if len(self._documents) >= FILES_CAP:
                raise NotAssessed(f"{file}: compose files lead to more than {FILES_CAP} others")
            text = text_of(self._root, file)
            if len(text) > SIZE_CAP:
                raise NotAssessed(f"{file}: has more than {SIZE_CAP // 1024**2} MiB, and is not read as a compose file")
            try:
                data = read_yaml(text, composing=True)
            except YamlTrouble as error:
                raise NotAssessed(f"{file}: is no YAML that can be read: {error}") from None
            if not isinstance(data, dict) or not isinstance(data.get("services", {}), dict):
                raise NotAssessed(f"{file}: is no compose file: it has no mapping of services")
            self._documents[file] = data
        return self._documents[file]

    def described(
        self, file: str, name: str, above: tuple[tuple[str, str], ...] = ()
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """A service's mapping with what it extends; and which other file says what of it."""
        if (file, name) in above or len(above) >= EXTENDS_CAP:
            raise NotAssessed(f"{file}: service {name} extends itself, or too many others")
        services = self.document(file).get("services") or {}
        own = services.get(name)
        if not isinstance(own, dict):
            raise NotAssessed(f"{file}: has no service {name}, or it is no mapping")
        extended = own.get("extends")
        if not extended:
            return own, {}
        where = {"service": extended} if isinstance(extended, str) else extended
        if not isinstance(where, dict) or not isinstance(where.get("service"), str):
            raise NotAssessed(f"{file}:{line_of(extended, key_line(own, 'extends'))}: extends names no service")
        other = _beside(file, str(where["file"])) if where.get("file") else file
        base, said = self.described(other, str(where["service"]), (*above, (file, name)))
        said = {key: said.get(key, other) for key in base if key not in own and said.get(key, other) != file}
        merged = {**base, **own}
        under, over = _seen_from(file, other, base.get("build")), own.get("build")
        if under and (over or "build" not in own):
            merged["build"] = {**under, **(over if isinstance(over, dict) else {"context": over} if over else {})}
        return merged, said

    def included(self, file: str) -> list[str]:
        """Files that a file includes."""
        given = self.document(file).get("include")
        found: list[str] = []
        for one in given if isinstance(given, list) else ():
            path = one.get("path") if isinstance(one, dict) else one
            found += [_beside(file, str(name)) for name in (path if isinstance(path, list) else [path]) if name]
        return found


def read_compose(root: Path, file: str) -> list[Service]:
    """The services of a compose file, and of those that it includes.

    Raises:
        NotAssessed: it cannot be read; the reason names file and line.
    """
    reader, todo, seen, services = _Reader(root), [file], set[str](), []
    while todo:
        current = todo.pop(0)
        if current in seen:
            continue
        seen.add(current)
        named = reader.document(current).get("services") or {}
        variables = _variables(root, current)
        for name, own in named.items():
            if own is None:  # taken back (`!reset`)
                continue
            described, said = reader.described(current, name)
            services.append(_service(str(name), Place(current, line_of(name)), described, variables, said))
        todo += reader.included(current)
    return services


def _seen_from(file: str, other: str, build: Any) -> dict[str, Any]:
    """A build of another file's service; its folder as it is seen from the file that extends it."""
    table = {"context": build} if isinstance(build, str) else build
    if not isinstance(table, dict):
        return {}
    context = str(table.get("context") or ".")
    if file == other or context.startswith(("/", "$")) or _FETCHED.match(context):
        return table
    return {**table, "context": posixpath.relpath(_beside(other, context), posixpath.dirname(file) or ".")}


def _service(
    name: str, place: Place, given: dict[str, Any], variables: Mapping[str, str], extended: Mapping[str, str]
) -> Service:
    written = given.get("image")
    image, trouble = "", ""
    if isinstance(written, str) and written.strip():
        try:
            image = filled(written, variables).strip()
            trouble = "" if image else "it is empty"
        except Unresolved as error:
            trouble = str(error)
    return Service(
        name,
        place,
        image=image,
        written=str(written or ""),
        image_line=line_of(written, place.line),
        trouble=trouble,
        build=_build(place.file, given.get("build"), variables),
        command=_command(given, "command", place.line),
        entrypoint=_command(given, "entrypoint", place.line),
        profiles=tuple(str(one) for one in given["profiles"]) if isinstance(given.get("profiles"), list) else (),
        sources=_mounts_sources(given.get("volumes")),
        variables=variables,
        extended=extended,
    )


def _build(file: str, given: Any, variables: Mapping[str, str]) -> Build | None:
    if not given:
        return None
    table = {"context": given} if isinstance(given, str) else given
    if not isinstance(table, dict):
        return Build("", trouble="build is neither a folder nor a mapping")
    try:
        context = filled(str(table.get("context") or "."), variables)
        name = filled(str(table.get("dockerfile") or "Dockerfile"), variables)
        target = filled(str(table.get("target") or ""), variables)
    except Unresolved as error:
        return Build("", trouble=str(error))
    if _FETCHED.match(context):
        return Build("", trouble=f"it is built from {context[:80]}, which is not fetched")
    inline = str(table.get("dockerfile_inline") or "").replace("$$", "$")
    arguments = _arguments(table.get("args"), variables)
    return Build(_beside(file, posixpath.join(context, name)), target, arguments, inline)


def _arguments(given: Any, variables: Mapping[str, str]) -> dict[str, str]:
    pairs: list[tuple[str, Any]] = []
    if isinstance(given, dict):
        pairs = [(str(name), value) for name, value in given.items()]
    elif isinstance(given, list):
        pairs = [
            (name, value if equals else None) for name, equals, value in (str(one).partition("=") for one in given)
        ]
    found = {}
    for name, value in pairs:
        if value is None:  # taken from the environment of whoever builds
            if name in variables:
                found[name] = variables[name]
            continue
        try:
            found[name] = filled(str(value), variables)
        except Unresolved:
            found[name] = "$"  # no image has such a tag: what depends on it is told as unknown
    return found


def _command(given: dict[str, Any], key: str, line: int) -> Command | None:
    value = given.get(key)
    if value is None:
        return None
    at = line_of(value, key_line(given, key, line))
    if isinstance(value, list):
        return Command(tuple(str(one) for one in value), for_shell=False, line=at)
    try:
        return Command(tuple(shlex.split(str(value))), for_shell=False, line=at)
    except ValueError:
        return Command((str(value),), for_shell=True, line=at)


def _mounts_sources(volumes: Any) -> bool:
    for one in volumes if isinstance(volumes, list) else ():
        source = one.get("source") if isinstance(one, dict) else str(one).partition(":")[0]
        if str(source).rstrip("/") in {".", "..", "./src", "./app", "./backend", "$PWD", "${PWD}"}:
            return True
    return False


def _variables(root: Path, file: str) -> dict[str, str]:
    """`.env` beside the file; an environment may say otherwise where the services are run."""
    name = _beside(file, ".env")
    if not (root / name).is_file():
        return {}
    found: dict[str, str] = {}
    for row in text_of(root, name).splitlines():
        match = None if row.lstrip().startswith("#") else _ENV_LINE.match(row)
        if not match:
            continue
        value = match[2]
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        else:
            value = re.split(r"\s+#", value, maxsplit=1)[0]
        found[match[1]] = value
    return found


def _beside(file: str, name: str) -> str:
    """A path that a file names, as a path of the project."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), name))
