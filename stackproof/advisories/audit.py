"""pip-audit as a program of its own: it asks a service about exact versions, and builds and installs nothing."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from stackproof.advisories.model import Audit, Known, Release, in_order, merged
from stackproof.check import not_assessed
from stackproof.target.programs import finished, said

WITHIN = 180.0  # seconds for all releases together
TIMEOUT = 15  # seconds for one answer of the service
ROUNDS = 3  # one package may be locked in several versions; each round asks about one of them
OPTIONS = ("--disable-pip", "--no-deps", "--progress-spinner=off", "--desc=off", "--aliases=on", "--format=json")


def audited(releases: Sequence[Release], service: str) -> Audit:
    """Ask a service about releases.

    Args:
        service: "pypi", "osv", or the URL of a service that answers as OSV does.

    Raises:
        NotAssessed: pip-audit is not there, its service did not answer, or it looked at nothing.
    """
    program = _program()
    asked = ["--vulnerability-service", service]
    if service.startswith(("http://", "https://")):
        asked = ["--vulnerability-service", "osv", "--osv-url", service]
    known: list[Known] = []
    left: list[tuple[Release, str]] = []
    looked_at = 0
    rounds = list(_rounds(releases))
    with tempfile.TemporaryDirectory(prefix="stackproof-audit-") as name:
        for these in rounds[:ROUNDS]:
            answer = _ask(program, asked, these, Path(name))
            for release in these:
                entry = answer.get(release.name, {})
                if "vulns" in entry:
                    looked_at += 1
                    known += _known(release, entry["vulns"])
                else:
                    left.append((release, str(entry.get("skip_reason") or "pip-audit says nothing of it")[:160]))
    left += [(one, "it is locked in too many versions") for these in rounds[ROUNDS:] for one in these]
    if not looked_at:
        not_assessed(
            f"pip-audit looked at none of {len(releases)} releases: {left[0][1] if left else 'nothing to ask'}"
        )
    return Audit(merged(known), looked_at, tuple(left), f"pip-audit, asking {service}")


def _program() -> list[str]:
    if find_spec("pip_audit") is not None:
        return [sys.executable, "-m", "pip_audit"]
    found = shutil.which("pip-audit")
    if found is None:
        not_assessed(
            "pip-audit is not installed: pip install 'stackproof[audit]', or name a file of advisories in "
            "project.advisories"
        )
    return [found]


def _rounds(releases: Sequence[Release]) -> Iterator[list[Release]]:
    """Releases in groups in which no package stands twice."""
    rest = list(releases)
    while rest:
        first = {one.name: one for one in reversed(rest)}
        these = [one for one in rest if first[one.name] is one]
        yield these
        rest = [one for one in rest if first[one.name] is not one]


def _ask(program: list[str], asked: list[str], releases: list[Release], folder: Path) -> dict[str, dict[str, Any]]:
    """pip-audit's entries by normalised name."""
    listed = folder / "requirements.txt"
    listed.write_text("".join(f"{one.name}=={one.version}\n" for one in releases), encoding="utf-8")
    command = [*program, *OPTIONS, *asked, f"--timeout={TIMEOUT}", f"--cache-dir={folder / 'cache'}", f"-r={listed}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    try:
        status, output, errors = finished(command, str(folder), kept, WITHIN)
    except OSError as error:
        not_assessed(f"pip-audit cannot be run: {error.strerror}")
    if status is None:
        not_assessed(f"pip-audit did not end within {WITHIN:g} s; its service may not answer")
    try:
        entries = json.loads(output)["dependencies"]
        return {str(canonicalize_name(one["name"])): one for one in entries}
    except (ValueError, KeyError, TypeError):
        not_assessed(f"pip-audit gave no answer: {said(errors) or f'it left with {status}'}")


def _known(release: Release, vulnerabilities: Any) -> Iterator[Known]:
    for one in vulnerabilities if isinstance(vulnerabilities, list) else ():
        ids = [str(name)[:80] for name in (one.get("id"), *one.get("aliases", ())) if name]
        if ids:
            yield Known(release, tuple(dict.fromkeys(ids)), in_order(str(fix) for fix in one.get("fix_versions", ())))
