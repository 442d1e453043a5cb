"""Reading advisories from a file, a folder or an archive; whatever is in there is data of strangers."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name

from stackproof.advisories.osv import Record, record_of
from stackproof.check import NotAssessed, not_assessed

FILE_CAP = 64 * 1024 * 1024  # bytes of one file
MEMBER_CAP = 4 * 1024 * 1024  # bytes of one record of a folder or an archive
TOTAL_CAP = 1024 * 1024 * 1024  # bytes of all of them
FILES_CAP = 200_000


def read_records(path: Path, names: Collection[str]) -> tuple[Record, ...]:
    """The records that speak of packages of these names.

    Args:
        path: a JSON file (a record, a list of them, or an answer of OSV's service), a folder of such records in JSON
            or YAML (a clone of github.com/pypa/advisory-database), or an archive of them (OSV's all.zip for PyPI).

    Raises:
        NotAssessed: something cannot be read; the reason names the file and the cure.
    """
    wanted = set(names)
    found: list[Record] = []
    for where, data in _documents(path, wanted):
        try:
            record = record_of(data)
        except ValueError as error:
            raise NotAssessed(f"{where}: {error}; give records in the OSV format") from None
        if record is not None and any(one.name in wanted for one in record.affected):
            found.append(record)
    return tuple(found)


def _documents(path: Path, names: Collection[str]) -> Iterator[tuple[str, Any]]:
    """(where, data) of every record, read or not."""
    try:
        if path.is_dir():
            yield from _of_folder(path, names)
        elif zipfile.is_zipfile(path):
            yield from _of_archive(path)
        elif path.is_file():
            yield from _of_file(path)
        else:
            not_assessed(f"{path}: is not there; name a file or folder of advisories in the OSV format")
    except OSError as error:
        raise NotAssessed(f"{path}: cannot be read: {error.strerror or error}") from None


def _of_file(path: Path) -> Iterator[tuple[str, Any]]:
    data = _parsed(str(path), path.suffix, _bytes_of(path, FILE_CAP))
    if isinstance(data, dict) and isinstance(data.get("vulns"), list):
        data = data["vulns"]
    for number, one in enumerate(data if isinstance(data, list) else [data], 1):
        yield f"{path} (record {number})" if isinstance(data, list) else str(path), one


def _of_folder(path: Path, names: Collection[str]) -> Iterator[tuple[str, Any]]:
    packages = path / "vulns"
    if packages.is_dir():  # the layout of pypa/advisory-database: a folder for each package
        folders = [one for one in packages.iterdir() if str(canonicalize_name(one.name)) in names]
        files = (file for folder in sorted(folders) for file in sorted(folder.rglob("*")))
    else:
        files = (file for file in sorted(path.rglob("*")))
    total = count = 0
    for file in files:
        if file.suffix.lower() not in {".json", ".yaml", ".yml"} or not file.is_file() or file.is_symlink():
            continue
        content = _bytes_of(file, MEMBER_CAP)
        total, count = total + len(content), count + 1
        _stop_beyond(path, total, count)
        yield str(file), _parsed(str(file), file.suffix, content)


def _of_archive(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.lower().endswith(".json")]
            _stop_beyond(path, sum(one.file_size for one in members), len(members))
            for one in members:
                where = f"{path}: {one.filename[:120]}"
                if one.file_size > MEMBER_CAP:
                    not_assessed(f"{where}: has more than {MEMBER_CAP // 1024**2} MiB, and is not read")
                with archive.open(one) as member:
                    content = member.read(MEMBER_CAP + 1)
                yield where, _parsed(where, ".json", content)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise NotAssessed(f"{path}: is a broken archive: {str(error)[:120]}; fetch it again") from None


def _stop_beyond(path: Path, total: int, count: int) -> None:
    if total > TOTAL_CAP or count > FILES_CAP:
        not_assessed(f"{path}: holds more than {TOTAL_CAP // 1024**2} MiB or {FILES_CAP} records, and is not read")


def _bytes_of(path: Path, cap: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(cap + 1)
    except OSError as error:
        raise NotAssessed(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > cap:
        not_assessed(f"{path}: has more than {cap // 1024**2} MiB, and is not read")
    return content


def _parsed(where: str, suffix: str, content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAssessed(f"{where}: is no UTF-8 text") from None
    try:
        return _yaml(text) if suffix.lower() in {".yaml", ".yml"} else json.loads(text)
    except json.JSONDecodeError as error:
        raise NotAssessed(f"{where}: line {error.lineno}: is no JSON: {error.msg}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise NotAssessed(f"{where}:{line} is no YAML") from None
    except (RecursionError, ValueError):
        raise NotAssessed(f"{where}: is nested too deeply, or holds a number that is too long") from None


def _yaml(text: str) -> Any:
    """YAML whose every scalar is a text, so that the version 1.10 stays one; anchors are refused, for they let a small
    file grow into a big one."""
    if "&" in text and any(isinstance(token, yaml.AnchorToken) for token in yaml.scan(text, Loader=_LOADER)):
        raise yaml.YAMLError("anchors are not read")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 # it makes texts, lists and mappings, and nothing else


_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
