"""What a process that reads a hostile document may use: no network, bounded memory and processor time."""

from __future__ import annotations

import resource
import socket
import sys
from typing import Any

MEMORY = 2 * 1024**3  # bytes of address space
PROCESSOR = 60  # seconds


def confine() -> None:
    """Take away what is not needed; whatever then wants to connect gets an OSError."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))

    def refuse(*arguments: Any, **named: Any) -> Any:
        raise OSError("no network here")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse
    sys.setrecursionlimit(3_000)
