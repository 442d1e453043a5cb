"""Servers that a module of tests has for itself."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from fixtures.services import ServicePlan, provide


@contextmanager
def running(plan=None, kind="embedded"):
    """Throw-away servers of a plan (default: the specification's), by a provider of that kind."""
    folder = Path(tempfile.mkdtemp(prefix="stackproof-test-"))
    folder.chmod(0o711)
    try:
        with provide(kind, plan or ServicePlan(), workdir=folder, progress=lambda _: None) as services:
            yield services
    finally:
        shutil.rmtree(folder, ignore_errors=True)
