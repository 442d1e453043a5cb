"""A package index of tiny wheels in a folder, so that what goes together is known and no network is asked."""

from __future__ import annotations

import html
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest


class Shelf:
    """An index in a folder, as PEP 503 has it; uv reads it like any other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._links: dict[str, list[str]] = {}

    @property
    def url(self) -> str:
        """The address that uv is given."""
        return self._folder.as_uri()

    def put(
        self,
        name: str,
        version: str,
        *needs: str,
        python: str = "",
        extras: dict[str, Sequence[str]] | None = None,
        yanked: str | None = None,
        tag: str = "py3-none-any",
        wheel: bool = True,
    ) -> Shelf:
        """Put a release on the shelf; `needs` are requirements, `extras` those of each extra."""
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{name.replace('-', '_')}-{version}"
        file = folder / (f"{stem}-{tag}.whl" if wheel else f"{stem}.tar.gz")
        if wheel:
            lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
            lines += [f"Requires-Python: {python}"] if python else []
            lines += [f"Requires-Dist: {need}" for need in needs]
            for extra, wants in (extras or {}).items():
                lines += [f"Provides-Extra: {extra}"]
                lines += [f'Requires-Dist: {want} ; extra == "{extra}"' for want in wants]
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr(f"{stem}.dist-info/METADATA", "\n".join([*lines, "", ""]))
                archive.writestr(f"{stem}.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
                archive.writestr(f"{stem}.dist-info/RECORD", "")
        else:
            file.write_bytes(b"not to be opened")
        attributes = f' data-requires-python="{html.escape(python)}"' if python else ""
        attributes += f' data-yanked="{html.escape(yanked)}"' if yanked is not None else ""
        self._links.setdefault(name, []).append(f'<a href="{file.name}"{attributes}>{file.name}</a><br>')
        page = "\n".join(self._links[name])
        (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{page}</body></html>", encoding="utf-8")
        return self


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """An empty index that is the only one, with an empty cache."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in ("UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_CONFIG_FILE", "UV_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    empty = tmp_path / "uv.toml"
    empty.write_text("", encoding="utf-8")
    one = Shelf(folder)
    monkeypatch.setenv("UV_CONFIG_FILE", str(empty))
    monkeypatch.setenv("UV_DEFAULT_INDEX", one.url)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return one
