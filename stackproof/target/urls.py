"""Whole URLs of what a descriptor names."""

from __future__ import annotations

from urllib.parse import urljoin


def url_at(base_url: str, path: str) -> str:
    """The URL of a path below the base URL; of one that is a whole URL already, itself."""
    return urljoin(base_url.rstrip("/") + "/", path.lstrip("/")) if path.startswith("/") else path
