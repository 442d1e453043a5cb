"""Git as a program that is asked about a folder: it runs no hook and no filter, and obeys no variable of ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from stackproof.check import not_assessed

WITHIN = 20.0  # seconds
OPTIONS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false")


def told(root: Path, *words: str, tells: str, trouble: str) -> bytes:
    """What Git prints.

    Args:
        tells: what Git would tell, for the reason where there is no Git: "what is committed".
        trouble: the reason's beginning where Git refuses; its own first line follows.

    Raises:
        NotAssessed: there is no Git, it does not end, or it refuses.
    """
    status, out, errors = asked(root, *words, tells=tells)
    if status:
        said = errors.decode("utf-8", "replace").strip().splitlines()
        not_assessed(f"{trouble}: {said[0][:200] if said else 'git failed'}")
    return out


def asked(root: Path, *words: str, tells: str) -> tuple[int, bytes, bytes]:
    """(exit code, output, errors); see `told`."""
    try:
        ran = run(root, *words)
    except FileNotFoundError:
        not_assessed(f"git is not installed on this machine: it says {tells}")
    except (OSError, subprocess.TimeoutExpired) as error:
        not_assessed(f"git could not be asked: {type(error).__name__}")
    return ran.returncode, ran.stdout, ran.stderr


def run(root: Path, *words: str, within: float = WITHIN) -> subprocess.CompletedProcess[bytes]:
    """Git on a folder, in English, whatever it leaves with; looking does not refresh the index.

    Raises:
        OSError, subprocess.TimeoutExpired: it cannot be run, or does not end in so many seconds.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", *OPTIONS, "-C", str(root), *words],
        env={**kept, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=within,
        check=False,
    )
