"""Work on a document that a service sent, in a process of its own: bounded in time and memory, without any network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from fixtures.cache import hypothesis_home
from stackproof.check import not_assessed

VALIDATION_WITHIN = 60.0  # seconds
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "SYSTEMROOT")  # variables; secrets stay out of the process


def needs_extra(*modules: str) -> None:
    """End the check where the packages of the extra `api` are missing.

    Raises:
        NotAssessed: says how to install them.
    """
    missing = [one for one in modules if find_spec(one) is None]
    if missing:
        not_assessed(f"{missing[0]} is not installed: install stackproof[api]")


@contextmanager
def process_of(program: str) -> Iterator[subprocess.Popen[bytes]]:
    """`stackproof.api.offline.<program>` with pipes, killed at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="stackproof-offline-") as folder:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", f"stackproof.api.offline.{program}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment | {"HYPOTHESIS_STORAGE_DIRECTORY": hypothesis_home()},
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()


def faults_of_document(data: dict[str, Any]) -> list[str]:
    """What is wrong with an OpenAPI document, by the JSON Schema of its version and the rules beside it.

    Raises:
        NotAssessed: the validator is not installed, does not know the version, or came to no end.
    """
    needs_extra("openapi_spec_validator")
    with process_of("validate") as process:
        try:
            output, _ = process.communicate(json.dumps(data).encode(), timeout=VALIDATION_WITHIN)
        except subprocess.TimeoutExpired:
            not_assessed(f"the document could not be validated within {VALIDATION_WITHIN:g} s")
    try:
        told = json.loads(output)
    except ValueError:
        not_assessed("the document could not be validated: the validator broke down on it")
    if "reason" in told:
        not_assessed(str(told["reason"]))
    return [str(one) for one in told["faults"]]
