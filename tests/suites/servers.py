"""Servers that a module of tests has for itself."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from fixtures.services import provide


@contextmanager
def running(plan):
    """Throw-away servers of a plan."""
    folder = Path(tempfile.mkdtemp(prefix="stackproof-test-"))
    folder.chmod(0o711)
    try:
        with provide("embedded", plan, workdir=folder, progress=lambda _: None) as services:
            yield services
    finally:
        shutil.rmtree(folder, ignore_errors=True)
