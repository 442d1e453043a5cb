"""uv as a program: where it is, and what of the environment it may see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from stackproof.errors import InfrastructureError

# Where packages come from, and how that is reached; every other variable of uv's could change the answer.
_KEPT = (
    "UV_CACHE_DIR",
    "UV_CONCURRENT_",
    "UV_CONFIG_FILE",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_HTTP_",
    "UV_INDEX",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_NATIVE_TLS",
    "UV_NO_INDEX",
    "UV_OFFLINE",
    "UV_REQUEST_TIMEOUT",
    "UV_SYSTEM_CERTS",
)
_REMOVED = frozenset({"VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME"})


@cache
def find_uv() -> tuple[str, ...]:
    """The words that run uv: of PATH, beside this interpreter, or its module.

    Raises:
        InfrastructureError: there is no uv.
    """
    beside = Path(sys.executable).with_name("uv")
    for candidate in (shutil.which("uv"), str(beside) if beside.exists() else None):
        if candidate:
            return (candidate,)
    found = subprocess.run([sys.executable, "-m", "uv", "--version"], capture_output=True, check=False)
    if found.returncode == 0:
        return (sys.executable, "-m", "uv")
    raise InfrastructureError(
        "uv is not on this machine, and only a resolver can tell which releases go together",
        hint="install it: `pip install uv`, or see https://docs.astral.sh/uv/",
    )


def environment() -> dict[str, str]:
    """This process's environment without what would make uv answer another question."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _REMOVED and (not name.startswith("UV_") or name.startswith(_KEPT))
    }
