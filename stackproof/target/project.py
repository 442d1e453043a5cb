"""The service's own code as its own interpreter sees it: packages, running settings, connections."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from stackproof.check import NotAssessed, not_assessed
from stackproof.evidence import Recorder, Redactor
from stackproof.target.descriptor import Descriptor, Project

PROBES = Path(__file__).parent / "probes"
WITHIN = 40.0  # seconds for one probe
OUTPUT_CAP = 4 * 1024 * 1024  # characters of a probe's output


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed distribution.

    Attributes:
        name: normalised (PEP 503).
        requires: Requires-Dist lines, markers included.
        twice: versions of further copies that the interpreter also sees.
    """

    name: str
    version: str
    requires: tuple[str, ...]
    requires_python: str
    location: str
    twice: tuple[str, ...] = ()


class ProjectView:
    """Asks the interpreter that the descriptor names.

    Raises:
        NotAssessed: from every method, where the interpreter cannot answer; the reason is its own last line.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> None:
        if descriptor.project is None:
            not_assessed("stackproof.toml has no [project] table")
        self._project: Project = descriptor.project
        self._recorder = recorder
        self._redactor = redactor

    def close(self) -> None:
        """Nothing is held open."""

    @property
    def unused(self) -> tuple[str, ...]:
        """Requirement ids of components that the descriptor says are not used."""
        return self._project.unused

    def python_version(self) -> str:
        """The version of the interpreter."""
        seen = self._cached("installed")
        version = str(seen.get("python", ""))
        self._recorder.add("command", f"{self._project.python} is Python {version}", executable=seen.get("executable"))
        return version

    def installed(self) -> dict[str, Distribution]:
        """Every distribution by its normalised name; the first copy on the path is the one that is imported."""
        found: dict[str, Distribution] = {}
        for one in self._cached("installed")["distributions"]:
            name = str(canonicalize_name(one["name"]))
            if name in found:
                first = found[name]
                more = (*first.twice, *([one["version"]] if one["version"] != first.version else []))
                found[name] = Distribution(
                    name, first.version, first.requires, first.requires_python, first.location, more
                )
                continue
            found[name] = Distribution(
                name, one["version"], tuple(one["requires"]), one["requires_python"], one["location"]
            )
        return found

    def settings(self) -> dict[str, Any]:
        """The running Django settings that checks ask about, without their secrets."""
        seen = self._cached("settings")
        self._recorder.add("setting", f"running settings of {self._project.settings_module}", names=sorted(seen))
        return seen

    def ask(self, probe: str, *arguments: str) -> dict[str, Any]:
        """Run a probe in the service's interpreter, with its settings; the answer is recorded."""
        answer = self._run(probe, arguments)
        self._recorder.add("command", f"{probe} in the service's own interpreter", answer=answer)
        return answer

    def _cached(self, probe: str) -> dict[str, Any]:
        project = self._project
        answer = _answer(probe, (), _key(project), tuple(sorted(self._environment().items())))
        return self._checked(answer)

    def _run(self, probe: str, arguments: tuple[str, ...]) -> dict[str, Any]:
        variables = tuple(sorted(self._environment().items()))
        return self._checked(_answer.__wrapped__(probe, arguments, _key(self._project), variables))

    def _checked(self, answer: dict[str, Any] | str) -> dict[str, Any]:
        if isinstance(answer, str):
            raise NotAssessed(self._redactor.text(answer))
        return answer

    def _environment(self) -> Mapping[str, str]:
        """What is added to this process's environment: settings module, and the lines of env_file."""
        variables = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
        if self._project.env_file:
            try:
                lines = self._project.env_file.read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                not_assessed(f"project.env_file cannot be read: {error}")
            for line in lines:
                name, equals, value = line.strip().partition("=")
                if equals and not name.startswith("#"):
                    variables[name.removeprefix("export ").strip()] = value.strip().strip("'\"")
        if self._project.settings_module:
            variables["DJANGO_SETTINGS_MODULE"] = self._project.settings_module
        return variables


def _key(project: Project) -> tuple[str, str]:
    return str(project.python), str(project.path)


@cache
def _answer(
    probe: str, arguments: tuple[str, ...], where: tuple[str, str], variables: tuple[tuple[str, str], ...]
) -> dict[str, Any] | str:
    """The probe's JSON, or a sentence on why there is none."""
    python, folder = where
    code = (PROBES / f"{probe}.py").read_text(encoding="utf-8")
    # The code comes with -c and not as a file, so that the project's folder and not ours heads the import path.
    try:
        done = subprocess.run(
            [python, "-c", code, *arguments],
            cwd=folder,
            env={**os.environ, **dict(variables)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{python} did not answer within {WITHIN:g} s ({probe})"
    except OSError as error:
        return f"{python} cannot be run: {error.strerror}"
    lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
    if done.returncode:
        return f"{python} could not answer ({probe}): {lines[-1][:400] if lines else f'exit {done.returncode}'}"
    try:
        answer = json.loads(done.stdout[-OUTPUT_CAP:].strip().splitlines()[-1])
    except (ValueError, IndexError):
        return f"{python} gave no usable answer ({probe})"
    return answer if isinstance(answer, dict) else f"{python} gave no usable answer ({probe})"
