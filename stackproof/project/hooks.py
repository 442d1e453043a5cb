"""The hooks that pre-commit runs, from `.pre-commit-config.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from stackproof.check import NotAssessed
from stackproof.project.dockerfile import Command
from stackproof.project.model import Place
from stackproof.project.programs_started import started_by
from stackproof.project.view import is_there, text_of
from stackproof.yaml_text import YamlTrouble, line_of, read_yaml

NAMES = (".pre-commit-config.yaml", ".pre-commit-config.yml")
SIZE_CAP = 1024 * 1024  # characters
HOOKS_CAP = 500

_OF_ID = {
    "ruff-check": "ruff",
    "ruff-format": "ruff",
    "black-jupyter": "black",
    "black": "black",
    "flake8": "flake8",
    "isort": "isort",
}
_REVISION = re.compile(r"v?\d+(?:\.\d+)+(?:[-._]?(?:a|b|rc|alpha|beta|post)[-._]?\d*)?")
_FROZEN = re.compile(r"#\s*(?:frozen:\s*)?(v?\d+(?:\.\d+)+\S*)")


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook.

    Attributes:
        tool: the program that it runs: "ruff", "black"; "" where it cannot be told.
        words: of its command where it is a local one, else its id.
        local: it runs what the project's own environment has.
        repository: of a hook of others.
        release: that its revision names; "" where it names none.
        revision: as it stands there.
        additional: exact versions of packages that its environment gets besides, by normalised name.
        by_hand: it runs only when somebody asks for it.
    """

    id: str
    tool: str
    place: Place
    words: tuple[str, ...] = ()
    local: bool = False
    repository: str = ""
    revision: str = ""
    release: str = ""
    additional: tuple[tuple[str, str], ...] = ()
    by_hand: bool = False

    def __str__(self) -> str:
        return f"the hook {self.id} ({self.place})"

    @property
    def formats(self) -> bool:
        """Whether it formats with ruff."""
        return self.id == "ruff-format" or self.words[:2] == ("ruff", "format")


def read_hooks(root: Path) -> list[Hook] | None:
    """The hooks of a project; None where it has no such file.

    Raises:
        NotAssessed: the file cannot be read; the reason names file and line.
    """
    name = next((one for one in NAMES if is_there(root, one)), None)
    if name is None:
        return None
    text = text_of(root, name)
    if len(text) > SIZE_CAP:
        raise NotAssessed(f"{name}: has more than {SIZE_CAP // 1024} KiB, and is not read")
    try:
        data = read_yaml(text)
    except YamlTrouble as error:
        raise NotAssessed(f"{name}: is no YAML that can be read: {error}") from None
    repositories = data.get("repos") if isinstance(data, dict) else None
    if not isinstance(repositories, list):
        raise NotAssessed(f"{name}: has no list of repos")
    found: list[Hook] = []
    for repository in repositories:
        hooks = repository.get("hooks") if isinstance(repository, dict) else None
        if not isinstance(hooks, list):
            raise NotAssessed(f"{name}: a repository has no list of hooks")
        found += [_hook(name, text, repository, one) for one in hooks if isinstance(one, dict) and one.get("id")]
        if len(found) > HOOKS_CAP:
            raise NotAssessed(f"{name}: has more than {HOOKS_CAP} hooks")
    return found


def _hook(file: str, text: str, repository: dict[str, Any], given: dict[str, Any]) -> Hook:
    where, name = str(repository.get("repo") or ""), str(given["id"])
    place = Place(file, line_of(given["id"]))
    by_hand = given.get("stages") == ["manual"]
    if where in {"local", "meta"}:
        words = _words(str(given.get("entry") or ""), given.get("args"))
        own = str(given.get("language") or "") not in {"system", "script", "unsupported", "unsupported_script"}
        additional = _additional(given)
        tool = words[0] if words else ""
        release = dict(additional).get(tool, "") if own else ""
        return Hook(name, tool, place, words, not own, "", "", release, additional, by_hand)
    revision = repository.get("rev")
    return Hook(
        name,
        _OF_ID.get(name, name),
        place,
        (name,),
        repository=where[:200],
        revision=str(revision or "")[:80],
        release=_release(revision, text),
        additional=_additional(given),
        by_hand=by_hand,
    )


def _words(entry: str, arguments: Any) -> tuple[str, ...]:
    """The command of a local hook, without what runs it (`uv run`, `python -m`)."""
    programs = started_by(None, Command((entry,), for_shell=True, line=0), {}, lambda _: None)
    last = next((one for one in reversed(programs) if one.program), None)
    more = tuple(str(one) for one in arguments) if isinstance(arguments, list) else ()
    return (last.program, *last.words[1:], *more) if last else ()


def _release(revision: Any, text: str) -> str:
    """The release that a revision names by itself, or in the comment that pre-commit leaves when it freezes one."""
    written = str(revision or "")
    if not _REVISION.fullmatch(written):
        rows = text.splitlines()
        number = line_of(revision)
        comment = _FROZEN.search(rows[number - 1].partition(written)[2]) if 0 < number <= len(rows) else None
        if not re.fullmatch(r"[0-9a-f]{7,40}", written) or comment is None:
            return ""
        written = comment[1]
    try:
        return str(Version(written))
    except InvalidVersion:
        return ""


def _additional(given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found = []
    listed = given.get("additional_dependencies")
    for one in listed if isinstance(listed, list) else ():
        try:
            requirement = Requirement(str(one))
        except InvalidRequirement:
            continue
        exact = [part.version for part in requirement.specifier if part.operator in {"==", "==="}]
        found.append((str(canonicalize_name(requirement.name)), exact[0] if exact else ""))
    return tuple(found)
