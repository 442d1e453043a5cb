"""Messages that no task can be made of, and one that would run code if it were unpickled."""

from __future__ import annotations

import builtins
import json
import pickle
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PICKLE = "application/x-python-serialize"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Poison:
    """One message."""

    name: str
    body: bytes
    content_type: str = JSON
    content_encoding: str = "utf-8"
    headers: dict[str, Any] = field(default_factory=dict)


def message_headers(task: str) -> dict[str, Any]:
    """The headers of a message of Celery's protocol 2, with a new id."""
    own = str(uuid.uuid4())
    return {"lang": "py", "task": task, "id": own, "root_id": own, "parent_id": None, "group": None, "retries": 0}


def poisoned_messages() -> Iterator[Poison]:
    """What a worker has to put aside; Celery as it comes does.

    JSON of another shape than a task's is not among them: Celery 5.6 itself ends at it, which no service can mend.
    """
    call = json.dumps([["stackproof"], {}, {}]).encode()
    known = "stackproof.answer"
    yield Poison("a body that is no JSON", b'{"cut": [short', headers=message_headers(known))
    yield Poison("a content type that nobody knows", b"\x00\xff", "application/x-stackproof", "binary",
                 message_headers(known))  # fmt: skip
    yield Poison("a task that nobody knows", call, headers=message_headers("stackproof.nobody-knows-it"))
    yield Poison("arguments that the task does not take", json.dumps([[1, 2, 3, 4], {"x": 1}, {}]).encode(),
                 headers=message_headers(known))  # fmt: skip
    yield Poison("no header that names a task", call, headers={"stackproof": "no task"})


class _Opens:
    """Unpickled, it makes an empty file; nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return builtins.open, (self._path, "x")


def pickled_message(marker: Path) -> Poison:
    """A message of Celery in pickle: whoever unpickles it makes the file `marker`."""
    body = pickle.dumps(((_Opens(marker),), {}, {}), protocol=2)
    return Poison("a pickled body", body, PICKLE, "binary", message_headers("stackproof.answer"))
