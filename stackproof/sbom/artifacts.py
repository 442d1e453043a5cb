"""Where the packages of a lock come from, and the digests of their files."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from packaging.utils import canonicalize_name

from stackproof.project.model import Lock

_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*==\s*(?P<version>[^\s;\\]+)(?P<rest>[^#]*)")
_HASH = re.compile(r"--hash[= ](?P<hash>[a-z0-9]+:[0-9a-fA-F]+)")
_DIGEST = re.compile(r"(?P<kind>[a-z0-9_]+)[:=](?P<digest>[0-9a-fA-F]{32,128})")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a package comes from: the URL of an index other than PyPI, or of a repository at a commit."""

    index: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of a release.

    Attributes:
        url: where the lock says that it is, "" where it does not.
        digest: "sha256:…".
    """

    url: str
    digest: str


type Found = tuple[Origin, tuple[Artifact, ...]]


def origins_of(lock: Lock, text: str) -> list[Found]:
    """Of each package of a lock, in its order; empty where the format tells nothing."""
    try:
        if lock.tool in {"uv", "poetry", "pdm", "pylock"}:
            return _of_entries(lock, tomllib.loads(text))
        if lock.tool == "pipenv":
            return _of_pipfile(lock, json.loads(text))
        return _of_requirements(lock, text)
    except (ValueError, KeyError, TypeError, AttributeError):
        return [(Origin(), ())] * len(lock.packages)


def _of_entries(lock: Lock, data: Mapping[str, Any]) -> list[Found]:
    entries: Sequence[Any] = data.get("package") or data.get("packages") or ()
    if len(entries) != len(lock.packages):
        return [(Origin(), ())] * len(lock.packages)
    return [(_origin(one), tuple(_artifacts(one))) for one in entries]


def _origin(entry: Mapping[str, Any]) -> Origin:
    source = entry.get("source")
    source = source if isinstance(source, dict) else {}
    if isinstance(source.get("git"), str):
        return Origin(repository=f"git+{_bare(source['git'].partition('?')[0])}{_commit(source['git'])}")
    index = source.get("registry") or entry.get("index") or ""
    usual = not isinstance(index, str) or not index.startswith("http") or urlsplit(index).hostname == "pypi.org"
    return Origin() if usual else Origin(index=_bare(index))


def _commit(url: str) -> str:
    at = url.rpartition("#")[2] if "#" in url else ""
    return f"@{at}" if re.fullmatch(r"[0-9a-f]{7,64}", at) else ""


def _artifacts(entry: Mapping[str, Any]) -> Iterator[Artifact]:
    listed = [entry.get("sdist"), *(entry.get("wheels") or ()), *(entry.get("files") or ())]
    for one in listed:
        if not isinstance(one, dict):
            continue
        hashes = one.get("hashes")
        digests = [f"{k}:{v}" for k, v in hashes.items()] if isinstance(hashes, dict) else [str(one.get("hash", ""))]
        for digest in digests:
            if _DIGEST.fullmatch(digest):
                yield Artifact(_bare(str(one.get("url") or "")), digest)


def _of_pipfile(lock: Lock, data: Mapping[str, Any]) -> list[Found]:
    hashes: dict[str, list[str]] = {}
    for section in ("default", "develop"):
        for name, one in data.get(section, {}).items():
            hashes.setdefault(str(canonicalize_name(name)), [str(digest) for digest in one.get("hashes", ())])
    return [(Origin(), tuple(Artifact("", one) for one in hashes.get(part.name, ()))) for part in lock.packages]


def _of_requirements(lock: Lock, text: str) -> list[Found]:
    hashes: dict[tuple[str, str], list[str]] = {}
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        match = _PINNED.match(line)
        if match:
            key = (str(canonicalize_name(match["name"])), match["version"])
            hashes.setdefault(key, []).extend(one["hash"] for one in _HASH.finditer(match["rest"]))
    return [
        (Origin(), tuple(Artifact("", one) for one in hashes.get((part.name, part.version), ())))
        for part in lock.packages
    ]


def _bare(url: str) -> str:
    """A URL without the credentials, the query and the fragment that it may carry."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        where = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, where, parts.path, "", "")) if parts.scheme in {"http", "https", "ssh"} else ""
