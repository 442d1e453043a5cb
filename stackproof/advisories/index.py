"""What an index says of releases (PEP 691 and 592): there, yanked, or gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import httpx
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from stackproof.advisories.model import Release
from stackproof.check import NotAssessed, not_assessed

MEDIA = "application/vnd.pypi.simple.v1+json"
AT_ONCE = 6  # connections
TIMEOUT = 15.0  # seconds for one answer
WITHIN = 120.0  # seconds for all of them
PAGE_CAP = 64 * 1024 * 1024  # bytes of one answer
FILE_CAP = 256 * 1024 * 1024  # bytes of saved answers
PAGES_CAP = 500  # packages that are asked about

type Page = Mapping[Version, str | None]  # a release -> why it is yanked, None where it is not
type Pages = Mapping[str, Page | str]  # a package -> its page, or why there is none


@dataclass(frozen=True, slots=True)
class Standing:
    """How releases stand with an index.

    Attributes:
        yanked: with the reason that was given, or "no reason is given".
        left: releases of which nothing is known, with the reason.
    """

    yanked: tuple[tuple[Release, str], ...]
    looked_at: int
    left: tuple[tuple[Release, str], ...]
    source: str


def standing_of(releases: Sequence[Release], pages: Pages, source: str) -> Standing:
    """Put releases beside what the index says of their packages.

    Raises:
        NotAssessed: it says nothing of any of them.
    """
    yanked: list[tuple[Release, str]] = []
    left: list[tuple[Release, str]] = []
    for one in releases:
        page = pages.get(one.name, "it is not there")
        if isinstance(page, str):
            left.append((one, page))
            continue
        try:
            version = Version(one.version)
        except InvalidVersion:
            left.append((one, "its version is none that an index has"))
            continue
        if version not in page:
            left.append((one, "the index has no such version"))
        elif (why := page[version]) is not None:
            yanked.append((one, why))
    looked_at = len(releases) - len(left)
    if not looked_at:
        not_assessed(f"{source} says nothing of {len(releases)} releases: {left[0][1] if left else 'there are none'}")
    return Standing(tuple(yanked), looked_at, tuple(left), source)


def page_of(data: Any) -> tuple[str, Page]:
    """(normalised name, page) of an answer. A release is yanked where every file of it is.

    Raises:
        ValueError: it is no answer of that kind.
    """
    given = data if isinstance(data, Mapping) else {}
    usable = isinstance(given.get("name"), str) and isinstance(given.get("files"), list)
    if not usable:
        raise ValueError("is no answer of an index in the JSON of PEP 691: it has no name, or no files")
    states: dict[Version, list[str | None]] = {}
    for file in given["files"]:
        version = _version_of(file.get("filename")) if isinstance(file, Mapping) else None
        if version is not None:
            states.setdefault(version, []).append(_reason(file.get("yanked")))
    page = {version: None if None in found else found[0] for version, found in states.items()}
    return str(canonicalize_name(given["name"])), page


def _reason(yanked: Any) -> str | None:
    if isinstance(yanked, str) and yanked.strip():
        return " ".join(yanked.split())[:200]
    return "no reason is given" if yanked else None


def _version_of(filename: Any) -> Version | None:
    try:
        if str(filename).endswith(".whl"):
            return parse_wheel_filename(str(filename))[1]
        return parse_sdist_filename(str(filename))[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def saved_pages(path: Path, names: Collection[str]) -> Pages:
    """Pages from a file (one answer, or a list of them), or from a folder with a file for each package.

    Raises:
        NotAssessed: it cannot be read; the reason names the file.
    """
    found: dict[str, Page | str] = {}
    files = [path / f"{name}.json" for name in sorted(names)] if path.is_dir() else [path]
    for file in files:
        if path.is_dir() and not file.is_file():
            continue
        data = _loaded(file)
        for number, one in enumerate(data if isinstance(data, list) else [data], 1):
            try:
                name, page = page_of(one)
            except ValueError as error:
                raise NotAssessed(f"{file}: answer {number} {error}") from None
            found[name] = page
    return found


def _loaded(file: Path) -> Any:
    try:
        with file.open("rb") as opened:
            content = opened.read(FILE_CAP + 1)
        if len(content) > FILE_CAP:
            not_assessed(f"{file}: has more than {FILE_CAP // 1024**2} MiB, and is not read")
        return json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise NotAssessed(f"{file}: cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise NotAssessed(f"{file}: line {error.lineno}: is no JSON: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise NotAssessed(f"{file}: is no JSON in UTF-8") from None


def asked_pages(index: str, names: Iterable[str]) -> Pages:
    """Pages of an index, a few at a time; a package that it does not answer for has the reason in its place.

    Redirects are followed within the index's own host.

    Raises:
        NotAssessed: too many packages to ask about.
    """
    ordered = sorted(names)
    if len(ordered) > PAGES_CAP:
        not_assessed(f"{len(ordered)} packages are more than the {PAGES_CAP} that an index is asked about")
    return asyncio.run(_ask_all(index.rstrip("/") + "/", ordered))


async def _ask_all(index: str, names: list[str]) -> dict[str, Page | str]:
    gate = asyncio.Semaphore(AT_ONCE)
    found: dict[str, Page | str] = dict.fromkeys(names, f"{index} did not answer within {WITHIN:g} s")
    async with httpx.AsyncClient(timeout=TIMEOUT, headers={"Accept": MEDIA}) as client:

        async def ask(name: str) -> None:
            async with gate:
                found[name] = await _ask(client, index, name)

        try:
            async with asyncio.timeout(WITHIN):
                await asyncio.gather(*(ask(name) for name in names))
        except TimeoutError:
            pass  # what was not answered keeps its reason
    return found


async def _ask(client: httpx.AsyncClient, index: str, name: str) -> Page | str:
    url = urljoin(index, f"{quote(name)}/")
    try:
        for _ in range(3):
            async with client.stream("GET", url) as answer:
                if answer.is_redirect:
                    there = answer.url.join(answer.headers.get("location", ""))
                    if there.host != answer.url.host or there.scheme != answer.url.scheme:
                        return f"{index} sends elsewhere, to {there.host}"
                    url = str(there)
                    continue
                return await _read(answer, index)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        return f"{index} did not answer: {type(error).__name__}"
    return f"{index} redirects without end"


async def _read(answer: httpx.Response, index: str) -> Page | str:
    if answer.status_code == 404:
        return "it is not there"
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    if answer.status_code != 200 or not kind.endswith("json"):
        return f"{index} answered {answer.status_code} {kind[:60]}, and not with the JSON of PEP 691"
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > PAGE_CAP:
            return f"{index} answered with more than {PAGE_CAP // 1024**2} MiB"
    try:
        return page_of(json.loads(content))[1]
    except (ValueError, RecursionError):
        return f"{index} gave no usable answer"
