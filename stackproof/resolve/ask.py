"""One question to uv: do these requirements go together on that Python, and as which releases."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

from stackproof.errors import InfrastructureError, UsageError
from stackproof.resolve.answer import Answer, Unanswered, refused, resolved, spoken
from stackproof.resolve.uv import environment, find_uv
from stackproof.target.programs import finished

type Strategy = Literal["highest", "lowest", "lowest-direct"]

LONGEST = 120.0  # seconds that one question may take
_NO_SOLUTION = 1  # uv's exit status; 2 is for everything else
_SHOWN = 600  # characters of uv's words in an error
_LINUX = "linux"


def resolve(
    requirements: Sequence[str],
    python: str,
    *,
    strategy: Strategy = "highest",
    offline: bool = False,
    anywhere: bool = False,
    within: float = LONGEST,
) -> Answer:
    """Resolve requirements together, from wheels alone: nothing of any package is run or built.

    Index, certificates and cache are those that uv is set up with on this machine; its other settings do not count.

    Args:
        requirements: as PEP 508 has them, "django>=5.2,<5.3"; addresses are refused.
        python: "3.12", or with a patch release; no such interpreter is needed.
        strategy: newest releases, oldest ones, or oldest ones of what is asked for and newest ones of what that needs.
        offline: ask uv's cache and nothing else.
        anywhere: for Linux on x86-64, whatever this machine is, so that the answer is the same everywhere.
        within: seconds.

    Raises:
        UsageError: a text is no requirement.
        Unanswered: no index, not in the cache, too slow, or uv fails; says nothing about the requirements.
        InfrastructureError: there is no uv.
    """
    lines = [_checked(one) for one in requirements]
    with tempfile.TemporaryDirectory(prefix="stackproof-resolve-") as folder:
        Path(folder, "asked.in").write_text("\n".join([*lines, ""]), encoding="utf-8")
        words = [*find_uv(), "pip", "compile", "asked.in", "--python", sys.executable, "--python-version", python]
        words += ["--no-python-downloads", "--only-binary", ":all:", "--resolution", strategy]
        words += [
            "--prerelease",
            "if-necessary-or-explicit",
            "--no-header",
            "--annotation-style",
            "line",
            "--color",
            "never",
            "--no-progress",
        ]
        words += ["--python-platform", _LINUX] if anywhere else []
        words += ["--offline"] if offline else []
        try:
            status, output, errors = finished(words, folder, environment(), within)
        except OSError as error:
            raise InfrastructureError(f"{words[0]}: {error.strerror}", hint="is uv installed rightly?") from error
    said = errors.decode("utf-8", "replace")
    if status == 0:
        return resolved(output.decode("utf-8", "replace"))
    conflict = refused(said) if status == _NO_SOLUTION else None
    if conflict is None:
        raise _unanswered(status, said, within, offline=offline)
    return conflict


def _checked(text: str) -> str:
    """A requirement in its normal form, so that no text of a document becomes an option or a second line."""
    try:
        one = Requirement(text)
    except InvalidRequirement as error:
        raise UsageError(f"{text[:100]!r}: no requirement: {str(error).splitlines()[0]}") from None
    if one.url is not None:
        raise UsageError(f"{text[:100]!r}: names an address", hint="only packages of an index are resolved")
    return str(one)


def _unanswered(status: int | None, errors: str, within: float, *, offline: bool) -> Unanswered:
    if status is None:
        return Unanswered(f"uv had no answer within {within:.0f} s", hint="is the network slow? try again")
    said = spoken(errors)[:_SHOWN]
    if offline:
        return Unanswered(f"uv's cache does not have what it takes: {said}", hint="run it once without --offline")
    return Unanswered(
        f"uv could not tell: {said}", hint="is the package index reachable? its address is uv's own setting"
    )
