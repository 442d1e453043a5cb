"""The target's container engine, and what an image has inside; nothing is pulled, and nothing that is started stays."""

from __future__ import annotations

import json
import os
import re
import secrets
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder
from stackproof.project.references import Reference
from stackproof.target.programs import finished, said
from stackproof.target.project import PROBES, Distribution, answer_in, distributions_of

WITHIN = 20.0  # seconds for one answer of the engine
STARTED_WITHIN = 60.0  # seconds for a container to start, look around and end
MEMORY = "256m"

_RELEASE = re.compile(r"v?(\d+(?:\.\d+)+)(?:-?(rc|beta|alpha)[.-]?(\d+))?")
_USAGE = re.compile(rb"(?:Usage:|(?:Run|See) '\S+ .*--help')")  # what a client says after its reason
_VARIABLES = {"python": "PYTHON_VERSION", "postgres": "PG_VERSION", "redis": "REDIS_VERSION"}
#: what a container that only looks around may not do
_BOUNDS = (
    "--network none --read-only --cap-drop ALL --security-opt no-new-privileges --pids-limit 64 --cpus 1 --pull never"
).split()


class Engine:
    """Asks the engine that `host.docker` names.

    Raises:
        NotAssessed: from every method, where the engine or its client gives no answer; the reason is what it said.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder) -> None:
        self._words = descriptor.host.docker or ("docker",)
        self._recorder = recorder

    def server(self) -> str:
        """The version of the engine itself, which is another program than its client."""
        status, output, told = _asked(self._words, ("version", "--format", "{{json .Server}}"))
        with suppress(ValueError):
            server = json.loads(output)
            if isinstance(server, dict) and server.get("Version"):
                names = [str(one.get("Name")) for one in server.get("Components") or () if isinstance(one, dict)]
                version = str(server["Version"])[:60]
                self._recorder.add("command", f"the engine says that it is {version}", components=names)
                if any("podman" in one.lower() for one in names):
                    not_assessed(f"the engine is Podman {version}, and the row is about Docker")
                return release_in(version, "the engine")
        raise NotAssessed(
            f"{' '.join(self._words)} gave no version of a Docker engine: {told or f'it left with {status}'}"
        )

    def compose(self) -> str:
        """The version of the client's plugin for compose files."""
        status, output, told = _asked(self._words, ("compose", "version"))
        text = output.decode("utf-8", "replace").strip()
        if status or "version" not in text.lower():
            not_assessed(f"{' '.join(self._words)} has no plugin for compose files: {told or f'it left with {status}'}")
        self._recorder.add("command", f"the client says: {text.splitlines()[0][:120]}")
        return release_in(text, "the plugin for compose files")

    def release_of(self, reference: Reference) -> str:
        """The release that an image of the engine holds, by the variable that official images carry."""
        name = str(replace(reference, tag="") if reference.digest else reference)  # the digest decides
        status, output, told = _asked(self._words, ("image", "inspect", "--format", "{{json .Config.Env}}", name))
        if status:
            not_assessed(f"the engine has no {reference}, and nothing is pulled: {told or f'it left with {status}'}")
        variable = _VARIABLES.get(reference.path.rpartition("/")[2], "")
        with suppress(ValueError):
            for one in json.loads(output) or ():
                key, _, value = str(one).partition("=")
                if key == variable:
                    self._recorder.add("command", f"{reference} carries {variable}={value[:60]}")
                    return release_in(value, str(reference))
        raise NotAssessed(f"{reference} carries no variable that tells its release")


class ImageView:
    """Looks into the image that `project.image` names, by its own interpreter, in a container without a network.

    Raises:
        NotAssessed: from every method, where the image or its interpreter gives no answer.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder) -> None:
        if descriptor.project is None or not descriptor.project.image:
            not_assessed("project.image is not given: the image that runs")
        self._words = descriptor.host.docker or ("docker",)
        self._image = descriptor.project.image
        self._recorder = recorder

    @property
    def name(self) -> str:
        """The image as the descriptor names it."""
        return self._image

    def python_version(self) -> str:
        """The version of its interpreter."""
        seen = self._seen()
        version = str(seen.get("python", ""))
        self._recorder.add("command", f"{self._image} has Python {version}", executable=seen.get("executable"))
        return version

    def installed(self) -> dict[str, Distribution]:
        """Every distribution that its interpreter sees, by normalised names."""
        seen = self._seen()
        found = distributions_of(seen)
        title = f"the interpreter of {self._image} sees {len(found)} distributions"
        self._recorder.add("command", title, executable=seen.get("executable"))
        return found

    def _seen(self) -> dict[str, Any]:
        answer = _inside(self._words, self._image)
        if isinstance(answer, str):
            raise NotAssessed(answer)
        return answer


def release_in(text: str, whose: str) -> str:
    """The release that a program says of itself, without what a distribution adds to it.

    Raises:
        NotAssessed: there is none in the text.
    """
    match = _RELEASE.search(text)
    if match is None:
        raise NotAssessed(f"{whose} says {text[:60]!r}, in which there is no version")
    return match[1] + (f"{match[2]}{match[3]}" if match[2] else "")


def _asked(words: tuple[str, ...], more: tuple[str, ...], within: float = 0.0) -> tuple[int | None, bytes, str]:
    """(exit status, standard output, what it said of its trouble)."""
    try:
        status, output, errors = finished([*words, *more], "/", dict(os.environ), within or WITHIN)
    except OSError as error:
        return 1, b"", f"{words[0]} cannot be run: {error.strerror}"
    told = b"\n".join(one for one in errors.splitlines() if not _USAGE.match(one))
    return status, output, "it did not answer in time" if status is None else said(told)


@cache
def _inside(words: tuple[str, ...], image: str) -> dict[str, Any] | str:
    """The answer of the probe `installed` in a container of the image, or a sentence on why there is none."""
    code = (PROBES / "installed.py").read_text(encoding="utf-8")
    reason = ""
    for python in _interpreters(words, image):
        name = f"stackproof-{secrets.token_hex(8)}"
        bounds = [*_BOUNDS, "--memory", MEMORY, "--memory-swap", MEMORY, "--name", name]
        run = ("run", "--rm", *bounds, "--entrypoint", python, image, "-c", code)
        try:
            status, output, told = _asked(words, run, STARTED_WITHIN)
        finally:
            _asked(words, ("rm", "--force", "--volumes", name))  # the client's end is not the container's
        answer = answer_in(output)
        if answer is not None:
            return answer
        reason = told or f"it left with {status}"
        if status not in {126, 127}:  # docker run: the command cannot be invoked, or is not found
            break
    return f"{image} cannot be looked into ({reason}); it is never pulled: bring it to the engine first"


def _interpreters(words: tuple[str, ...], image: str) -> list[str]:
    """The interpreter beside the program that the image starts, in a folder of their own; then those on its PATH."""
    _, output, _ = _asked(
        words, ("image", "inspect", "--format", "{{json .Config.Entrypoint}} {{json .Config.Cmd}}", image)
    )
    beside = [f"{one}/python" for one in re.findall(r'"(/[^"\s]*/bin)/[^"\s/]+"', output.decode("utf-8", "replace"))]
    own = [one for one in beside if one not in {"/bin/python", "/usr/bin/python", "/usr/local/bin/python"}]
    return [*dict.fromkeys(own), "python", "python3"]
