"""Save what PyPI says of the releases that are locked: `python sample_app/audit/renew.py`, after `uv lock`."""

import json
import tomllib
from pathlib import Path

import httpx
from packaging.utils import parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

APP = Path(__file__).parents[1]
MEDIA = "application/vnd.pypi.simple.v1+json"
BESIDE = {"sentry-sdk": "2.23.0"}  # yanked; a fault locks it


def version_of(filename):
    """The version in the name of a file, or None where there is none."""
    try:
        parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
        return parse(filename)[1]
    except ValueError:
        return None


def page(client, name, versions):
    """What the index says of some versions of a package, and no more."""
    answer = client.get(f"https://pypi.org/simple/{name}/")
    answer.raise_for_status()
    files = [one for one in answer.json()["files"] if version_of(one["filename"]) in versions]
    plain = [one for one in files if one["filename"].endswith(("any.whl", ".tar.gz"))] or files[:1]
    told = [{"filename": one["filename"], "yanked": one.get("yanked", False)} for one in plain]
    return {"meta": {"api-version": "1.0"}, "name": name, "files": told}


def main():
    """Write releases.json, a line for each package."""
    lock = tomllib.loads((APP / "uv.lock").read_text(encoding="utf-8"))
    locked = {}
    for one in lock["package"]:
        if "registry" in one["source"]:
            locked.setdefault(one["name"], set()).add(Version(one["version"]))
    for name, version in BESIDE.items():
        locked.setdefault(name, set()).add(Version(version))
    with httpx.Client(headers={"Accept": MEDIA}, timeout=20) as client:
        pages = [page(client, name, locked[name]) for name in sorted(locked)]
    text = ",\n".join(f"  {json.dumps(one)}" for one in pages)
    (APP / "audit" / "releases.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
