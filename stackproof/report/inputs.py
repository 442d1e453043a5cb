"""What a run was made of beside its specification, by digest: the lock of the project, waivers and attestations."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from stackproof.descriptor.model import Descriptor
from stackproof.report.model import InputPart

LOCKS = ("uv.lock", "requirements.txt", "poetry.lock", "pdm.lock", "Pipfile.lock")
LARGEST = 64 * 1024 * 1024  # bytes of a lock that is read


def inputs_of(descriptor: Descriptor | None) -> tuple[InputPart, ...]:
    """The inputs of a run; a lock that cannot be read is none."""
    if descriptor is None:
        return ()
    excuses = [
        [one.model_dump(mode="json") for one in group] for group in (descriptor.waivers, descriptor.attestations)
    ]
    text = json.dumps(excuses, sort_keys=True, ensure_ascii=True).encode("ascii")
    found = [InputPart(name="waivers", path="stackproof.toml", sha256=hashlib.sha256(text).hexdigest())]
    folder = descriptor.project.path if descriptor.project else None
    if folder is not None:
        found += _lock(folder)
    return tuple(found)


def _lock(folder: Path) -> list[InputPart]:
    for name in LOCKS:
        path = folder / name
        try:
            if path.is_file() and path.stat().st_size <= LARGEST:
                return [InputPart(name="lock", path=name, sha256=hashlib.sha256(path.read_bytes()).hexdigest())]
        except OSError:
            continue
    return []
