"""The team's service, started from a copy of its project in another environment, for as long as a run lasts."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stackproof.descriptor.rehearse import Rehearse
from stackproof.errors import InfrastructureError, UsageError

if TYPE_CHECKING:
    from fixtures.processes import Child
    from fixtures.reaper import Reaper

ANSWER_WITHIN = 5.0  # seconds for one answer while it starts
_MARKS = ("python", "venv", "project")


@dataclass(frozen=True, slots=True)
class Place:
    """What a service is started from, and where it will answer.

    Attributes:
        python: interpreter of the environment.
        project: the copy that it runs in.
        address: host and port of loopback.
        secure: whether it speaks TLS there.
        folder: for its log.
    """

    python: Path
    project: Path
    address: tuple[str, int]
    secure: bool
    folder: Path


@contextmanager
def serving(how: Rehearse, place: Place, reaper: Reaper, say: Callable[[str], None]) -> Iterator[None]:
    """The service, up until the block is left; its whole process group is ended then.

    Raises:
        UsageError: something listens at its address already.
        InfrastructureError: it does not come up; the message ends with what it wrote.
    """
    from fixtures.processes import start, wait_until

    host, port = place.address
    if _listens(place.address):
        raise UsageError(
            f"something listens on {host}:{port} already, and the rehearsed service is to listen there",
            hint="stop it for the rehearsal, or give a descriptor with another port",
        )
    number = sum(1 for _ in place.folder.glob("service-*.log"))
    environment = _environment(place)
    if how.prepare:
        say("preparing the service")
        _prepare(how, place, environment, reaper, place.folder / f"service-{number}-prepare.log")
    say("starting the service")
    child = start(
        "the service",
        _filled(how.start, place),
        log=place.folder / f"service-{number}.log",
        reaper=reaper,
        cwd=place.project,
        env=environment,
    )
    try:
        wait_until(lambda: _answers(place, how.ready), child, within=how.within, what=f"an answer at {how.ready}")
        yield
    finally:
        child.stop()


def _prepare(how: Rehearse, place: Place, environment: dict[str, str], reaper: Reaper, log: Path) -> None:
    from fixtures.processes import start, wait_until

    child: Child = start(
        "[rehearse] prepare", _filled(how.prepare, place), log=log, reaper=reaper, cwd=place.project, env=environment
    )
    try:
        try:
            wait_until(lambda: child.process.poll() == 0, child, within=how.within, what="it was done")
        except InfrastructureError:
            if child.process.poll() == 0:  # between two looks
                return
            raise
    finally:
        child.stop()


def _filled(words: Sequence[str], place: Place) -> list[str]:
    values = (str(place.python), str(place.python.parent.parent), str(place.project))
    filled = list(words)
    for mark, value in zip(_MARKS, values, strict=True):
        filled = [one.replace(f"{{{mark}}}", value) for one in filled]
    return filled


def _environment(place: Place) -> dict[str, str]:
    """This process's, with the rehearsed environment before everything else; the harness's account is not for it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STACKPROOF_", "UV_"))}
    kept.pop("PYTHONHOME", None)
    path = os.pathsep.join([str(place.python.parent), kept.get("PATH", os.defpath)])
    return kept | {"PATH": path, "VIRTUAL_ENV": str(place.python.parent.parent)}


def _listens(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=1):
            return True
    except OSError:
        return False


def _answers(place: Place, path: str) -> bool:
    """Whether it answers with anything but a failure; whose certificate it shows is the suites' business."""
    host, port = place.address
    parts = urlsplit(path)
    wanted = parts.path + (f"?{parts.query}" if parts.query else "")
    connection: HTTPConnection
    if place.secure:
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection(host, port, timeout=ANSWER_WITHIN, context=anyone)
    else:
        connection = HTTPConnection(host, port, timeout=ANSWER_WITHIN)
    try:
        connection.request("GET", wanted or "/")
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
