"""A team's project to rehearse upgrades of: a small service on fifteen small packages, and a folder of their wheels.

What the service does wrong follows from `rules.json`: each rule names packages, and the misbehaviour that the service
has where all of them are installed in their second version.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stackproof.harness import reference_specification
from stackproof.resolve.uv import environment, find_uv
from tests.foreign import stdlib_opaque

PARTS = tuple(f"part-{number:02}" for number in range(15))
SERVE = """\
import json
import sys
from importlib.metadata import version
from pathlib import Path

import tracker

fault = ""
for rule in json.loads(Path("rules.json").read_text()):
    if all(version(name).startswith("2.") for name in rule["needs"]):
        if rule["fault"] == "dies":
            sys.exit("the parts do not go together")
        fault = rule["fault"]
Path("written-by-the-service").write_text("it may")
tracker.Handler.tracker = tracker.Tracker(fault, jitter=False)
tracker.Server(("127.0.0.1", int(sys.argv[1])), tracker.Handler).serve_forever()
"""


@dataclass(frozen=True)
class Workshop:
    """The project, its specification, and an account of its service."""

    project: Path
    document: Path
    port: int
    password: str

    @property
    def env(self) -> dict[str, str]:
        """The account, for the service and for the harness."""
        return {
            "FOREIGN_USERNAME": "rider@example.com",
            "FOREIGN_PASSWORD": self.password,
            "STACKPROOF_USERNAME": "rider@example.com",
            "STACKPROOF_PASSWORD": self.password,
        }

    def lock(self) -> None:
        """Lock the packages, as the team did once."""
        subprocess.run(
            [*find_uv(), "lock", "-q", "--python", sys.executable], cwd=self.project, env=environment(), check=True
        )

    def state(self) -> dict[str, tuple[int, bytes]]:
        """Every file of the project with its bytes and its time, every folder with its time."""
        return {
            str(path.relative_to(self.project)): (
                path.lstat().st_mtime_ns,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.project.rglob("*"))
        }


def open_workshop(
    folder: Path,
    port: int,
    rules: Sequence[Mapping[str, object]] = (),
    needs: Mapping[str, Sequence[str]] | None = None,
) -> Workshop:
    """Set everything up, locked at the first versions.

    Args:
        needs: requirements of a package's second version.
    """
    project = folder / "tracker"
    (project / "wheels").mkdir(parents=True)
    for name in PARTS:
        _wheel(project / "wheels", name, "1.0", ())
        _wheel(project / "wheels", name, "2.0", (needs or {}).get(name, ()))
    listed = "".join(f'  "{name}>=1,<2",\n' for name in PARTS)
    (project / "pyproject.toml").write_text(
        f'[project]\nname = "tracker"\nversion = "1"\nrequires-python = ">=3.12"\ndependencies = [\n{listed}]\n\n'
        '[tool.uv]\npackage = false\nno-index = true\nfind-links = ["./wheels"]\n'
    )
    (project / "serve.py").write_text(SERVE)
    shutil.copyfile(stdlib_opaque.__file__, project / "tracker.py")
    (project / "rules.json").write_text(json.dumps(list(rules)))
    (project / "stackproof.toml").write_text(
        stdlib_opaque.descriptor(f"http://127.0.0.1:{port}")
        + f'\n[rehearse]\nstart = ["{{python}}", "serve.py", "{port}"]\nready = "/"\nwithin = 60\n'
    )
    document = folder / "stack.md"
    rows = "".join(f"| {name} | 1.x | `>=1,<2` | |\n" for name in PARTS)
    text = reference_specification().read_text()
    document.write_text(
        f"{text}\n## Parts\n\n| Component | Version | Constraint | Rationale |\n|---|---|---|---|\n{rows}"
    )
    workshop = Workshop(project, document, port, secrets.token_urlsafe(12))
    workshop.lock()
    return workshop


def _wheel(folder: Path, name: str, version: str, needs: Sequence[str]) -> None:
    module = name.replace("-", "_")
    stem = f"{module}-{version}"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {one}" for one in needs),
    ]
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{module}/__init__.py", f'VERSION = "{version}"\n')
        archive.writestr(f"{stem}.dist-info/METADATA", "\n".join([*metadata, "", ""]))
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")


def processes_of(marker: str) -> list[int]:
    """Processes that carry a marker in their environment or command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in text and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found
