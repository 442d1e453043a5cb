"""The service's own code as its own interpreter sees it: packages, running settings, connections."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor, Project
from stackproof.evidence import Recorder, Redactor
from stackproof.target.boots import SALT, Boot, Boots
from stackproof.target.import_path import cure_of, import_path
from stackproof.target.programs import finished, said
from stackproof.target.tracked import Tracked

if TYPE_CHECKING:
    from stackproof.accounts.conversation import Conversation

PROBES = Path(__file__).parent / "probes"
WITHIN = 20.0  # seconds for one probe, on a machine that has a processor for it
BUSIEST = 3.0  # times as long on one that is busy, at most
LONGER = {"celery_ping": 30.0, "celery_running": 30.0, "raised_error": 45.0}  # they ask several times, or do much
UNCHANGING = {"celery_facts"}  # asked by many checks

_SECRET_NAME = re.compile(r"(?i)(pass(word|wd|phrase)?$|_pwd$|secret|keys?$|token$|credentials?$)")
_SSLMODE = re.compile(r"(?:[?&\s]|^)(?:sslmode|ssl)\s*=\s*'?([a-zA-Z-]+)")
_USERINFO = re.compile(r"(?<=://)(?P<user>[^:/\s]*):(?P<password>\S+)@")


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed distribution.

    Attributes:
        name: normalised (PEP 503).
        version: "" where its metadata cannot be read.
        requires: Requires-Dist lines, markers included.
        location: the folder of the path that it was found in.
        twice: other versions in that same folder: which of them its files belong to cannot be told.
        shadowed: other versions in folders later on the path, which are not imported.
        licence: as its metadata say, "" where they do not.
    """

    name: str
    version: str
    requires: tuple[str, ...]
    requires_python: str
    location: str
    twice: tuple[str, ...] = ()
    shadowed: tuple[str, ...] = ()
    licence: str = ""


class ProjectView:
    """Asks the interpreter that the descriptor names.

    Raises:
        NotAssessed: from every method, where the interpreter cannot answer; the reason is what it said itself.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder, redactor: Redactor) -> None:
        if descriptor.project is None:
            not_assessed("stackproof.toml has no [project] table")
        self._project: Project = descriptor.project
        self._modules = (self._project.settings_module, descriptor.celery.app if descriptor.celery else None)
        self._recorder = recorder
        self._redactor = redactor
        self._variables = variables_in(self._project.env_file)
        redactor.learn(*secrets_of({**os.environ, **self._variables}))

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

    def markers(self) -> dict[str, str]:
        """The interpreter's environment markers (PEP 508), which decide which Requires-Dist lines hold for it."""
        return {str(name): str(value) for name, value in self._cached("installed")["markers"].items()}

    def installed(self) -> dict[str, Distribution]:
        """Every distribution by its normalised name; the first copy on the path is the one that is imported."""
        seen = self._cached("installed")
        found = distributions_of(seen)
        self._recorder.add(
            "command", f"{self._project.python} sees {len(found)} distributions", executable=seen.get("executable")
        )
        return found

    def settings(self) -> dict[str, Any]:
        """The running Django settings that checks ask about, without their secrets."""
        self._needs_settings("settings")
        seen = self._cached("settings")
        self._recorder.add("setting", f"running settings of {self._project.settings_module}", values=seen)
        return seen

    def ask(self, probe: str, *arguments: str) -> dict[str, Any]:
        """Run a probe in the service's interpreter, with its settings; the answer is recorded."""
        self._needs_settings(probe)
        run = _answer if probe in UNCHANGING else _run
        answer = self._checked(run(probe, arguments, self._where(), self._environment()))
        self._recorder.add(
            "command", f"{probe} in the service's own interpreter", arguments=list(arguments), answer=answer
        )
        return answer

    @property
    def identity(self) -> str:
        """Differs where the interpreter, the folder or the variables differ; holds no secret."""
        return hashlib.sha256(repr((self._where(), self._environment())).encode()).hexdigest()

    def conversation(self, probe: str, **variables: str) -> Conversation:
        """Start a probe that stays; see `Conversation`. Whoever starts it closes it."""
        from stackproof.accounts.conversation import Conversation

        (python, _, code), folder, environment = self.program(probe, **variables)
        return Conversation(f"{probe} in {python}", python, code, folder, environment)

    def program(self, probe: str, **variables: str) -> tuple[list[str], str, dict[str, str]]:
        """(command, folder, variables besides this process's) that run a probe, for whoever starts it."""
        self._needs_settings(probe)
        python, folder = self._where()
        code = (PROBES / f"{probe}.py").read_text(encoding="utf-8")
        return [python, "-c", code], folder, {**dict(self._environment()), **variables}

    def deploy_checks(self) -> dict[str, Any]:
        """What `check --deploy` says of the running settings (tag security), silenced messages marked."""
        self._needs_settings("deploy_checks")
        answer = self._cached("deploy_checks")
        self._recorder.add("command", "check --deploy --tag security in the service's own interpreter", answer=answer)
        return answer

    def once(self, probe: str) -> dict[str, Any]:
        """Like `ask`, for what does not change during a run."""
        self._needs_settings(probe)
        answer = self._cached(probe)
        self._recorder.add("command", f"{probe} in the service's own interpreter", answer=answer)
        return answer

    def boots(self, change: Boots) -> Boot:
        """Load the settings with a changed environment and say what came of it."""
        self._needs_settings("boots")
        own = dict(self._environment())
        arguments = (SALT, *sorted(self._variables))
        answer = self._checked(_run("boots", arguments, self._where(), (), change.of({**os.environ, **own})))
        boot = Boot.of(answer)
        self._recorder.add("command", f"settings loaded with {change}: {boot}", refused=list(boot.refused)[:10])
        return boot

    def ask_with(self, change: Boots, probe: str, *arguments: str) -> dict[str, Any]:
        """Run a probe with a changed environment; its answer is not recorded, for there may be secrets in it."""
        self._needs_settings(probe)
        variables = change.of({**os.environ, **dict(self._environment())})
        return self._checked(_run(probe, arguments, self._where(), (), variables))

    def own_sslmode(self, variable: str) -> tuple[str, str]:
        """(sslmode, "" where none is named; where it stands) of the service's own database URL, as a variable has it.

        Raises:
            NotAssessed: neither project.env_file nor this process's environment has such a variable.
        """
        own = {**os.environ, **self._variables}
        if not own.get(variable):
            not_assessed(
                f"postgres.service_env names {variable}, which neither project.env_file nor the environment has"
            )
        mode, place = sslmode_of(own[variable]), f"{variable} of the service"
        if not mode and self._variables.get("PGSSLMODE"):
            mode, place = self._variables["PGSSLMODE"], "PGSSLMODE of the service"
        self._recorder.add("setting", f"the sslmode in {place} is {mode or 'not set'}")
        return mode, place

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables of project.env_file."""
        return tuple(sorted(self._variables))

    def tracked(self) -> Tracked:
        """The files of project.path that Git tracks."""
        return Tracked(self._project.path, self._recorder)

    def values_in(self, files: Iterable[str]) -> dict[str, Any]:
        """Which secrets of the running settings stand in these files; the values stay in the service's interpreter."""
        with tempfile.NamedTemporaryFile(prefix="stackproof-files-") as listed:
            listed.write(b"".join(os.fsencode(one) + b"\0" for one in files))
            listed.flush()
            return self.ask("tracked_values", listed.name)

    def _needs_settings(self, probe: str) -> None:
        if probe.startswith("celery_"):  # an application of Celery can do without Django
            return
        if not self._project.settings_module and "DJANGO_SETTINGS_MODULE" not in {**os.environ, **self._variables}:
            if "version.django" in self._project.unused:
                not_assessed(
                    "it is seen inside of Django, which project.unused says is not used: an attestation settles it"
                )
            not_assessed("project.settings_module is not given: it names the running service's settings (of Django)")

    def _cached(self, probe: str) -> dict[str, Any]:
        variables = self._environment(own_modules=probe != "installed")  # a folder of code must not add distributions
        return self._checked(_answer(probe, (), self._where(), variables))

    def _checked(self, answer: dict[str, Any] | str) -> dict[str, Any]:
        if isinstance(answer, str):
            raise NotAssessed(self._redactor.text(answer + cure_of(answer, self._modules)))
        return answer

    def _where(self) -> tuple[str, str]:
        if self._project.python is None:
            not_assessed("project.python is not given: it names the service's interpreter")
        return str(self._project.python), str(self._project.path)

    def _environment(self, *, own_modules: bool = True) -> tuple[tuple[str, str], ...]:
        """What is added to this process's environment, hashable."""
        added = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8", **self._variables}
        if "PGCONNECT_TIMEOUT" not in os.environ:
            added.setdefault("PGCONNECT_TIMEOUT", "5")  # libpq, chapter 32.15: a server that is silent ends in a reason
        if self._project.settings_module:
            added["DJANGO_SETTINGS_MODULE"] = self._project.settings_module
        if own_modules and (path := import_path(self._project, self._variables, self._modules)) is not None:
            added["PYTHONPATH"] = path
        return tuple(sorted(added.items()))


def variables_in(env_file: Path | None) -> dict[str, str]:
    """The NAME=VALUE lines of project.env_file; comments, `export` and a pair of quotes are understood.

    Raises:
        NotAssessed: it cannot be read.
    """
    if env_file is None:
        return {}
    try:
        lines = env_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        not_assessed(f"project.env_file cannot be read: {env_file}: {reason}")
    variables = {}
    for line in lines:
        name, equals, value = line.strip().partition("=")
        name, value = name.removeprefix("export ").strip(), value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        if equals and name and not name.startswith("#") and "\0" not in name + value:
            variables[name] = value
    return variables


def sslmode_of(url: str) -> str:
    """The sslmode of a URL (SQLAlchemy's and asyncpg's, too) or of libpq's words; "" where it names none."""
    named = _SSLMODE.findall(url)
    return named[-1].lower() if named else ""


def secrets_of(variables: dict[str, str]) -> list[str]:
    """Values of an environment that must not be shown: those that a name calls secret, and passwords of URLs."""
    named = [value for name, value in variables.items() if _SECRET_NAME.search(name) and len(value) >= 6]
    found = [match["password"] for value in variables.values() for match in _USERINFO.finditer(value)]
    return [*named, *found, *(unquote(one) for one in found)]


def distributions_of(seen: Mapping[str, Any]) -> dict[str, Distribution]:
    """What the probe `installed` saw, by normalised names."""
    found: dict[str, Distribution] = {}
    for one in seen["distributions"]:
        name = str(canonicalize_name(one["name"]))
        copy = Distribution(name, one["version"], tuple(one["requires"]), one["requires_python"], one["location"])
        copy = replace(copy, licence=str(one.get("licence", "")))
        found[name] = _with_copy(found[name], copy) if name in found else copy
    return found


def _with_copy(first: Distribution, copy: Distribution) -> Distribution:
    if copy.version == first.version:
        return first
    if copy.location == first.location:
        return replace(first, twice=(*first.twice, copy.version))
    return replace(first, shadowed=(*first.shadowed, copy.version))


@cache
def _answer(
    probe: str, arguments: tuple[str, ...], where: tuple[str, str], variables: tuple[tuple[str, str], ...]
) -> dict[str, Any] | str:
    """What never changes during a run is asked once in a process, a failure too."""
    return _run(probe, arguments, where, variables)


def _run(
    probe: str,
    arguments: tuple[str, ...],
    where: tuple[str, str],
    variables: tuple[tuple[str, str], ...],
    instead: Mapping[str, str] | None = None,
) -> dict[str, Any] | str:
    """The probe's answer, or a sentence on why there is none; `instead` takes the whole environment's place."""
    python, folder = where
    code = (PROBES / f"{probe}.py").read_text(encoding="utf-8")
    within = LONGER.get(probe, WITHIN) * busy()
    base = os.environ if instead is None else instead
    # The code comes with -c and not as a file, so that the project's folder and not ours heads the import path.
    try:
        status, output, errors = finished([python, "-c", code, *arguments], folder, {**base, **dict(variables)}, within)
    except OSError as error:
        return f"{python} cannot be run: {error.strerror}"
    answer = answer_in(output)
    if answer is not None:
        return answer
    if status is None:
        return f"{python} did not answer within {within:.3g} s ({probe}): it hangs, or this machine is too busy"
    if status:
        return f"{python} could not answer ({probe}): {said(errors) or f'it left with {status}'}"
    return f"{python} gave no usable answer ({probe})"


def busy() -> float:
    """How many times as long as on a quiet machine a program may take: what waits for each processor, bounded."""
    return min(BUSIEST, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def answer_in(output: bytes) -> dict[str, Any] | None:
    """The last line that is a probe's answer; the service may print lines of its own before and after it."""
    for line in reversed(output.splitlines()):
        if line.startswith(b'{"stackproof"'):
            with suppress(ValueError):
                answer = json.loads(line).get("stackproof")
                return answer if isinstance(answer, dict) else None
    return None
