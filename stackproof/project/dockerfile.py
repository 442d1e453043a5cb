"""Dockerfiles as data: stages, what each stands on, what it copies and starts. Nothing is built.

Read by hand: parsers on PyPI know no here-documents, or one stage alone (docs/images-and-tools.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stackproof.project.substitution import Unresolved, filled

SIZE_CAP = 1024 * 1024  # characters of a file
STAGES_CAP = 200

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$")
_INSTRUCTION = re.compile(r"([A-Za-z]+)(?:\s+(.*))?$", re.DOTALL)
_HEREDOC = re.compile(r"<<(-?)\s*([\"']?)([A-Za-z_][A-Za-z0-9_.]*)\2(?=\s|$)")
_PAIR = re.compile(r"([A-Za-z_][\w.-]*)(?:=((?:\"(?:\\.|[^\"\\])*\"|'[^']*'|\\.|[^\s\"'\\])*))?(?=\s|$)")
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S{0,2000}))?(?:\s+|$)")
_KNOWN = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME "
    "WORKDIR".split()
)
_WITH_HEREDOC = frozenset({"RUN", "COPY", "ADD"})


class DockerfileTrouble(ValueError):
    """The text cannot be read as a Dockerfile; the message has the line."""


@dataclass(frozen=True, slots=True)
class Command:
    """What CMD or ENTRYPOINT say.

    Attributes:
        words: of the exec form; the shell form is one text for `sh -c`.
        for_shell: it is the shell form.
    """

    words: tuple[str, ...]
    for_shell: bool
    line: int

    def __str__(self) -> str:
        return self.words[0] if self.for_shell and self.words else json.dumps(list(self.words), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Copied:
    """A stage, or an image, that files are taken from."""

    source: str
    paths: tuple[str, ...]
    line: int


@dataclass(slots=True)
class Stage:
    """From one FROM to the next.

    Attributes:
        written: the argument of FROM as it stands there.
        base: with its variables filled in; "" where they cannot be, for `trouble`.
        runs: texts of RUN.
        scripts: (names in the project, name in the image) of COPY and ADD without `--from`.
    """

    number: int
    name: str
    written: str
    base: str
    line: int
    trouble: str = ""
    entrypoint: Command | None = None
    cmd: Command | None = None
    copied: list[Copied] = field(default_factory=list)
    scripts: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"stage {self.name or self.number}"


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A file with one stage or more."""

    stages: tuple[Stage, ...]

    def stage(self, name: str, before: int | None = None) -> Stage | None:
        """The stage of that name or number, among those before another one."""
        among = self.stages[:before]
        named = [one for one in among if one.name and one.name == name.lower()]
        return named[-1] if named else next((one for one in among if str(one.number) == name), None)

    def below(self, stage: Stage) -> list[Stage]:
        """The stage and those that it stands on, down to the one that stands on an image."""
        chain = [stage]
        while (under := self._named(chain[-1].base, chain[-1].number)) is not None:
            chain.append(under)
        return chain

    def taken_from(self, stage: Stage) -> list[tuple[Copied, Stage]]:
        """What a stage, and those that it stands on, copy from other stages."""
        found = []
        for one in self.below(stage):
            found += [(copy, source) for copy in one.copied if (source := self.stage(copy.source, one.number))]
        return found

    def start(self, stage: Stage) -> tuple[Command | None, Command | None]:
        """(entry point, command) of a stage; an entry point of its own drops a command that it has from below."""
        entrypoint: Command | None = None
        cmd: Command | None = None
        for one in reversed(self.below(stage)):
            if one.entrypoint is not None:
                entrypoint, cmd = one.entrypoint, None
            cmd = one.cmd if one.cmd is not None else cmd
        return entrypoint, cmd

    def _named(self, base: str, before: int) -> Stage | None:
        return next((one for one in reversed(self.stages[:before]) if one.name and one.name == base.lower()), None)


def read_dockerfile(text: str, arguments: Mapping[str, str] | None = None) -> Dockerfile:
    """Read a Dockerfile.

    Args:
        arguments: of the build (`--build-arg`); they win over the defaults of ARG.

    Raises:
        DockerfileTrouble: it is none, or too large.
    """
    if len(text) > SIZE_CAP:
        raise DockerfileTrouble(f"has more than {SIZE_CAP // 1024} KiB, which is no Dockerfile")
    given = arguments or {}
    before: dict[str, str] = {}  # ARG before the first FROM
    stages: list[Stage] = []
    escape = _escape(text)
    for line, name, rest, documents in _instructions(text, escape):
        if name == "FROM":
            if len(stages) == STAGES_CAP:
                raise DockerfileTrouble(f"line {line}: has more than {STAGES_CAP} stages")
            stages.append(_stage(len(stages), rest, line, before, escape))
            under = Dockerfile(tuple(stages)).below(stages[-1])[1:2]
            stages[-1].variables.update(under[0].variables if under else {})
        elif name == "ARG":
            _argument(rest, before, stages, given, escape)
        elif not stages:
            raise DockerfileTrouble(f"line {line}: {name} stands before the first FROM")
        else:
            _put(stages[-1], name, rest, line, documents, escape)
    if not stages:
        raise DockerfileTrouble("has no FROM")
    return Dockerfile(tuple(stages))


def _escape(text: str) -> str:
    for line in text.splitlines():
        match = _DIRECTIVE.match(line.strip())
        if not match:
            break
        if match[1].lower() == "escape" and match[2] in {"\\", "`"}:
            return match[2]
    return "\\"


def _instructions(text: str, escape: str) -> Iterator[tuple[int, str, str, str]]:
    """(line, instruction, its arguments, bodies of its here-documents)."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        start = at + 1
        parts: list[str] = []
        while at < len(lines):
            row = lines[at].rstrip("\r")
            at += 1
            bare = row.strip()
            if bare.startswith("#") or (not bare and parts):
                continue
            if row.rstrip().endswith(escape):
                parts.append(row.rstrip()[:-1])
                continue
            parts.append(row)
            break
        whole = "".join(parts).strip()
        if not whole:
            continue
        match = _INSTRUCTION.match(whole)
        name = match[1].upper() if match else ""
        if not match or name not in _KNOWN:
            raise DockerfileTrouble(f"line {start}: {whole[:60]!r} is no instruction")
        rest, bodies = match[2] or "", []
        if name in _WITH_HEREDOC:
            for dash, _, word in _HEREDOC.findall(rest):
                body, at = _document(lines, at, word, dashed=bool(dash))
                bodies.append(body)
        yield start, name, rest, "\n".join(bodies)


def _document(lines: list[str], at: int, word: str, *, dashed: bool) -> tuple[str, int]:
    body: list[str] = []
    for number in range(at, len(lines)):
        row = lines[number].rstrip("\r")
        if (row.lstrip("\t") if dashed else row) == word:
            return "\n".join(body), number + 1
        body.append(row)
    raise DockerfileTrouble(f"line {at}: the here-document {word} has no end")


def _stage(number: int, rest: str, line: int, before: Mapping[str, str], escape: str) -> Stage:
    while match := _FLAG.match(rest):
        rest = rest[match.end() :]
    words = rest.split()
    if not words or (len(words) > 1 and (len(words) != 3 or words[1].upper() != "AS")):
        raise DockerfileTrouble(f"line {line}: FROM names no image, or more than one")
    name = words[2].lower() if len(words) == 3 else ""
    written = words[0].strip("\"'")
    try:
        base = filled(written, before, escape=escape)
    except Unresolved as error:
        return Stage(number, name, written, "", line, trouble=str(error))
    return Stage(number, name, written, base, line, trouble="" if base else f"{written} is empty")


def _argument(rest: str, before: dict[str, str], stages: list[Stage], given: Mapping[str, str], escape: str) -> None:
    for name, value in _pairs(rest):
        default = before.get(name) if stages and value is None else value
        into = stages[-1].variables if stages else before
        if name in given:
            into[name] = given[name]
        elif default is not None:
            try:
                into[name] = filled(default, into if stages else before, escape=escape)
            except Unresolved:
                into.pop(name, None)


def _pairs(rest: str) -> Iterator[tuple[str, str | None]]:
    for match in _PAIR.finditer(rest):
        value = match[2]
        if value is not None and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        yield match[1], value


def _put(stage: Stage, name: str, rest: str, line: int, documents: str, escape: str) -> None:
    if name in {"CMD", "ENTRYPOINT"}:
        command = _command(rest, line)
        if name == "CMD":
            stage.cmd = command
        else:
            stage.entrypoint = command
    elif name == "RUN":
        stage.runs.append(f"{rest}\n{documents}")
        stage.copied += [Copied(one, (), line) for one in _mounted(rest)]
    elif name in {"COPY", "ADD"}:
        _copy(stage, rest, line)
    elif name == "ENV":
        pairs = [(key, value) for key, value in _pairs(rest) if value is not None]
        if not pairs and len(words := rest.split(None, 1)) == 2:
            pairs = [(words[0], words[1])]
        for key, value in pairs:
            try:
                stage.variables[key] = filled(value, stage.variables, escape=escape)
            except Unresolved:
                stage.variables.pop(key, None)


def _mounted(rest: str) -> list[str]:
    """Stages that `RUN --mount=from=…` reads from."""
    found = []
    while match := _FLAG.match(rest):
        rest = rest[match.end() :]
        options = (match[2] or "").split(",") if match[1] == "mount" else []
        found += [one.removeprefix("from=").lower() for one in options if one.startswith("from=")]
    return found


def _command(rest: str, line: int) -> Command:
    while match := _FLAG.match(rest):
        rest = rest[match.end() :]
    try:
        words = json.loads(rest)
    except (ValueError, RecursionError):
        words = None
    if isinstance(words, list) and all(isinstance(one, str) for one in words):
        return Command(tuple(words), for_shell=False, line=line)
    return Command((rest.strip(),), for_shell=True, line=line)


def _copy(stage: Stage, rest: str, line: int) -> None:
    source = ""
    while match := _FLAG.match(rest):
        if match[1] == "from":
            source = (match[2] or "").lower()
        rest = rest[match.end() :]
    try:
        words = json.loads(rest)
        words = [str(one) for one in words] if isinstance(words, list) else rest.split()
    except (ValueError, RecursionError):
        words = rest.split()
    if source:
        stage.copied.append(Copied(source, tuple(words[:-1]), line))
    elif len(words) > 1:
        stage.scripts.append((tuple(words[:-1]), words[-1]))
