"""Puts the servers of these tests in reach."""

from __future__ import annotations

import sys
from pathlib import Path

# Under pytest's importlib mode a test's folder is not on the path; the module's name is unique in the repository.
sys.path.insert(0, str(Path(__file__).parent))

from tls_servers import authority, serve, serve_tls

__all__ = ["authority", "serve", "serve_tls"]
