"""Errors that end a command, and the exit code that each one stands for.

```
StackproofError
├── SignatureError        exit 1: a signature that does not hold
├── UsageError            exit 2: the caller's input or configuration
└── InfrastructureError   exit 3: the harness's own services, environment or disk
```

A fault of the target is never an exception: it is a verdict.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command; they are an interface and the same for every output format."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    USAGE = 2
    INFRASTRUCTURE = 3
    INCOMPLETE = 4


class StackproofError(Exception):
    """Base of the errors that are shown to the user without a traceback.

    Args:
        message: what is wrong and where (`file:line: …` where there is a file).
        hint: what to do about it, as a sentence.
    """

    exit_code = ExitCode.INFRASTRUCTURE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  cure: {self.hint}" if self.hint else self.message


class SignatureError(StackproofError):
    """A signature does not hold: by another key, over something else, or about another report."""

    exit_code = ExitCode.NON_CONFORMANT


class UsageError(StackproofError):
    """The input or the configuration is wrong; nothing was judged."""

    exit_code = ExitCode.USAGE


class InfrastructureError(StackproofError):
    """The harness could not bring up or keep up something of its own; says nothing about the target."""

    exit_code = ExitCode.INFRASTRUCTURE
