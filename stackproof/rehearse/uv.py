"""uv, asked in a scratch folder: bounded in time, ended with the harness whatever ends that."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.errors import InfrastructureError
from stackproof.resolve.answer import refused, spoken
from stackproof.resolve.uv import environment, find_uv

if TYPE_CHECKING:
    from fixtures.reaper import Reaper

# Compiling everything beforehand takes forty times as long as the installation; what is imported is compiled once.
WRITES_BYTECODE = "import sys; sys.dont_write_bytecode = False\n"
LONGEST = 900.0  # seconds for one command: the first one on a machine fetches everything
SHOWN = 1_200  # characters of its words


class NoSolution(Exception):
    """These versions do not go together; the message is the resolver's own account of why."""

    def shown(self) -> str:
        """Its end, which has the conclusion, from the beginning of a sentence on."""
        said = str(self)
        said = said[said.find("Because") :] if "Because" in said else said
        while len(said) > SHOWN and (following := said.find(" And because", 1)) > 0:
            said = said[following + 1 :]
        return said[-SHOWN:]


@dataclass(frozen=True, slots=True)
class Uv:
    """Where uv is run, and for which interpreter.

    Attributes:
        folder: for logs.
        python: the interpreter that environments are made from.
    """

    folder: Path
    reaper: Reaper
    python: str

    def run(self, words: Sequence[str], cwd: Path) -> None:
        """Run a command of uv.

        Raises:
            NoSolution: the resolver found that versions do not go together.
            InfrastructureError: anything else that went wrong: no network, no space, a package that does not build.
        """
        from fixtures.processes import start

        number = sum(1 for _ in self.folder.glob("uv-*.log"))
        log = self.folder / f"uv-{number}.log"
        # as options these would stand in the files that are exported
        told = {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON": self.python, "UV_PYTHON_DOWNLOADS": "never"}
        child = start("uv", [*find_uv(), *words], log=log, reaper=self.reaper, cwd=cwd, env=environment() | told)
        try:
            status = child.process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            child.stop(within=2.0)
        if status == 0:
            return
        text = log.read_text(encoding="utf-8", errors="replace")
        what = f"uv {' '.join(words[:2])}"
        if status is None:
            raise InfrastructureError(f"{what} took longer than {LONGEST:g} s", hint="is the package index reachable?")
        if "No solution found" in text and refused(text) is not None:
            raise NoSolution(spoken(text).partition(" hint: ")[0])
        hint = "the words above are uv's own; is the package index reachable?"
        if "interpreter" in text.lower():
            hint = "install a Python that the project admits, or name one: python under [project], in --target FILE"
        raise InfrastructureError(f"{what} failed: {spoken(text)[:SHOWN]}", hint=hint)

    def compile(self, asked: Path, target: Path, *options: str, cwd: Path | None = None) -> None:
        """Resolve a file of requirements into one of pins."""
        fixed = ["--no-header", "--no-annotate", "-q", "--python", self.python]
        self.run(["pip", "compile", str(asked), "-o", str(target), *fixed, *options], cwd or self.folder)

    def install(self, pins: Path, folder: Path, cwd: Path) -> Path:
        """Make an environment of exactly these pins; gives its interpreter."""
        self.run(["venv", "-q", "--clear", "--python", self.python, str(folder)], cwd)
        python = folder / "bin" / "python"
        self.run(["pip", "sync", "-q", "--python", str(python), str(pins)], cwd)
        for place in folder.glob("lib/python*/site-packages"):
            (place / "stackproof_rehearsal.pth").write_text(WRITES_BYTECODE, encoding="ascii")
        return python
